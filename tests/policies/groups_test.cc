#include "policies/groups.h"

#include "tests/policies/scene_builder.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;
using Target = TrackSpec::Target;

// Policies a and b in one group, c beside it; each wants its signal's value of 1 an instance.
WorkloadSpec grouped() {
  WorkloadSpec spec = spec_of(track(1, Target::kPerInstance, 0));
  spec.signals = {signal_spec("a"), signal_spec("b"), signal_spec("c")};
  spec.groups = {{"both"}};
  spec.policies = {{"a", track(1, Target::kPerInstance, 0), 0},
                   {"b", track(1, Target::kPerInstance, 1), 0},
                   {"c", track(1, Target::kPerInstance, 2)}};
  spec.signals[2].when_missing.kind = WhenMissing::Kind::kIgnore;
  return spec;
}

Decision decide(const WorkloadSpec& spec, const Signal& a, const Signal& b,
                const Signal& c = for_service(missing())) {
  return evaluate(spec, workload_of(5), {a, b, c}, {}, kStart);
}

TEST(Groups, MoveOnlyWhereAllWouldAndByTheLeast) {
  const struct {
    const char* name;
    double a, b;
    int32_t want;
    uint16_t by;
  } cases[] = {
      {"both want more: the smaller", 9, 7, 7, 1},
      {"both want less: the larger", 2, 3, 3, 1},
      {"one of them is on target", 9, 5, 5, 1},
      {"one wants more and one less", 9, 2, 5, 1},
      {"the same number: the first by name", 8, 8, 8, 0},
  };
  for (const auto& c : cases) {
    const auto decision = decide(grouped(), for_service(c.a), for_service(c.b));
    EXPECT_EQ(decision.to, c.want) << c.name;
    EXPECT_EQ(decision.bound_by, c.by) << c.name;
  }
}

TEST(Groups, TheLargestOfGroupsAndTheOtherPoliciesWins) {
  EXPECT_EQ(decide(grouped(), for_service(9.0), for_service(7.0), for_service(8.0)).to, 8);
  EXPECT_EQ(decide(grouped(), for_service(9.0), for_service(7.0), for_service(6.0)).to, 7);
  EXPECT_EQ(decide(grouped(), for_service(9.0), for_service(5.0), for_service(2.0)).to, 5);
}

ThresholdSpec slow() {
  ThresholdSpec threshold;
  threshold.out = ThresholdSpec::Rule{};
  threshold.out->marks = {{1, true, 0.5}};
  threshold.out->change.instances = 2;
  return threshold;
}

TEST(Groups, WhoHasNothingToSayDoesNotAgreeToMoreNorStandInTheWayOfLess) {
  WorkloadSpec spec = grouped();
  spec.policies[1].rule = slow();  // abstains while b is not above 0.5
  EXPECT_EQ(decide(spec, for_service(9.0), for_service(0.9)).to, 7) << "both: 5 + 2";
  EXPECT_EQ(decide(spec, for_service(9.0), for_service(0.1)).to, 5) << "high, but not slow";
  EXPECT_EQ(decide(spec, for_service(2.0), for_service(0.1)).to, 2);
}

TEST(Groups, AnIgnoredSignalLeavesItsPolicyOutAndAHeldOneHolds) {
  WorkloadSpec spec = grouped();
  EXPECT_EQ(decide(spec, for_service(9.0), for_service(missing())).to, 5);
  EXPECT_EQ(decide(spec, for_service(2.0), for_service(missing())).reason, Reason::kMissingSignal);
  spec.signals[1].when_missing.kind = WhenMissing::Kind::kIgnore;
  EXPECT_EQ(decide(spec, for_service(9.0), for_service(missing())).to, 9);
  EXPECT_EQ(decide(spec, for_service(2.0), for_service(missing())).to, 2);
}

TEST(Groups, WithoutASayThereIsNoAnswer) {
  WorkloadSpec spec = grouped();
  for (SignalSpec& signal : spec.signals) signal.when_missing.kind = WhenMissing::Kind::kIgnore;
  const auto decision = decide(spec, for_service(missing()), for_service(missing()));
  EXPECT_FALSE(group_answer(spec, 0, decision).has_value());
  EXPECT_EQ(decision.reason, Reason::kNoAnswer);
}

TEST(Groups, TheOrderOfPoliciesChangesNothing) {
  WorkloadSpec spec = grouped();
  std::swap(spec.policies[0], spec.policies[1]);
  const auto decision = decide(spec, for_service(8.0), for_service(8.0));
  EXPECT_EQ(spec.policies[*decision.bound_by].name, "a");
}

}  // namespace
}  // namespace autoscaler
