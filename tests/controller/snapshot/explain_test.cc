#include "controller/snapshot/explain.h"

#include "controller/snapshot/snapshot.h"

#include <gmock/gmock.h>

#include <string>

namespace autoscaler {
namespace {

WorkloadSpec checkout() {
  WorkloadSpec spec;
  spec.name = "checkout";
  spec.bounds = {1, 10};
  SignalSpec cpu;
  cpu.name = "cpu";
  cpu.is_utilization = true;
  SignalSpec latency;
  latency.name = "latency";
  latency.kind = SignalSpec::Kind::kHistogram;
  spec.signals = {cpu, latency};
  spec.policies = {{"track-cpu", TrackSpec{}}, {"slow", ThresholdSpec{}}};
  return spec;
}

Proposal track(std::optional<double> cpu, std::optional<int32_t> replicas) {
  Proposal proposal;
  proposal.policy = 0;
  proposal.signal = 0;
  proposal.current = cpu;
  proposal.target = 0.65;
  proposal.replicas = replicas;
  return proposal;
}

Proposal slow(double seconds, std::optional<int32_t> replicas) {
  Proposal proposal;
  proposal.policy = 1;
  proposal.signal = 1;
  proposal.current = seconds;
  proposal.target = 0.5;
  proposal.replicas = replicas;
  if (!replicas) proposal.abstain = AbstainReason::kNoInRule;
  return proposal;
}

Decision decision(int32_t from, int32_t to, Reason reason, std::vector<Proposal> proposals,
                  std::vector<Adjustment> adjustments, std::optional<uint16_t> bound_by = 0) {
  Decision result;
  result.from = from;
  result.to = to;
  result.reason = reason;
  result.bound_by = bound_by;
  result.proposals.assign(proposals.begin(), proposals.end());
  result.adjustments.assign(adjustments.begin(), adjustments.end());
  return result;
}

TEST(ExplainLine, names_who_wanted_it_and_what_moved_it) {
  EXPECT_EQ(explain_line(checkout(), decision(3, 5, Reason::kScaleOut,
                                              {track(0.91, 7), slow(0.2, std::nullopt)},
                                              {{Rule::kRateLimitOut, 7, 5}})),
            "checkout 3 -> 5: track-cpu wants 7 (cpu 91% of target 65%); rate limit 7 -> 5");
}

TEST(ExplainLine, names_the_policy_that_won) {
  EXPECT_EQ(explain_line(checkout(), decision(3, 5, Reason::kScaleOut,
                                              {track(0.6349, 3), slow(0.61234, 5)}, {}, 1)),
            "checkout 3 -> 5: slow wants 5 (latency 0.612 against 0.5)");
}

TEST(ExplainLine, a_hold_has_its_reason) {
  const Decision steady = decision(3, 3, Reason::kOnTarget, {track(0.634, 3)}, {});
  EXPECT_EQ(explain_line(checkout(), steady),
            "checkout holds at 3: on target; track-cpu wants 3 (cpu 63.4% of target 65%)");
  const Decision window =
      decision(5, 5, Reason::kStabilized, {track(0.24, 2)}, {{Rule::kStabilizeIn, 2, 5}});
  EXPECT_EQ(explain_line(checkout(), window),
            "checkout holds at 5: track-cpu wants 2 (cpu 24% of target 65%); scale-in window "
            "2 -> 5");
}

TEST(ExplainLine, a_missing_signal_is_named_with_its_reason) {
  Proposal blind = track(std::nullopt, std::nullopt);
  blind.missing = MissingReason::kTimeout;
  blind.fallback = WhenMissing::Kind::kHold;
  blind.blocks_in = true;
  EXPECT_EQ(explain_line(checkout(), decision(3, 3, Reason::kNoAnswer,
                                              {blind, slow(0.2, std::nullopt)}, {}, std::nullopt)),
            "checkout holds at 3: no policy has an answer; track-cpu abstains (cpu missing: "
            "timeout, whenMissing hold); slow abstains (latency 0.2 against 0.5, no out mark is "
            "past)");
  EXPECT_EQ(explain_line(checkout(), decision(3, 3, Reason::kMissingSignal, {blind, slow(0.2, 2)},
                                              {{Rule::kMissingSignal, 2, 3}}, 1)),
            "checkout holds at 3: no scale-in while a signal is missing; track-cpu abstains (cpu "
            "missing: timeout, whenMissing hold); slow wants 2 (latency 0.2 against 0.5); missing "
            "signal 2 -> 3");
}

TEST(ExplainLine, bounds_and_cooldown) {
  EXPECT_EQ(explain_line(checkout(), decision(12, 10, Reason::kAboveMax, {}, {{Rule::kMax, 12, 10}},
                                              std::nullopt)),
            "checkout 12 -> 10: above max; max 12 -> 10");
  Proposal cooling = slow(0.8, 3);
  cooling.cooling = true;
  EXPECT_EQ(explain_line(checkout(), decision(3, 3, Reason::kCooldown, {cooling}, {}, 1)),
            "checkout holds at 3: cooling down; slow wants 3 (latency 0.8 against 0.5, cooling "
            "down)");
}

TEST(ExplainLine, stays_a_line_with_many_policies) {
  WorkloadSpec spec = checkout();
  std::vector<Proposal> proposals;
  for (uint16_t i = 0; i < 9; ++i) {
    spec.policies.push_back({"p" + std::to_string(i), ThresholdSpec{}});
    Proposal each = slow(0.1, std::nullopt);
    each.policy = static_cast<uint16_t>(2 + i);
    proposals.push_back(each);
  }
  const std::string line =
      explain_line(spec, decision(3, 3, Reason::kNoAnswer, proposals, {}, std::nullopt));
  EXPECT_THAT(line, testing::EndsWith("; 6 more"));
}

TEST(ExplainLine, a_doubtful_signal_says_what_is_wrong_with_it) {
  Decision held =
      decision(6, 6, Reason::kDataQuality, {track(0.2, 3)}, {{Rule::kDataQuality, 3, 6}});
  held.signals.resize(2);
  held.signals[0].expected = 10;
  held.signals[0].reporting = 5;
  held.signals[0].doubt = Doubt::kCoverage;
  held.signals[1].completeness = 0.4;
  held.signals[1].doubt = Doubt::kIncomplete;
  EXPECT_EQ(explain_line(checkout(), held),
            "checkout holds at 6: no scale-in on a doubtful signal; cpu reported by 5 of 10; "
            "latency has 40% of its window; track-cpu wants 3 (cpu 20% of target 65%); "
            "data quality 3 -> 6");
}

TEST(ExplainLine, hpa_metrics_speak_in_their_own_units) {
  WorkloadSpec spec;
  spec.name = "checkout";
  spec.hpa = HpaFlags{};
  SignalSpec qps;
  qps.name = "qps";
  qps.kind = SignalSpec::Kind::kQuantity;
  spec.signals = {qps};
  HpaMetricSpec metric;
  metric.source = HpaMetricSpec::Source::kPods;
  metric.target_kind = HpaMetricSpec::Target::kAverageValue;
  spec.policies = {{"pods-qps", metric}};
  Proposal proposal = track(20.5, 5);
  proposal.target = 2000;
  EXPECT_EQ(explain_proposal(spec, proposal), "pods-qps wants 5 (qps 20500m of target 2k)");
}

TEST(ExplainLines, say_what_was_looked_at_and_what_binds) {
  WorkloadSpec spec;
  spec.name = "shop";
  for (const char* name : {"rps", "queue", "gone"}) {
    SignalSpec signal;
    signal.name = name;
    spec.signals.push_back(signal);
  }
  FormulaSpec formula{"rps / 120 + queue / 50",
                      {{FormulaOp::Code::kSignal, 0, 0},
                       {FormulaOp::Code::kSignal, 0, 1},
                       {FormulaOp::Code::kSignal, 0, 2}}};
  spec.policies = {{"formula-1", formula}, {"track", TrackSpec{}, 0}};
  spec.groups = {{"busy"}};
  Proposal wants;
  wants.current = 13.2;
  wants.replicas = 14;
  Proposal bursting;
  bursting.policy = 1;
  bursting.signal = 0;
  bursting.current = 600;
  bursting.target = 120;
  bursting.replicas = bursting.burst = 9;
  Decision made =
      decision(8, 13, Reason::kScaleOut, {wants, bursting}, {{Rule::kRateLimitOut, 14, 13, 14}});
  made.signals = {{.value = 600}, {.value = 40}, {.missing = MissingReason::kTimeout}};
  EXPECT_THAT(explain_lines(spec, made),
              testing::ElementsAre(
                  "shop 8 -> 13: formula-1 wants 14 (rps / 120 + queue / 50 is 13.2); "
                  "rate limit 14 -> 13",
                  "  reason      scale_out",
                  "  policy      formula-1 wants 14 (rps / 120 + queue / 50 is 13.2)",
                  "    inputs    rps 600, queue 40, gone missing: timeout",
                  "  policy      track wants 9 (rps 600 of target 120, a burst wants 9)",
                  "  group       busy wants 9 (track)", "  adjustment  rate limit 14 -> 13",
                  "  binding     rate limit: 14 without it"));
}

TEST(ExplainLines, a_group_that_does_not_agree_is_not_on_target) {
  WorkloadSpec spec = checkout();
  spec.policies[0].group = spec.policies[1].group = 0;
  spec.groups = {{"busy"}};
  Decision made = decision(8, 8, Reason::kOnTarget, {track(0.9, 12), slow(0.4, 8)}, {}, 0);
  made.combined = 8;
  EXPECT_THAT(explain_line(spec, made), testing::HasSubstr("8: a group does not agree; track-cpu"));
  made.proposals[0].replicas = 8;
  EXPECT_THAT(explain_line(spec, made), testing::HasSubstr("8: on target; track-cpu"));
}

TEST(ExplainLines, a_value_of_some_instances_says_of_how_many) {
  const WorkloadSpec spec = checkout();
  Decision made = decision(10, 14, Reason::kScaleOut, {track(0.9, 14)}, {});
  made.signals = {{.value = 0.9, .expected = 10, .reporting = 6}, {.value = 0.4}};
  EXPECT_THAT(explain_lines(spec, made), testing::Contains("    inputs    cpu 90% by 6 of 10"));
  made.signals[0].reporting = 10;
  EXPECT_THAT(explain_lines(spec, made),
              testing::Not(testing::Contains(testing::HasSubstr("inputs"))));
}

TEST(ExplainAdjustment, every_rule_has_words) {
  for (int i = 0; i < kRuleCount; ++i) {
    const std::string text = explain_adjustment(checkout(), {static_cast<Rule>(i), 7, 5});
    EXPECT_THAT(text, testing::EndsWith(" 7 -> 5"));
    EXPECT_GT(text.size(), std::string(" 7 -> 5").size());
  }
}

TEST(ExplainLine, a_learned_target_and_its_absence) {
  WorkloadSpec spec = checkout();
  spec.signals[0].is_utilization = false;
  spec.signals[0].name = "rps";
  TrackSpec learned;
  learned.kind = TrackSpec::Target::kLearned;
  spec.policies[0] = {"track-rps", learned};
  Proposal proposal = track(737, 10);
  proposal.target = 81.48;
  EXPECT_EQ(explain_proposal(spec, proposal),
            "track-rps wants 10 (rps 737 of learned target 81.48)");
  proposal = track(737, std::nullopt);
  proposal.target.reset();
  const std::pair<AbstainReason, const char*> table[] = {
      {AbstainReason::kTooFewSamples, "what an instance carries is not learned yet"},
      {AbstainReason::kLatencyFlat, "latency does not rise with load"},
      {AbstainReason::kSloNotMet, "the SLO is not met at any load"},
  };
  for (const auto& [reason, words] : table) {
    proposal.abstain = reason;
    EXPECT_EQ(explain_proposal(spec, proposal),
              std::string("track-rps abstains (rps 737, ") + words + ")");
  }
}

TEST(ExplainCapacity, says_what_is_known_how_and_how_surely) {
  Capacity capacity{CapacityEvidence::kKnee, 84.123, 92.4, 80.2, 320};
  EXPECT_EQ(
      explain_capacity("rps", capacity),
      "an instance carries 84.12 of rps within the SLO (seen, 91% sure; the SLO was met up to "
      "80.2; 320 samples)");
  capacity.evidence = CapacityEvidence::kFitLimited;
  EXPECT_EQ(explain_capacity("rps", capacity),
            "an instance carries 84.12 of rps within the SLO (drawn on as far as is allowed, 91% "
            "sure; the SLO was met up to 80.2; 320 samples)");
}

TEST(ExplainCapacity, says_why_nothing_is_known) {
  Capacity capacity{CapacityEvidence::kLatencyFlat, {}, {}, 40, 200};
  EXPECT_EQ(explain_capacity("rps", capacity),
            "what an instance carries of rps is unknown: latency does not rise with load; the SLO "
            "was met up to 40 (200 samples)");
  capacity = {CapacityEvidence::kSloNotMet, {}, {}, {}, 200};
  EXPECT_EQ(explain_capacity("rps", capacity),
            "what an instance carries of rps is unknown: the SLO is not met at any load that was "
            "seen (200 samples)");
  EXPECT_EQ(explain_capacity("rps", Capacity{}),
            "what an instance carries of rps is not learned yet (0 samples)");
}

}  // namespace
}  // namespace autoscaler
