#include "tests/policies/scene_builder.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;

// A service of 100 requests per second for each instance, ticked every 5 s. What is ordered starts
// at once and is warming for `warmup`.
class Service {
 public:
  explicit Service(int32_t size) : size_(size) {
    spec = spec_of(track(100, TrackSpec::Target::kPerInstance));
    spec.behavior = Behavior{};
    spec.bounds = {1, 100};
    recent = first_sight(spec, size, now);
    ready_.assign(static_cast<size_t>(size), now);
  }

  Decision tick(double requests) {
    now += 5s;
    std::vector<Lifecycle> lives;
    for (const Instant ready : ready_) {
      lives.push_back(ready <= now ? Lifecycle::kInService : Lifecycle::kWarming);
    }
    Workload workload;
    workload.size = workload.status_size = size_;
    workload.instances = instances(lives);
    auto decision = evaluate(spec, workload, {for_service(requests, now)}, recent, now);
    record(spec, decision, decision.to == decision.from ? Outcome::kHeld : Outcome::kApplied, now,
           recent);
    size_ = decision.to;
    ready_.resize(static_cast<size_t>(size_), now + warmup);
    return decision;
  }

  WorkloadSpec spec;
  Recent recent;
  Instant now = kStart;
  Duration warmup{0};

 private:
  int32_t size_;
  std::vector<Instant> ready_;
};

TEST(TimeLine, ASpikeGoesUpAtTheRateAndComesDownFiveMinutesAfterIt) {
  Service service(2);
  EXPECT_EQ(service.tick(2000).to, 6) << "2 + 4 pods";
  EXPECT_EQ(service.tick(2000).reason, Reason::kRateLimited) << "the period of 15 s is used up";
  EXPECT_EQ(service.tick(2000).to, 6);
  EXPECT_EQ(service.tick(2000).to, 12) << "15 s later: 100 %";
  service.tick(2000);
  service.tick(2000);
  EXPECT_EQ(service.tick(2000).to, 20);
  const Instant end_of_spike = service.now;

  while (service.now < end_of_spike + 295s) {
    const auto held = service.tick(300);
    ASSERT_EQ(held.to, 20);
    ASSERT_EQ(held.reason, Reason::kStabilized);
  }
  EXPECT_EQ(service.tick(300).to, 3) << "300 s after the last tick that wanted 20";
}

TEST(TimeLine, ADipShorterThanTheWindowMovesNothing) {
  Service service(10);
  for (int i = 0; i < 70; ++i) service.tick(1000);
  for (int i = 0; i < 59; ++i) ASSERT_EQ(service.tick(100).to, 10) << i;
  ASSERT_EQ(service.tick(1000).to, 10);
  for (int i = 0; i < 59; ++i) ASSERT_EQ(service.tick(100).to, 10) << "the window starts again";
}

TEST(TimeLine, NothingIsTakenAwayWhileWhatWasOrderedWarmsUp) {
  Service service(4);
  service.spec.behavior.reset();
  service.warmup = 60s;
  EXPECT_EQ(service.tick(600).to, 6);
  for (int i = 0; i < 11; ++i) ASSERT_EQ(service.tick(100).reason, Reason::kWarmup) << i;
  EXPECT_EQ(service.tick(100).to, 1) << "60 s later";
}

TEST(TimeLine, AWorkloadCooldownSpacesResizesOut) {
  Service service(4);
  service.spec.behavior.reset();
  service.spec.cooldown_out = 30s;
  EXPECT_EQ(service.tick(600).to, 6);
  for (int i = 0; i < 5; ++i) ASSERT_EQ(service.tick(1000).to, 6) << i;
  EXPECT_EQ(service.tick(1000).to, 10);
}

TEST(TimeLine, ABrokenSignalNeverScalesInAndTheWindowHoldsAfterIt) {
  Service service(10);
  for (int i = 0; i < 100; ++i) service.tick(1000);
  service.now += 5s;
  const auto broken = evaluate(service.spec, workload_of(10), {for_service(missing())},
                               service.recent, service.now);
  record(service.spec, broken, Outcome::kHeld, service.now, service.recent);
  EXPECT_EQ(broken.to, 10);
  EXPECT_EQ(service.tick(100).reason, Reason::kStabilized);
}

}  // namespace
}  // namespace autoscaler
