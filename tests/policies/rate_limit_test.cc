#include "policies/rate_limit.h"

#include "policies/stages.h"
#include "tests/policies/scene_builder.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;
using Select = ScalingRules::Select;
using Type = ScalingRules::RatePolicy::Type;
using Policies = std::vector<ScalingRules::RatePolicy>;

struct Event {
  Duration age;
  int32_t change;
};

struct Case {
  const char* name;
  Policies policies;
  Select select;
  std::vector<Event> events;
  int32_t size;
  int32_t want;
};

ScalingRules rules_of(const Case& c) {
  ScalingRules rules;
  rules.select = c.select;
  rules.policies = c.policies;
  return rules;
}

std::vector<ScaleEvent> events_of(const Case& c) {
  std::vector<ScaleEvent> events;
  for (const Event& event : c.events) events.push_back({kStart - event.age, event.change});
  return events;
}

TEST(RateLimit, UpwardFollowsTheArithmeticOfV2) {
  const Policies both = {{Type::kPods, 4, 15s}, {Type::kPercent, 100, 15s}};
  const Case cases[] = {
      {"v2's default from 1: the 4 pods", both, Select::kMax, {}, 1, 5},
      {"v2's default from 10: the 100 %", both, Select::kMax, {}, 10, 20},
      {"the strictest of both", both, Select::kMin, {}, 10, 14},
      {"disabled", both, Select::kDisabled, {}, 10, 10},
      {"what was added in the period is taken back: 12 - 4 = 8",
       both,
       Select::kMax,
       {{10s, 4}},
       12,
       16},
      {"what was removed in it is given back: 8 + 4 = 12", both, Select::kMax, {{10s, -4}}, 8, 24},
      {"an event as old as the period is out", both, Select::kMax, {{15s, 4}}, 12, 24},
      {"an event a millisecond younger is in", both, Select::kMax, {{14'999ms, 4}}, 12, 16},
      {"used up: never below the current size",
       {{Type::kPods, 4, 60s}},
       Select::kMax,
       {{1s, 9}},
       14,
       14},
      {"percentages round up: 7 x 1.1 = 7.7", {{Type::kPercent, 10, 15s}}, Select::kMax, {}, 7, 8},
      {"100 x 1.1 is 110.00000000000001 in v2 too",
       {{Type::kPercent, 10, 15s}},
       Select::kMax,
       {},
       100,
       111},
      {"from 0 a percentage leads nowhere", {{Type::kPercent, 100, 15s}}, Select::kMax, {}, 0, 0},
      {"each policy has its own period",
       {{Type::kPods, 4, 15s}, {Type::kPods, 6, 60s}},
       Select::kMax,
       {{30s, 5}},
       10,
       14},
      {"no end to int32", {{Type::kPods, 2'147'483'647, 15s}}, Select::kMax, {}, 10, 2'147'483'647},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(highest_allowed(rules_of(c), events_of(c), c.size, kStart), c.want) << c.name;
  }
}

TEST(RateLimit, DownwardFollowsTheArithmeticOfV2) {
  const Policies both = {{Type::kPods, 4, 60s}, {Type::kPercent, 10, 60s}};
  const Case cases[] = {
      {"the largest change: 100 - 10 %", both, Select::kMax, {}, 100, 90},
      {"the smallest change: 100 - 4", both, Select::kMin, {}, 100, 96},
      {"disabled", both, Select::kDisabled, {}, 100, 100},
      {"what was removed in the period is given back: 96 + 4",
       both,
       Select::kMax,
       {{30s, -4}},
       96,
       90},
      {"what was added in it is taken back: 12 - 2 = 10", both, Select::kMax, {{30s, 2}}, 12, 6},
      {"used up: never above the current size",
       {{Type::kPods, 4, 60s}},
       Select::kMax,
       {{1s, -9}},
       10,
       10},
      {"truncated towards zero: 7 x 0.9 = 6.3",
       {{Type::kPercent, 10, 60s}},
       Select::kMax,
       {},
       7,
       6},
      {"100 % may take all", {{Type::kPercent, 100, 15s}}, Select::kMax, {}, 7, 0},
      {"never below 0", {{Type::kPods, 9, 15s}}, Select::kMax, {}, 7, 0},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(lowest_allowed(rules_of(c), events_of(c), c.size, kStart), c.want) << c.name;
  }
}

TEST(RateLimit, LeavesATraceOnlyWhereItHeld) {
  const WorkloadSpec spec;
  Decision decision;
  decision.from = 10;
  decision.to = 40;
  limit_rate({spec, {}, {}, kStart}, decision);
  EXPECT_EQ(decision.to, 20);
  ASSERT_EQ(decision.adjustments.size(), 1u);
  EXPECT_EQ(decision.adjustments[0].rule, Rule::kRateLimitOut);
  EXPECT_EQ(decision.adjustments[0].before, 40);
  EXPECT_EQ(decision.adjustments[0].after, 20);

  Decision small;
  small.from = 10;
  small.to = 12;
  limit_rate({spec, {}, {}, kStart}, small);
  EXPECT_EQ(small.to, 12);
  EXPECT_TRUE(small.adjustments.empty());
}

}  // namespace
}  // namespace autoscaler
