"""Each safety check of looking ahead, broken on purpose: the test named beside it must then fail.

(name, file, what stands there, what stands there in the mutant, target, cases); see mutants.py.
"""

PREDICT = ("predict_test", "{build}/tests/policies/predict/predict_test --gtest_filter=")
LOOP = ("loop_test", "{build}/tests/controller/loop/loop_test --gtest_filter=")
BACKTEST = ("backtest_test", "{build}/tests/controller/backtest/backtest_test --gtest_filter=")
REHEARSAL = ("rehearsal_test", "{build}/tests/controller/backtest/rehearsal_test --gtest_filter=")
FORECAST = ("forecast_test", "{build}/tests/policies/forecast/forecast_test --gtest_filter=")
SCENARIOS = ("scenarios_test", "{build}/tests/scenarios/scenarios_test --gtest_filter=")
CONFIG = ("config_test", "{build}/tests/controller/config/config_test --gtest_filter=")

POLICY = "policies/predict/predict_policy.cc"
RECORD = "policies/predict/track_record.cc"
DEMAND = "controller/demand_learning.cc"
BUDGET = "controller/budget_learning.cc"

RULES = [
    ("the quantiles of a load of hours are where they began", "policies/forecast/conformal.cc", "kFirstHaste = 3;", "kFirstHaste = 1;", FORECAST, "ConformalQuantiles.*"),
    ("quantiles run after every run of misses for ever", "policies/forecast/conformal.cc", "  ++learned_;\n", "", FORECAST, "ConformalQuantiles.*"),
    ("of a far horizon the even minutes teach alone", "policies/forecast/horizon.h", "return (minute + minute / 60) % every() == 0;", "return minute % every() == 0;", FORECAST, "Forecaster.AJob*"),
    ("a budget's next quarter comes before the last is judged", "controller/config/budget_expansion.cc", "kCooldown(3);", "kCooldown(2);", SCENARIOS, "Budget.against*"),
    ("a forecast acts with its gate shut", POLICY, ": shut(prediction->gate);", ": shut(Gate::kOpen);", PREDICT, "PredictPolicy.StandsAside*"),
    ("the newest minute stands in where no budget is to be held", POLICY, "return spec.slo && spec.slo->budget && !predict.price;", "return spec.slo || !predict.price;", PREDICT, "PredictPolicy.WithABudget*"),
    ("a forecast that was never judged acts", RECORD, "  if (judged() < kLeastJudged) return Gate::kLearning;", "", PREDICT, "TrackRecord.Opens*"),
    ("a forecast need not be better than the newest minute", RECORD, "constexpr double kBetter = 0.97;", "constexpr double kBetter = 1e9;", PREDICT, "TrackRecord.ThatMisses*"),
    ("a percentile may be of anything", RECORD, "constexpr double kMiscovers = 0.02;", "constexpr double kMiscovers = 2;", PREDICT, "TrackRecord.ThatCovers*"),
    ("what is not known is held against a forecast", RECORD, "if (each.minute != minute || each.load < 0) return std::nullopt;", "if (each.minute != minute) return std::nullopt;", PREDICT, "TrackRecord.WhatIsNotKnown*"),
    ("a record is for ever", RECORD, "    if (part.part + kParts <= minute_ / kMinutesAPart) continue;\n", "", PREDICT, "TrackRecord.AGap*"),
    ("a record outlives the lead that it was made for", "policies/predict/lookahead.cc", "  record.look_ahead(forecaster.lead_steps());", "", PREDICT, "Lookahead.AnotherLead*"),
    ("one low sample is no outage until its minute is over", "policies/predict/lookahead.cc", "  prediction.outage_suspected = ahead.outage_suspected();\n", "", PREDICT, "Lookahead.FollowsTheMinute*"),
    ("a minute under way is judged", "policies/forecast/forecaster.cc", "  Forecaster ahead = *this;\n", "  Forecaster& ahead = const_cast<Forecaster&>(*this);\n", FORECAST, "Forecaster.AMinuteUnderWay*"),
    ("a wish has no end", POLICY, "constexpr double kPeakReach = 1.25;", "constexpr double kPeakReach = 12500;", PREDICT, "PredictPolicy.ItsWishEnds*"),
    ("a wish may be past the maximum", POLICY, "std::max(1, scene.spec.bounds.max)", "1'000'000", PREDICT, "PredictPolicy.ItsWishEnds*"),
    ("a capacity in doubt is believed whole", POLICY, "trusted = *rate.per_instance / prediction->headroom;", "trusted = *rate.per_instance;", PREDICT, "PredictPolicy.OnceNoPrice*"),
    ("any violation is a doubt about the capacity", "policies/predict/error_budget.cc", "  if (!(share < state_.trusted)) return;\n", "", PREDICT, "ErrorBudget.AViolation*"),
    ("what the measured load needs is taken away", POLICY, "std::max(needed, worth(", "std::max(std::min(needed, 0), worth(", PREDICT, "PredictPolicy.InFullItTakes*"),
    ("what violated is trusted", "policies/predict/error_budget.cc", "(kFill * share - state_.trusted)", "(share - state_.trusted)", PREDICT, "ErrorBudget.AViolation*"),
    ("raising only it scales in alone", "policies/combine.cc", "    if (proposal.only_raises && *proposal.replicas < decision.from) continue;\n", "", PREDICT, "PredictPolicy.RaisingOnly*"),
    ("raising only it is no floor under what others take away", "policies/combine.cc", "    if (largest.found && proposal.only_raises && proposal.replicas) {", "    if (largest.found && proposal.only_raises && proposal.burst) {", PREDICT, "PredictPolicy.RaisingOnly*"),
    ("an old forecast is a forecast", POLICY, "  return now - *prediction.at > std::max(kStale, 2 * prediction.lead);", "  return now < *prediction.at;", PREDICT, "PredictPolicy.AnOld*"),
    ("what is needed again soon is let go", POLICY, "  move(decision, Rule::kForecastHold, std::min(keep, decision.from));", "  if (keep < 0) move(decision, Rule::kForecastHold, std::min(keep, decision.from));", PREDICT, "PredictPolicy.InFullItKeeps*"),
    ("a load that fell away at once is believed", POLICY, "prediction->outage_suspected ? std::max(keep, scene.workload.size) : keep;", "keep;", PREDICT, "PredictPolicy.ALoadThatFalls*"),
    ("a forecast brakes nothing, and no window does", "policies/stabilize.cc", "if (size - lately >= large) return lately;", "if (size - lately >= large) return wanted;", PREDICT, "PredictPolicy.ItsHold*"),
    ("a small reduction is made at once", "policies/stabilize.cc", "  return pick_within(runs, kForecastWindow, now, wanted, kHigher);", "  return wanted;", PREDICT, "PredictPolicy.ASmall*"),
    ("the bench looks ahead from another sample than the loop", "controller/backtest/predictive.cc", "const size_t late = kDelayTicks + 1;", "const size_t late = kDelayTicks + 2;", BACKTEST, "Policies/Verify*"),
    ("one that stands aside still blocks by its signal", "policies/quality.cc", "    if (aside) continue;\n", "    if (aside && policies.empty()) continue;\n", PREDICT, "PredictPolicy.StandingAside*"),
    ("a bad deploy moves the price", BUDGET, "!forecasts_act(tick) || tick.decision.suspicion || is_pinned(tick, spec, now);", "!forecasts_act(tick) || is_pinned(tick, spec, now);", LOOP, "ForecastingLoop.ABadDeploy*"),
    ("a price moves by what nobody bought", BUDGET, "!forecasts_act(tick) || tick.decision.suspicion", "(forecasts_act(tick) && tick.workload.size < 0) || tick.decision.suspicion", LOOP, "ForecastingLoop.ViolationsMove*"),
    ("a price winds up at the maximum", BUDGET, "const bool bought_out = at_max_ && violated > 0;", "const bool bought_out = false;", LOOP, "ForecastingLoop.AtTheMaximum*"),
    ("a reading in doubt is a load", DEMAND, "!signals[index].missing && !signals[index].doubt;", "!signals[index].missing;", LOOP, "ForecastingLoop.ADoubtful*"),
    ("a shorter past takes the place of what was seen", DEMAND, "if (learned.record.judged() > each.lookahead.record.judged()) each.lookahead = learned;", "each.lookahead = learned;", LOOP, "WarmStartOfALoop.WhatWasSeen*"),
    ("a sick server is not asked again", "controller/warm_start.cc", "    return !sick;", "    return sick || !sick;", LOOP, "WarmStart.ASick*"),
    ("a gap in a rehearsed load is scored", "controller/backtest/load_cells.cc", "cell.begins >= scored_from && recorded", "cell.begins >= scored_from && (recorded || !recorded)", REHEARSAL, "SameWorld.EveryCell*"),
    ("a price is told of a budget that nobody spends", "controller/backtest/budget_variants.cc", "return predict != nullptr && !predict->price &&", "return predict != nullptr && predict->price.value_or(1) > 0 &&", REHEARSAL, "Price.*"),
    ("a floor agrees with others in a group", "controller/config/groups_section.cc", "if (std::holds_alternative<PredictSpec>(", "if (std::holds_alternative<HpaMetricSpec>(", CONFIG, "PredictConfig.Learned*"),
    ("a forecast alone is not warned of", "controller/config/lint_predict.cc", "    if (alone) {", "    if (!alone) {", CONFIG, "PredictConfig.Alone*"),
]

PREDICT_MUTANTS = [(name, file, before, after, target, command + cases) for name, file, before, after, (target, command), cases in RULES]
