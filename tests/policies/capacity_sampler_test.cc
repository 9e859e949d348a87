#include "policies/capacity_sampler.h"

#include "policies/capacity_learner.h"
#include "tests/policies/scene_builder.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;

// Signals: rps of the service, latency of each instance, errors and cpu.
class CapacitySampler : public ::testing::Test {
 protected:
  CapacitySampler() {
    TrackSpec track;
    track.kind = TrackSpec::Target::kLearned;
    spec_ = spec_of(track);
    spec_.signals = {signal_spec("rps"), signal_spec("latency"),
                     signal_spec("errors", SignalSpec::Kind::kRatio), signal_spec("cpu")};
    spec_.signals[3].is_utilization = true;
    spec_.slo = Slo{1, 0.3};
  }

  // One tick; true: it gave a sample.
  bool tick(Duration later = 30s, bool mixed = false) {
    now_ += later;
    const int64_t before = state_.last_sample_ms;
    const Signals signals = {for_service(measured(rps_, now_, 30s)),
                             for_service(latency_ ? measured(*latency_, now_, 30s) : missing()),
                             for_service(errors_), for_service(measured(0.5, now_, 30s))};
    learn_capacity(spec_, 0, workload_, signals, mixed, now_, state_);
    return state_.last_sample_ms != before;
  }
  // Steady for long enough.
  void settle() {
    tick();
    ASSERT_TRUE(tick());
  }

  WorkloadSpec spec_;
  Workload workload_ = workload_of(4);
  double rps_ = 200;
  std::optional<double> latency_ = 0.12;
  Reading errors_ = measured(RatioParts{0, 200});
  Instant now_ = kStart;
  CapacityState state_;
};

TEST_F(CapacitySampler, TakesOneSampleForEachWindow) {
  EXPECT_FALSE(tick(0s)) << "nothing is known of the window before";
  EXPECT_FALSE(tick(29s));
  EXPECT_TRUE(tick(1s));
  EXPECT_FALSE(tick(29s));
  EXPECT_TRUE(tick(1s));
  const auto bin = static_cast<size_t>(bin_of(50) - state_.first_bin);
  EXPECT_EQ(state_.bins[bin].count, 2);
  EXPECT_FLOAT_EQ(state_.bins[bin].load, 50) << "200 of 4 instances";
  EXPECT_FLOAT_EQ(state_.saturation, 100) << "at half of the CPU";
}

TEST_F(CapacitySampler, LeavesOutAWindowInWhichTheNumberOfInstancesChanged) {
  settle();
  workload_ = workload_of(5);
  EXPECT_FALSE(tick());
  EXPECT_TRUE(tick());
}

TEST_F(CapacitySampler, LeavesOutWarmingAndDrainingInstances) {
  settle();
  workload_ = workload_of(4, 1, Lifecycle::kWarming);
  EXPECT_FALSE(tick()) << "they carry a part of the total";
  workload_ = workload_of(4, 1, Lifecycle::kDraining);
  EXPECT_FALSE(tick());
  workload_ = workload_of(4, 1, Lifecycle::kLaunching);
  EXPECT_TRUE(tick()) << "one that launches carries nothing";
}

TEST_F(CapacitySampler, LeavesOutTwoCommandsBesideEachOther) {
  settle();
  EXPECT_FALSE(tick(30s, true));
  EXPECT_FALSE(tick(29s)) << "a part of the window was mixed";
  EXPECT_TRUE(tick(1s));
}

TEST_F(CapacitySampler, LeavesOutWhatIsMissingOrIdle) {
  settle();
  latency_.reset();
  EXPECT_FALSE(tick());
  latency_ = 0.12;
  rps_ = 0;
  tick();
  EXPECT_EQ(capacity_of(state_, 0.3, now_).samples, 1) << "no load says nothing";
  workload_ = workload_of(0);
  EXPECT_FALSE(tick());
}

TEST_F(CapacitySampler, LeavesOutErrorsAndWhatMayBeErrors) {
  settle();
  errors_ = measured(RatioParts{3, 200});
  EXPECT_FALSE(tick());
  errors_ = missing();
  EXPECT_FALSE(tick());
  errors_ = measured(RatioParts{1, 200});
  EXPECT_TRUE(tick());
  errors_ = measured(RatioParts{0, 0});
  EXPECT_TRUE(tick()) << "no traffic for a ratio is no error";
}

TEST_F(CapacitySampler, LearnsOnlyWhatAPolicyTracksUnderAnSlo) {
  EXPECT_TRUE(learns_capacity(spec_, 0));
  EXPECT_FALSE(learns_capacity(spec_, 3));
  spec_.slo.reset();
  EXPECT_FALSE(learns_capacity(spec_, 0));
}

}  // namespace
}  // namespace autoscaler
