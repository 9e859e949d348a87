#include "policies/evaluate.h"

#include "policies/cooldown.h"
#include "tests/policies/scene_builder.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using namespace testing;
using Life = Lifecycle;
using Target = TrackSpec::Target;

// Wants `value` instances: a total with a target of 1 each, without a dead band.
TrackSpec wants(size_t signal = 0) {
  TrackSpec spec = track(1, Target::kPerInstance, signal);
  spec.tolerance_out = spec.tolerance_in = 0;
  return spec;
}

Decision decide(const WorkloadSpec& spec, const Workload& workload, double wanted,
                const Recent& recent = {}) {
  return evaluate(spec, workload, {for_service(wanted)}, recent, kStart);
}

WorkloadSpec three_policies() {
  WorkloadSpec spec = spec_of(wants(0));
  spec.signals = {signal_spec("a"), signal_spec("b"), signal_spec("c")};
  spec.policies = {{"first", wants(0)}, {"second", wants(1)}, {"third", wants(2)}};
  return spec;
}

TEST(Evaluate, TheLargestProposalWins) {
  const auto decision = evaluate(three_policies(), workload_of(4),
                                 {for_service(3), for_service(7), for_service(5)}, {}, kStart);
  EXPECT_EQ(decision.to, 7);
  EXPECT_EQ(decision.bound_by, 1);
  EXPECT_EQ(decision.reason, Reason::kScaleOut);
}

TEST(Evaluate, TiesGoToTheFirstByNameWhateverTheOrder) {
  auto spec = three_policies();
  const Signals all = {for_service(7), for_service(7), for_service(7)};
  EXPECT_EQ(spec.policies[*evaluate(spec, workload_of(4), all, {}, kStart).bound_by].name, "first");
  std::swap(spec.policies[0], spec.policies[2]);
  EXPECT_EQ(spec.policies[*evaluate(spec, workload_of(4), all, {}, kStart).bound_by].name, "first");
}

TEST(Evaluate, AMissingSignalBlocksScaleInByTheOthers) {
  const Signals signals = {for_service(missing()), for_service(2), for_service(1)};
  const auto decision = evaluate(three_policies(), workload_of(4), signals, {}, kStart);
  EXPECT_EQ(decision.to, 4);
  EXPECT_EQ(decision.reason, Reason::kMissingSignal);
  EXPECT_EQ(decision.combined, 4);
  EXPECT_EQ(decision.adjustments.at(0).rule, Rule::kMissingSignal);
  EXPECT_EQ(decision.signals.at(0).missing, MissingReason::kTimeout);
}

TEST(Evaluate, AMissingSignalDoesNotHoldScaleOutByTheOthers) {
  const Signals signals = {for_service(missing()), for_service(2), for_service(6)};
  EXPECT_EQ(evaluate(three_policies(), workload_of(4), signals, {}, kStart).to, 6);
}

TEST(Evaluate, EverySignalMissingHoldsAndSaysSo) {
  const Signals signals = {for_service(missing()), for_service(missing()), for_service(missing())};
  const auto decision = evaluate(three_policies(), workload_of(4), signals, {}, kStart);
  EXPECT_EQ(decision.to, 4);
  EXPECT_EQ(decision.reason, Reason::kNoAnswer);
  EXPECT_FALSE(decision.bound_by);
  EXPECT_EQ(decision.proposals.at(0).abstain, AbstainReason::kHeld);
}

TEST(Evaluate, BoundsHoldAtOnceWithEverySignalMissing) {
  auto spec = three_policies();
  spec.behavior = Behavior{};
  spec.cooldown_in = spec.cooldown_out = 1h;
  const Signals signals = {for_service(missing()), for_service(missing()), for_service(missing())};
  Recent recent = first_sight(spec, 9, kStart);
  recent.last_in = recent.last_out = kStart;
  Workload workload = workload_of(9, 1, Life::kLaunching);
  workload.journal_writable = false;
  spec.bounds = {1, 5};
  const auto above = evaluate(spec, workload, signals, recent, kStart);
  EXPECT_EQ(above.to, 5);
  EXPECT_EQ(above.reason, Reason::kAboveMax);
  spec.bounds = {40, 50};
  const auto below = evaluate(spec, workload, signals, recent, kStart);
  EXPECT_EQ(below.to, 40);
  EXPECT_EQ(below.reason, Reason::kBelowMin);
}

