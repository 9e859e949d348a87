// What an instance carries within the SLO is not what its processors allow.
#include "tests/scenarios/story.h"

#include <cmath>

namespace autoscaler {
namespace {

class Capacity : public Story {
 protected:
  // Waves of an hour between 160 and 740 requests per second.
  void live_through_waves(int hours) {
    for (int minute = 0; minute < 60 * hours; ++minute) {
      load_ = 450 - 290 * std::cos(minute * M_PI / 30);
      run(1min);
    }
  }
  double p95() const { return last_->decision.signals[2].value.value_or(0); }
};

// An answer takes 10 ms on one core and with its wait, at the 95th percentile, 30 / (1 -
// utilisation) ms: within 100 ms up to 70 requests per second, of 100 that the core can do.
TEST_F(Capacity, once_learned_keeps_the_slo_that_a_cpu_target_does_not) {
  Release release;
  release.wait_time = 0s;
  begin(shop({kCpu, "rps: {source: balancer, value: requestRate}", kLatency},
             {"track: {signal: cpu, target: 85%}", "track: {signal: rps, perInstance: learned}",
              "schedule: {from: 2026-01-01 00:00, to: 2027-01-01 00:00, min: 8}"},
             {"warmup: 30s", "slo: {signal: latency, p95: 100ms}"}),
        740, release);
  EXPECT_EQ(size(), 8) << "92 % of a core each: on target";
  EXPECT_GT(p95(), 0.2);
  live_through_waves(6);
  load_ = 740;
  run(30min);
  ASSERT_EQ(last_->workload.capacities.size(), 3u);
  const double learned = last_->workload.capacities[1].per_instance.value_or(0);
  EXPECT_GE(learned, 0.75 * 70);
  EXPECT_LE(learned, 1.02 * 70);
  EXPECT_EQ(size(), static_cast<int32_t>(std::ceil(740 / (0.97 * learned))));
  EXPECT_LE(p95(), 0.1);
}

}  // namespace
}  // namespace autoscaler
