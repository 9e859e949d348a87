#include "policies/stages.h"
#include "tests/policies/scene_builder.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;

struct Case {
  const char* name;
  Duration up;
  Duration down;
  Recent::List<Recommendation> runs;  // ages counted back from kStart
  int32_t size;
  int32_t wanted;
  int32_t want;
};

Recommendation run(Duration from_age, Duration to_age, int32_t replicas) {
  return {kStart - from_age, kStart - to_age, replicas};
}

TEST(Stabilize, TakesTheSafestRecommendationOfItsWindow) {
  const Case cases[] = {
      {"nothing remembered", 0s, 300s, {}, 10, 4, 4},
      {"the highest of the window holds",
       0s,
       300s,
       {run(200s, 200s, 8), run(100s, 50s, 6)},
       10,
       4,
       8},
      {"never above the current size", 0s, 300s, {run(100s, 100s, 30)}, 10, 4, 10},
      {"the edge is out: exactly as old as the window", 0s, 300s, {run(300s, 300s, 8)}, 10, 4, 4},
      {"a millisecond younger is in", 0s, 300s, {run(300s, 299'999ms, 8)}, 10, 4, 8},
      {"a run counts until its last tick", 0s, 300s, {run(900s, 10s, 8)}, 10, 4, 8},
      {"no down window", 0s, 0s, {run(1s, 0s, 8)}, 10, 4, 4},
      {"the lowest of the up window holds", 60s, 300s, {run(30s, 30s, 12)}, 10, 20, 12},
      {"never below the current size", 60s, 300s, {run(30s, 30s, 3)}, 10, 20, 10},
      {"the up window looks no further than itself", 60s, 300s, {run(60s, 60s, 3)}, 10, 20, 20},
      {"out at once without an up window", 0s, 300s, {run(1s, 0s, 3)}, 10, 20, 20},
      {"on target stays", 60s, 300s, {run(30s, 20s, 5), run(10s, 5s, 20)}, 10, 10, 10},
  };
  for (const Case& c : cases) {
    WorkloadSpec spec;
    spec.behavior = Behavior{};
    spec.behavior->up.stabilization = c.up;
    spec.behavior->down.stabilization = c.down;
    Recent recent;
    recent.recommendations = c.runs;
    Decision decision;
    decision.from = c.size;
    decision.to = c.wanted;
    stabilize({spec, {}, recent, kStart}, decision);
    EXPECT_EQ(decision.to, c.want) << c.name;
    EXPECT_EQ(decision.adjustments.size(), c.want == c.wanted ? 0u : 1u) << c.name;
  }
}

TEST(Stabilize, SaysWhichWindowHeld) {
  WorkloadSpec spec;
  spec.behavior->up.stabilization = 60s;
  Recent recent;
  recent.recommendations = {run(30s, 30s, 10)};
  Decision out;
  out.from = 10;
  out.to = 20;
  stabilize({spec, {}, recent, kStart}, out);
  EXPECT_EQ(out.adjustments.at(0).rule, Rule::kStabilizeOut);
  Decision in;
  in.from = 10;
  in.to = 2;
  stabilize({spec, {}, recent, kStart}, in);
  EXPECT_EQ(in.adjustments.at(0).rule, Rule::kStabilizeIn);
}

TEST(Stabilize, BehaviorNoneSwitchesItOff) {
  WorkloadSpec spec;
  spec.behavior.reset();
  Recent recent;
  recent.recommendations = {run(30s, 0s, 10)};
  Decision decision;
  decision.from = 10;
  decision.to = 2;
  stabilize({spec, {}, recent, kStart}, decision);
  EXPECT_EQ(decision.to, 2);
}

}  // namespace
}  // namespace autoscaler
