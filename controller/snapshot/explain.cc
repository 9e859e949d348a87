#include "controller/snapshot/explain.h"

#include "controller/config/units.h"
#include "controller/snapshot/conditions.h"
#include "controller/snapshot/snapshot.h"
#include "metrics/quantity.h"
#include "policies/groups.h"
#include "policies/inputs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iterator>

namespace autoscaler {
namespace {

// For reading, not for calculating: three digits that matter, whole numbers whole.
std::string number(double value) {
  std::array<char, 64> text{};
  const double size = std::abs(value);
  const char* format = size >= 100 ? "%.0f" : size >= 1 ? "%.2f" : "%.3g";
  std::snprintf(text.data(), text.size(), format, value);
  std::string result = text.data();
  if (size >= 1 && size < 100) {
    while (result.back() == '0') result.pop_back();
    if (result.back() == '.') result.pop_back();
  }
  return result;
}

std::string of_signal(const SignalSpec& signal, double value) {
  return signal.is_utilization ? number(value * 100) + "%" : number(value);
}

std::string in_unit(const WorkloadSpec& spec, const Proposal& proposal, double value) {
  const PolicySpec& policy = spec.policies[proposal.policy];
  if (const auto* metric = std::get_if<HpaMetricSpec>(&policy.rule)) {
    if (metric->target_kind == HpaMetricSpec::Target::kUtilization) return number(value) + "%";
    return format_milli_quantity(std::llround(value * 1000));
  }
  return proposal.signal ? of_signal(spec.signals[*proposal.signal], value) : number(value);
}

const char* fallback_name(WhenMissing::Kind kind) {
  switch (kind) {
    case WhenMissing::Kind::kHold: return "hold";
    case WhenMissing::Kind::kIgnore: return "ignore";
    case WhenMissing::Kind::kLast: return "last";
    case WhenMissing::Kind::kFloor: return "floor";
    case WhenMissing::Kind::kSize: return "size";
    case WhenMissing::Kind::kTowardsMax: return "towardsMax";
  }
  return "hold";
}

// Why a policy that has all its signals says nothing.
const char* silence(std::optional<AbstainReason> reason) {
  switch (reason.value_or(AbstainReason::kHeld)) {
    case AbstainReason::kNoInRule: return "no out mark is past";
    case AbstainReason::kTooFewSamples: return "what an instance carries is not learned yet";
    case AbstainReason::kLatencyFlat: return "latency does not rise with load";
    case AbstainReason::kSloNotMet: return "the SLO is not met at any load";
    case AbstainReason::kForecastOnly: return "forecast only";
    case AbstainReason::kForecastStale: return "there is no fresh forecast";
    case AbstainReason::kGateLearning: return "its forecasts were not held against a whole day yet";
    case AbstainReason::kGateWorseThanNaive:
      return "stands aside: its forecasts are no better than the newest minute";
    case AbstainReason::kGateUncalibrated: return "stands aside: its 95th percentile is none";
    default: return "";
  }
}

const char* held_against(const PolicySpec& policy) {
  if (std::holds_alternative<ThresholdSpec>(policy.rule) ||
      std::holds_alternative<StepSpec>(policy.rule)) {
    return " against ";
  }
  if (std::holds_alternative<PredictSpec>(policy.rule)) return " now, at ";
  const auto* track = std::get_if<TrackSpec>(&policy.rule);
  const bool learned = track != nullptr && track->kind == TrackSpec::Target::kLearned;
  return learned ? " of learned target " : " of target ";
}

// "cpu 91% of target 65%", "latency 0.61 against 0.5", "cpu missing: timeout, whenMissing hold".
std::string evidence(const WorkloadSpec& spec, const Proposal& proposal) {
  std::string text;
  const PolicyRule& rule = spec.policies[proposal.policy].rule;
  const auto* formula = std::get_if<FormulaSpec>(&rule);
  const std::string signal = proposal.signal ? spec.signals[*proposal.signal].name
                             : formula       ? formula->text
                                             : "signal";
  if (proposal.current) {
    text = signal + (formula ? " is " : " ") + in_unit(spec, proposal, *proposal.current);
    if (proposal.target) {
      text +=
          held_against(spec.policies[proposal.policy]) + in_unit(spec, proposal, *proposal.target);
      if (std::holds_alternative<PredictSpec>(rule)) text += " each";
    }
  }
  if (proposal.missing) {
    text += (text.empty() ? signal + " missing: " : ", a signal is missing: ") +
            std::string(missing_reason_name(*proposal.missing));
    if (proposal.fallback)
      text += std::string(", whenMissing ") + fallback_name(*proposal.fallback);
  } else if (!proposal.replicas && proposal.abstain == AbstainReason::kNoTraffic) {
    text += signal + " has no traffic";
  } else if (!proposal.replicas && proposal.abstain == AbstainReason::kOutsideWindow) {
    text += "outside its window";
  } else if (!proposal.replicas && proposal.abstain == AbstainReason::kBoundsOnly) {
    text += "its window is open, and sets bounds alone";
  } else if (!proposal.replicas && proposal.abstain == AbstainReason::kNoInRule) {
    text += (text.empty() ? "" : ", ") + std::string("no out mark is past");
  } else if (!proposal.replicas) {
    text += (text.empty() ? "" : ", ") + std::string(silence(proposal.abstain));
  }
  if (proposal.burst) {
    text += (text.empty() ? "" : ", ") + std::string("a burst wants ") +
            std::to_string(*proposal.burst);
  }
  if (proposal.forecast) {
    text += proposal.plain ? ", the newest minute is worth " : ", the forecast is worth ";
    text += std::to_string(*proposal.forecast);
    if (proposal.keep) text += ", and " + std::to_string(*proposal.keep) + " to keep";
  }
  if (proposal.cooling) text += (text.empty() ? "" : ", ") + std::string("cooling down");
  return text;
}

// "cpu reported by 5 of 10", "rps 40% of its window".
std::string explain_doubt(const SignalSpec& spec, const SignalValue& value) {
  switch (*value.doubt) {
    case Doubt::kCoverage:
      return spec.name + " reported by " + std::to_string(value.reporting) + " of " +
             std::to_string(value.expected);
    case Doubt::kStandsStill: return spec.name + " stands still";
    case Doubt::kRestarted: return spec.name + " began again within its window";
    case Doubt::kIncomplete:
      return spec.name + " has " + number(value.completeness.value_or(0) * 100) + "% of its window";
  }
  return spec.name;
}

const char* rule_words(Rule rule) {
  static constexpr const char* kWords[] = {"missing signal",
                                           "scale-out window",
                                           "scale-in window",
                                           "forecast keeps",
                                           "burst",
                                           "rate limit",
                                           "rate limit",
                                           "cooldown",
                                           "cooldown",
                                           "data quality",
                                           "fresh start",
                                           "no journal",
                                           "warm-up",
                                           "bad deploy suspected",
                                           "scaling out does not help",
                                           "errors",
                                           "guard signal",
                                           "flap budget",
                                           "surge",
                                           "ordered size",
                                           "min",
                                           "min",
                                           "max",
                                           "max",
                                           "paused"};
  static_assert(std::size(kWords) == kRuleCount);
  return kWords[static_cast<size_t>(rule)];
}

// A policy of a group wants another size than the group does.
bool is_outvoted(const WorkloadSpec& spec, const Decision& decision) {
  return decision.bound_by && spec.policies[*decision.bound_by].group &&
         decision.proposals[*decision.bound_by].replicas != decision.combined;
}

// What the numbers that follow do not say by themselves.
const char* opening(const WorkloadSpec& spec, const Decision& decision) {
  switch (decision.reason) {
    case Reason::kOnTarget:
      return is_outvoted(spec, decision) ? "a group does not agree" : "on target";
    case Reason::kNoAnswer: return "no policy has an answer";
    case Reason::kBelowMin: return "below min";
    case Reason::kAboveMax: return "above max";
    case Reason::kDisabled:
      return "size 0 switches scaling off, unless min is 0 and it went there itself";
    case Reason::kScheduled: return "as scheduled";
    case Reason::kSizeOrder: return "ordered by an operator";
    case Reason::kPaused: return "paused";
    case Reason::kCooldown: return "cooling down";
    case Reason::kMissingSignal: return "no scale-in while a signal is missing";
    case Reason::kDataQuality: return "no scale-in on a doubtful signal";
    case Reason::kForecastHold: return "needed again soon";
    case Reason::kBurst: return "no scale-in while a burst lasts";
    default: return "";
  }
}

// Not all of them speak: those that do speak for the others.
bool is_partial(const SignalValue& value) {
  return value.value && value.reporting < value.expected;
}

// "rps 600, queue missing: timeout": what a policy of several signals looked at; "cpu 91% by 6 of
// 10": of one, where some instances are silent.
std::string inputs(const WorkloadSpec& spec, const Decision& decision, const Proposal& proposal) {
  const SignalIndices read = signals_of(spec.policies[proposal.policy].rule);
  std::string text;
  const bool tells_more = std::any_of(read.begin(), read.end(), [&](uint16_t index) {
    return index < decision.signals.size() && is_partial(decision.signals[index]);
  });
  if (read.size() < 2 && !tells_more) return text;
  for (const uint16_t index : read) {
    if (index >= decision.signals.size()) continue;
    const SignalValue& value = decision.signals[index];
    text += (text.empty() ? "" : ", ") + spec.signals[index].name;
    if (value.value)
      text += " " + of_signal(spec.signals[index], *value.value);
    else if (value.missing)
      text += std::string(" missing: ") + missing_reason_name(*value.missing);
    else
      text += " has no traffic";
    if (is_partial(value)) {
      text += " by " + std::to_string(value.reporting) + " of " + std::to_string(value.expected);
    }
  }
  return text;
}

// The policy whose number won, and those that keep it from going further in.
bool is_telling(const Decision& decision, const Proposal& proposal) {
  if (!decision.bound_by || *decision.bound_by == proposal.policy) return true;
  return proposal.blocks_in && decision.reason == Reason::kMissingSignal;
}

}  // namespace

std::string explain_proposal(const WorkloadSpec& spec, const Proposal& proposal) {
  std::string text = spec.policies[proposal.policy].name;
  text += proposal.replicas ? " wants " + std::to_string(*proposal.replicas) : " abstains";
  const std::string why = evidence(spec, proposal);
  return why.empty() ? text : text + " (" + why + ")";
}

std::string explain_adjustment(const WorkloadSpec& spec, const Adjustment& adjustment) {
  const std::string whose = adjustment.policy ? spec.policies[*adjustment.policy].name + " " : "";
  return whose + rule_words(adjustment.rule) + " " + std::to_string(adjustment.before) + " -> " +
         std::to_string(adjustment.after);
}

std::string explain_capacity(const std::string& signal, const Capacity& capacity) {
  const std::string samples = std::to_string(capacity.samples) + " samples";
  const std::string safe =
      capacity.safe_to ? "the SLO was met up to " + number(*capacity.safe_to) : "";
  if (!capacity.per_instance) {
    switch (capacity.evidence) {
      case CapacityEvidence::kLatencyFlat:
        return "what an instance carries of " + signal +
               " is unknown: latency does not rise with " + "load; " + safe + " (" + samples + ")";
      case CapacityEvidence::kSloNotMet:
        return "what an instance carries of " + signal + " is unknown: the SLO is not met at any " +
               "load that was seen (" + samples + ")";
      default:
        return "what an instance carries of " + signal + " is not learned yet (" + samples + ")";
    }
  }
  static constexpr const char* kHow[] = {
      "", "", "", "seen", "drawn on", "drawn on as far as is allowed", "tried after a deploy"};
  static_assert(std::size(kHow) == kCapacityEvidenceCount);
  std::string text = "an instance carries " + number(*capacity.per_instance) + " of " + signal +
                     " within the SLO (" + kHow[static_cast<size_t>(capacity.evidence)] + ", " +
                     number(std::round(100 * confidence(capacity))) + "% sure";
  if (!safe.empty()) text += "; " + safe;
  return text + "; " + samples + ")";
}

std::string explain_prediction(const WorkloadSpec& spec, const Prediction& prediction) {
  const PolicySpec& policy = spec.policies[prediction.policy];
  const auto& predict = std::get<PredictSpec>(policy.rule);
  std::string text = policy.name + ": ";
  if (prediction.lead_highest) {
    const QuantileValues& highest = *prediction.lead_highest;
    text += spec.signals[predict.signal].name + " within " + format_duration(prediction.lead) +
            ": " + number(highest[0]) + " (P50), " + number(highest[3]) + " (P95), " +
            number(highest[5]) + " (P99)";
  } else {
    text += "no forecast";
  }
  if (prediction.at) text += ", as of " + format_instant(*prediction.at);
  text += std::string("; gate ") + gate_name(prediction.gate) + " (";
  if (prediction.loss_ratio) {
    text += number(*prediction.loss_ratio) + " of the loss of the newest minute, ";
  }
  if (prediction.coverage) text += "P95 covered " + number(100 * *prediction.coverage) + "%, ";
  text += "over " + std::to_string(prediction.judged) + " forecasts); price " +
          number(prediction.price);
  if (prediction.headroom > 1)
    text += ", headroom " + number(100 * prediction.headroom - 100) + "%";
  if (prediction.outage_suspected) text += "; an outage is suspected";
  return text;
}

std::string explain_budget(const BudgetSpending& budget) {
  return std::string("error budget: ") + number(100 * budget.left) +
         "% left of two weeks, burnt at " + number(budget.burn_rate) +
         " times its rate in the last hour; a violating minute costs " + number(budget.price) +
         (budget.frozen ? ", which stands still" : "");
}

std::string explain_line(const WorkloadSpec& spec, const Decision& decision) {
  // More would not be a line; `explain` and the API have them all.
  constexpr size_t kMostProposals = 3;
  std::string line = spec.name;
  line += decision.to == decision.from
              ? " holds at " + std::to_string(decision.from)
              : " " + std::to_string(decision.from) + " -> " + std::to_string(decision.to);
  if (decision.reason == Reason::kStopping) return line + ": told to stop";
  const char* separator = ": ";
  const auto add = [&](const std::string& part) {
    if (part.empty()) return;
    line += separator + part;
    separator = "; ";
  };
  add(opening(spec, decision));
  if (decision.reason == Reason::kDataQuality) {
    for (size_t i = 0; i < decision.signals.size(); ++i) {
      if (decision.signals[i].doubt) add(explain_doubt(spec.signals[i], decision.signals[i]));
    }
  }
  size_t telling = 0;
  for (const Proposal& proposal : decision.proposals) {
    if (!is_telling(decision, proposal)) continue;
    if (++telling <= kMostProposals) add(explain_proposal(spec, proposal));
  }
  if (telling > kMostProposals) add(std::to_string(telling - kMostProposals) + " more");
  for (const Adjustment& adjustment : decision.adjustments) {
    add(explain_adjustment(spec, adjustment));
  }
  return line;
}

std::vector<std::string> explain_lines(const WorkloadSpec& spec, const Decision& decision) {
  std::vector<std::string> lines{explain_line(spec, decision)};
  lines.push_back("  reason      " + std::string(reason_name(decision.reason)));
  for (const Proposal& each : decision.proposals) {
    lines.push_back("  policy      " + explain_proposal(spec, each));
    const std::string read = inputs(spec, decision, each);
    if (!read.empty()) lines.push_back("    inputs    " + read);
  }
  for (size_t group = 0; group < spec.groups.size(); ++group) {
    const auto answer = group_answer(spec, group, decision);
    lines.push_back("  group       " + spec.groups[group].name +
                    (answer ? " wants " + std::to_string(answer->replicas) + " (" +
                                  spec.policies[answer->policy].name + ")"
                            : " has no answer"));
  }
  for (const Adjustment& each : decision.adjustments) {
    lines.push_back("  adjustment  " + explain_adjustment(spec, each));
  }
  if (!decision.adjustments.empty() && decision.adjustments.back().without) {
    const Adjustment& last = decision.adjustments.back();
    lines.push_back("  binding     " + std::string(rule_words(last.rule)) + ": " +
                    std::to_string(*last.without) + " without it");
  }
  for (const Condition& each : conditions_of(spec, decision)) {
    lines.push_back("  condition   " + each.type + (each.status ? "=True " : "=False ") +
                    each.reason + ": " + each.message);
  }
  return lines;
}

}  // namespace autoscaler