TEST(Evaluate, AnEmptySpecHolds) {
  WorkloadSpec spec;
  spec.bounds = {0, 10};
  const auto decision = evaluate(spec, workload_of(4), {}, {}, kStart);
  EXPECT_EQ(decision.to, 4);
  EXPECT_EQ(decision.reason, Reason::kNoAnswer);
}

struct HeldCase {
  const char* name;
  Reason reason;
  Rule rule;
  int32_t wanted;
  void (*arrange)(WorkloadSpec&, Workload&, Recent&);
};

void PrintTo(const HeldCase& test, std::ostream* out) {
  *out << test.name;
}

class EvaluateHolds : public ::testing::TestWithParam<HeldCase> {};

TEST_P(EvaluateHolds, AndSaysWhy) {
  const HeldCase& c = GetParam();
  WorkloadSpec spec = spec_of(wants());
  Workload workload = workload_of(4);
  Recent recent;
  c.arrange(spec, workload, recent);
  const auto decision = decide(spec, workload, c.wanted, recent);
  EXPECT_EQ(decision.to, 4);
  EXPECT_EQ(decision.reason, c.reason);
  ASSERT_FALSE(decision.adjustments.empty());
  EXPECT_EQ(decision.adjustments.back().rule, c.rule);
  EXPECT_EQ(decision.adjustments.back().after, 4);
  EXPECT_EQ(decision.combined, c.wanted) << "what stabilisation remembers is not touched";
}

INSTANTIATE_TEST_SUITE_P(
    Stages, EvaluateHolds,
    ::testing::Values(HeldCase{"Window", Reason::kStabilized, Rule::kStabilizeIn, 2,
                               [](WorkloadSpec& spec, Workload&, Recent& recent) {
                                 spec.behavior = Behavior{};
                                 recent.recommendations = {{kStart - 10s, kStart - 5s, 8}};
                               }},
                      HeldCase{"Rate", Reason::kRateLimited, Rule::kRateLimitIn, 2,
                               [](WorkloadSpec& spec, Workload&, Recent&) {
                                 spec.behavior = Behavior{};
                                 spec.behavior->down.select = ScalingRules::Select::kDisabled;
                               }},
                      HeldCase{"CooldownOut", Reason::kCooldown, Rule::kCooldownOut, 8,
                               [](WorkloadSpec& spec, Workload&, Recent& recent) {
                                 spec.cooldown_out = 60s;
                                 recent.last_out = kStart - 59s;
                               }},
                      HeldCase{"CooldownIn", Reason::kCooldown, Rule::kCooldownIn, 2,
                               [](WorkloadSpec& spec, Workload&, Recent& recent) {
                                 spec.cooldown_in = 60s;
                                 recent.last_in = kStart - 59s;
                               }},
                      HeldCase{"CooldownInAfterOut", Reason::kCooldown, Rule::kCooldownIn, 2,
                               [](WorkloadSpec& spec, Workload&, Recent& recent) {
                                 spec.cooldown_in = 60s;
                                 recent.last_out = kStart - 59s;
                               }},
                      HeldCase{"FreshStart", Reason::kFreshStart, Rule::kFreshStart, 2,
                               [](WorkloadSpec& spec, Workload&, Recent& recent) {
                                 spec.signals[0].max_age = 15s;
                                 recent.first_seen = kStart - 14s;
                               }},
                      HeldCase{"Journal", Reason::kJournal, Rule::kJournal, 2,
                               [](WorkloadSpec&, Workload& workload, Recent&) {
                                 workload.journal_writable = false;
                               }},
                      HeldCase{"Warmup", Reason::kWarmup, Rule::kWarmup, 2,
                               [](WorkloadSpec&, Workload& workload, Recent&) {
                                 workload = workload_of(3, 1, Life::kWarming);
                               }},
                      HeldCase{"AtMin", Reason::kAtMin, Rule::kMin, 2,
                               [](WorkloadSpec& spec, Workload&, Recent&) { spec.bounds.min = 4; }},
                      HeldCase{
                          "AtMax", Reason::kAtMax, Rule::kMax, 8,
                          [](WorkloadSpec& spec, Workload&, Recent&) { spec.bounds.max = 4; }}),
    [](const auto& row) { return row.param.name; });

TEST(Evaluate, CooldownsEndOnTheirLastMillisecond) {
  WorkloadSpec spec = spec_of(wants());
  spec.cooldown_out = 60s;
  Recent recent;
  recent.last_out = kStart - 60s;
  EXPECT_EQ(decide(spec, workload_of(4), 8, recent).to, 8);
  recent.last_out = kStart - 59'999ms;
  EXPECT_EQ(decide(spec, workload_of(4), 8, recent).to, 4);
  EXPECT_EQ(cooldown_out_left(spec, recent, kStart), 1ms);
  recent.last_out = kStart + 1h;  // a clock that went back never stretches a cooldown
  EXPECT_EQ(cooldown_out_left(spec, recent, kStart), 60s);
  EXPECT_EQ(cooldown_in_left(spec, recent, kStart), std::nullopt);
}

TEST(Evaluate, GuardsNeverHoldAScaleOut) {
  WorkloadSpec spec = spec_of(wants());
  spec.signals[0].max_age = 15s;
  Workload workload = workload_of(3, 1, Life::kLaunching);
  workload.journal_writable = false;
  Recent recent;
  recent.first_seen = kStart;
  const auto decision = decide(spec, workload, 9, recent);
  EXPECT_EQ(decision.to, 9);
  EXPECT_TRUE(decision.adjustments.empty());
}

TEST(Evaluate, AnInstanceThatNeverWarmsUpStopsBlockingOnceItFailed) {
  const WorkloadSpec spec = spec_of(wants());
  for (const Life life : {Life::kRequested, Life::kLaunching, Life::kReady, Life::kWarming}) {
    EXPECT_EQ(decide(spec, workload_of(3, 1, life), 1).to, 4) << lifecycle_name(life);
  }
  for (const Life life : {Life::kFailed, Life::kDraining, Life::kTerminating, Life::kGone}) {
    EXPECT_EQ(decide(spec, workload_of(4, 1, life), 1).to, 1) << lifecycle_name(life);
  }
}

TEST(Evaluate, EachStageThatMovesTheNumberIsListedInOrder) {
  WorkloadSpec spec = spec_of(wants());
  spec.behavior = Behavior{};
  spec.behavior->up.stabilization = 60s;
  spec.bounds.max = 6;
  Recent recent;
  recent.recommendations = {{kStart - 30s, kStart - 30s, 20}};
  const auto decision = decide(spec, workload_of(4), 100, recent);
  std::vector<Rule> rules;
  for (const Adjustment& adjustment : decision.adjustments) rules.push_back(adjustment.rule);
  EXPECT_THAT(rules, ::testing::ElementsAre(Rule::kStabilizeOut, Rule::kRateLimitOut, Rule::kMax));
  EXPECT_EQ(decision.adjustments[0].after, 20);
  EXPECT_EQ(decision.adjustments[1].after, 8);
  EXPECT_EQ(decision.to, 6);
  EXPECT_EQ(decision.reason, Reason::kScaleOut);
}

TEST(Evaluate, TheRuleThatBindsSaysWhatWouldHaveBeenDecidedWithoutIt) {
  WorkloadSpec spec = spec_of(wants());
  spec.behavior = Behavior{};
  spec.bounds.max = 14;
  const auto limited = decide(spec, workload_of(4), 100);
  ASSERT_EQ(limited.adjustments.size(), 1u);
  EXPECT_EQ(limited.to, 8);
  EXPECT_EQ(limited.adjustments[0].without, 14) << "the bound that comes later still holds";
  EXPECT_FALSE(limited.waived.has_value());

  spec.bounds.max = 6;
  const auto bounded = decide(spec, workload_of(4), 100);
  ASSERT_EQ(bounded.adjustments.size(), 2u);
  EXPECT_EQ(bounded.adjustments[0].without, std::nullopt) << "only the last word counts";
  EXPECT_EQ(bounded.adjustments[1].without, 8);

  Workload blind = workload_of(4);
  blind.journal_writable = false;
  const auto twice = decide(spec, blind, 1, first_sight(spec, 4, kStart - 1s));
  ASSERT_EQ(twice.adjustments.back().rule, Rule::kStabilizeIn);
  EXPECT_EQ(twice.adjustments.back().without, 4) << "the next guard would have held it too";
  EXPECT_EQ(twice.combined, 1);
  EXPECT_EQ(twice.adjustments.size(), 1u);
}

TEST(Evaluate, WithoutItsMissingSignalItWouldHaveScaledIn) {
  const Signals signals = {for_service(missing()), for_service(2), for_service(1)};
  auto spec = three_policies();
  spec.behavior = Behavior{};
  const auto held = evaluate(spec, workload_of(4), signals, {}, kStart);
  EXPECT_EQ(held.reason, Reason::kMissingSignal);
  EXPECT_EQ(held.adjustments.back().without, 2);
  EXPECT_EQ(held.combined, 4) << "what stabilisation remembers is what was decided";
}

TEST(Evaluate, AFreshStartWaitsOneFullDownWindow) {
  WorkloadSpec spec = spec_of(wants());
  spec.behavior = Behavior{};
  Recent recent = first_sight(spec, 4, kStart - 300s + 1ms);
  EXPECT_EQ(decide(spec, workload_of(4), 1, recent).to, 4);
  recent = first_sight(spec, 4, kStart - 300s);
  EXPECT_EQ(decide(spec, workload_of(4), 1, recent).to, 1);
}

TEST(Evaluate, ADocumentThatRemembersNothingHoldsNothing) {
  WorkloadSpec spec = spec_of(wants());
  spec.behavior = Behavior{};
  EXPECT_EQ(decide(spec, workload_of(4), 1, Recent{}).to, 1);
}

TEST(Limit, MovesAnotherSizeByTheSameStages) {
  WorkloadSpec spec = spec_of(wants());
  spec.behavior = Behavior{};
  const auto combined = decide(spec, workload_of(2), 30);
  EXPECT_EQ(combined.to, 6);
  const auto shadow = limit(spec, workload_of(2), combined, 10, {}, kStart);
  EXPECT_EQ(shadow.from, 10);
  EXPECT_EQ(shadow.to, 20);
  EXPECT_EQ(shadow.combined, 30);
}

TEST(Limit, AMissingSignalHoldsTheOtherSizeToo) {
  const Signals signals = {for_service(missing()), for_service(2), for_service(1)};
  const auto spec = three_policies();
  const auto combined = evaluate(spec, workload_of(4), signals, {}, kStart);
  EXPECT_EQ(limit(spec, workload_of(4), combined, 9, {}, kStart).to, 9);
  const Signals none = {for_service(missing()), for_service(missing()), for_service(missing())};
  const auto silent = evaluate(spec, workload_of(4), none, {}, kStart);
  EXPECT_EQ(limit(spec, workload_of(4), silent, 9, {}, kStart).to, 9);
}

}  // namespace
}  // namespace autoscaler
