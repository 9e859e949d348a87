#include "policies/capacity_learner.h"

#include "tests/policies/simulated_service.h"

#include <gtest/gtest.h>

#include <cstring>

namespace autoscaler {
namespace {

using namespace testing;

// Of 5 workers, 50 ms and an SLO of 300 ms an instance carries 86.3/s.
Station shop() {
  return station(0.05, 5);
}

TEST(CapacityLearner, ComesWithinAQuarterFromBelowOnceTheSloWasPassed) {
  for (const double service : {0.002, 0.05, 0.5}) {
    for (const int workers : {1, 2, 5, 16, 64}) {
      for (const double noise : {0.03, 0.1, 0.2}) {
        if (workers == 64 && noise > 0.1) continue;  // a cliff: too few samples beyond it
        for (const uint32_t seed : {1U, 2U, 3U}) {
          SimulatedService service_of(station(service, workers), noise, seed);
          service_of.live(1, 1.2 * service_of.truth());
          const Capacity capacity = service_of.capacity();
          SCOPED_TRACE(::testing::Message() << service << " s, " << workers << " workers, noise "
                                            << noise << ", seed " << seed);
          ASSERT_EQ(capacity.evidence, CapacityEvidence::kKnee);
          // With one worker the curve is so flat that an SLO which has to bear 20 % of noise is
          // met at half the load only.
          const double floor = workers == 1 && noise > 0.1 ? 0.45 : 0.75;
          EXPECT_GE(*capacity.per_instance, floor * service_of.truth());
          EXPECT_LE(*capacity.per_instance, 1.01 * service_of.truth());
          EXPECT_LE(*capacity.per_instance, *capacity.likely);
        }
      }
    }
  }
}

TEST(CapacityLearner, DrawsTheCurveOnWhereTheSloWasNeverPassed) {
  for (const int workers : {1, 2, 5, 16}) {
    for (const double reach : {0.6, 0.7, 0.8, 0.9}) {
      for (const uint32_t seed : {1U, 2U, 3U}) {
        SimulatedService service(station(0.05, workers), 0.05, seed);
        service.live(1, reach * service.truth());
        const Capacity capacity = service.capacity();
        if (!capacity.per_instance) continue;  // it did not rise yet
        SCOPED_TRACE(::testing::Message() << workers << " workers, up to " << reach);
        EXPECT_LE(*capacity.per_instance, 1.01 * service.truth());
        EXPECT_LE(*capacity.per_instance, 1.3 * *capacity.safe_to + 1e-6);
        EXPECT_GE(*capacity.per_instance, *capacity.safe_to - 1e-6);
      }
    }
  }
  SimulatedService service(shop());
  service.live(1, 0.85 * service.truth());
  EXPECT_EQ(service.capacity().evidence, CapacityEvidence::kFit);
  EXPECT_GE(*service.capacity().per_instance, 0.85 * service.truth());
}

TEST(CapacityLearner, SaysWhenLatencyDoesNotRiseWithLoad) {
  for (const double noise : {0.02, 0.1, 0.3}) {
    for (uint32_t seed = 1; seed <= 20; ++seed) {
      std::mt19937 random(seed);
      std::normal_distribution<double> normal(0, 1);
      CapacityState state;
      Instant now = kStart;
      for (int i = 0; i < 2880; ++i) {
        now += 30s;
        const double load = 10 + 90 * (0.5 - 0.5 * std::cos(4 * M_PI * i / 2880));
        learn_sample({load, 0.12 * std::exp(noise * normal(random)), {}}, 0.3, now, state);
        if (i % 16 != 0) continue;
        const Capacity capacity = capacity_of(state, 0.3, now);
        ASSERT_FALSE(capacity.per_instance) << "noise " << noise << ", seed " << seed << ", " << i;
      }
      EXPECT_EQ(capacity_of(state, 0.3, now).evidence, CapacityEvidence::kLatencyFlat);
      EXPECT_NEAR(*capacity_of(state, 0.3, now).safe_to, 100, 10);
    }
  }
}

TEST(CapacityLearner, SaysWhenTheSloIsNotMetAtAnyLoad) {
  SimulatedService service(shop());
  service.depend_on_something_slow(0.5);
  service.live(1, 70);
  EXPECT_EQ(service.capacity().evidence, CapacityEvidence::kSloNotMet);
  EXPECT_FALSE(service.capacity().per_instance);
}

TEST(CapacityLearner, KnowsNothingFromAFewSamplesOrAtOneLoad) {
  SimulatedService service(shop());
  EXPECT_EQ(service.capacity(), Capacity{});
  for (int i = 0; i < 29; ++i) service.serve(40 + 2 * i);
  EXPECT_EQ(service.capacity().evidence, CapacityEvidence::kTooFewSamples);
  SimulatedService steady(shop());
  for (int i = 0; i < 1000; ++i) steady.serve(80);
  EXPECT_EQ(steady.capacity().evidence, CapacityEvidence::kTooFewSamples);
}

TEST(CapacityLearner, ASlowDependencyIsNoMatterOfLoad) {
  SimulatedService service(shop());
  service.live(1, 1.1 * service.truth());
  const Capacity before = service.capacity();
  service.depend_on_something_slow(0.6);
  for (int i = 0; i < 19; ++i) service.serve(50);  // nine and a half minutes
  EXPECT_EQ(service.capacity().per_instance, before.per_instance);
  service.depend_on_something_slow(0);
  service.serve(50);
  EXPECT_EQ(service.state().off_curve, 0);
  EXPECT_NEAR(*service.capacity().per_instance, *before.per_instance, 1);
}

TEST(CapacityLearner, WhatLastsEndsWhatWasKnownAndItsEndEndsIt) {
  SimulatedService service(shop());
  service.live(1, 1.1 * service.truth());
  service.depend_on_something_slow(0.6);
  for (int i = 0; i < 60; ++i) service.serve(50 + i % 20);
  EXPECT_FALSE(service.capacity().per_instance) << "nothing known holds any more";
  EXPECT_EQ(service.capacity().evidence, CapacityEvidence::kSloNotMet);
  service.depend_on_something_slow(0);
  service.serve(70);
  EXPECT_EQ(service.capacity().evidence, CapacityEvidence::kTooFewSamples)
      << "one good answer at a higher load, and the slow ones say nothing";
  service.live(1, 1.1 * service.truth());
  EXPECT_GE(*service.capacity().per_instance, 0.8 * service.truth());
}

TEST(CapacityLearner, AfterADeployLessIsUsedForHalfAnHour) {
  SimulatedService service(shop());
  learn_revision(1, false, service.now(), service.state());
  service.live(1, 1.1 * service.truth());
  const double before = *service.capacity().per_instance;
  const int32_t samples = service.capacity().samples;
  learn_revision(2, true, service.now(), service.state());
  EXPECT_NEAR(service.capacity().samples, samples / 2, 12);
  EXPECT_LE(*service.capacity().per_instance, 0.9 * before);
  EXPECT_GE(*service.capacity().per_instance, 0.8 * before);
  for (int i = 0; i < 59; ++i) service.serve(40);
  EXPECT_LE(*service.capacity().per_instance, 0.9 * before) << "29.5 minutes";
  service.serve(40);
  EXPECT_GE(*service.capacity().per_instance, 0.94 * before);
}

// 800/s of traffic, sized by what is known, and left as it is while nothing is.
struct ClosedLoop {
  SimulatedService service;
  double size = 10;
  double largest = 10;

  void run(int samples) {
    for (int i = 0; i < samples; ++i) {
      const double traffic = 800 * (1 + 0.25 * std::sin(i / 25.0));
      service.serve(traffic / size);
      const Capacity capacity = service.capacity();
      if (capacity.per_instance) size = std::ceil(traffic / (0.97 * *capacity.per_instance));
      largest = std::max(largest, size);
    }
  }
};

TEST(CapacityLearner, ADeployThatHalvesTheCapacityIsFollowedStepByStep) {
  for (uint32_t seed = 1; seed <= 10; ++seed) {
    ClosedLoop loop{SimulatedService(shop(), 0.05, seed)};
    learn_revision(1, false, loop.service.now(), loop.service.state());
    loop.service.live(1, 1.1 * loop.service.truth());
    loop.run(240);
    loop.largest = 0;
    learn_revision(2, false, loop.service.now(), loop.service.state());
    loop.service.slow_down(1.6);  // the SLO stays: 300 ms are 46.1/s now, 0.53 of 86.3/s
    loop.run(40);                 // twenty minutes
    EXPECT_GE(loop.size, 800 * 0.75 / loop.service.truth()) << "seed " << seed;
    loop.run(2 * 2880);
    const Capacity after = loop.service.capacity();
    ASSERT_TRUE(after.per_instance) << "seed " << seed;
    EXPECT_GE(*after.per_instance, 0.7 * loop.service.truth()) << "seed " << seed;
    EXPECT_LE(*after.per_instance, 1.02 * loop.service.truth()) << "seed " << seed;
  }
}

TEST(CapacityLearner, ADeployThatIsSlowAtAnyLoadDoublesTheSizeAtMost) {
  for (uint32_t seed = 1; seed <= 10; ++seed) {
    ClosedLoop loop{SimulatedService(shop(), 0.05, seed)};
    learn_revision(1, false, loop.service.now(), loop.service.state());
    loop.service.live(1, 1.1 * loop.service.truth());
    const double before = *loop.service.capacity().per_instance;
    loop.largest = 0;
    learn_revision(2, false, loop.service.now(), loop.service.state());
    loop.service.depend_on_something_slow(0.5);
    loop.run(2880);
    EXPECT_LE(loop.largest, std::ceil(1000 / (0.97 * 0.49 * before))) << "seed " << seed;
    EXPECT_FALSE(loop.service.capacity().per_instance) << "seed " << seed;
  }
}

TEST(CapacityLearner, WhatWasNotSeenForTwoWeeksIsForgotten) {
  SimulatedService service(shop());
  service.live(1, 1.1 * service.truth());
  const Instant later = service.now() + 24h * 14 + 1s;
  learn_sample({50, 0.12, {}}, 0.3, later, service.state());
  EXPECT_EQ(capacity_of(service.state(), 0.3, later).samples, 1);
}

TEST(CapacityLearner, ACpuThatIsNearItsEndKeepsTheCurveFromBeingDrawnFurther) {
  const auto learned = [](std::optional<double> cpu_at_60) {
    CapacityState state;
    Instant now = kStart;
    for (int i = 0; i < 2000; ++i) {
      now += 30s;
      const double load = 20 + 40 * (0.5 - 0.5 * std::cos(i / 100.0));
      const double p95 = 0.1 + 0.03 / (1 - load / 100);  // full at 100/s
      std::optional<double> cpu;
      if (cpu_at_60) cpu = *cpu_at_60 * load / 60;
      learn_sample({load, p95, cpu}, 0.3, now, state);
    }
    return capacity_of(state, 0.3, now);
  };
  const Capacity without = learned(std::nullopt);
  const Capacity at_70 = learned(60.0 / 70);
  ASSERT_TRUE(without.per_instance && at_70.per_instance);
  EXPECT_LE(*at_70.likely, 70);
  EXPECT_GT(*without.likely, 70);
  EXPECT_LT(*at_70.per_instance, *without.per_instance);
}

TEST(CapacityLearner, WhatIsNoNumberIsNotLearned) {
  CapacityState state;
  for (const double wrong : {0.0, -1.0, std::nan(""), HUGE_VAL, 1e-300, 1e300}) {
    learn_sample({wrong, 0.1, {}}, 0.3, kStart, state);
    learn_sample({10, wrong, {}}, 0.3, kStart, state);
  }
  EXPECT_EQ(capacity_of(state, 0.3, kStart).samples, 0);
  learn_sample({10, 0.1, std::nan("")}, 0.3, kStart, state);
  EXPECT_EQ(capacity_of(state, 0.3, kStart).samples, 1);
  EXPECT_TRUE(is_sound(state));
}

TEST(CapacityLearner, LoadsOfAnySizeFindTheirBin) {
  for (double load = 1e-8; load < 1e11; load *= 1.037) {
    EXPECT_EQ(bin_of(load), static_cast<int32_t>(std::floor(6 * std::log2(load)))) << load;
  }
  EXPECT_EQ(bin_of(1), 0);
  EXPECT_EQ(bin_of(64), 36);
}

TEST(CapacityLearner, ALoadFarAboveAllBeforeMakesRoomForItself) {
  CapacityState state;
  for (const double load : {1.0, 3.0, 200.0, 5.0})
    learn_sample({load, 0.1, {}}, 0.3, kStart, state);
  EXPECT_EQ(capacity_of(state, 0.3, kStart).samples, 1) << "5 is 40 times below what matters";
  learn_sample({20, 0.1, {}}, 0.3, kStart, state);
  EXPECT_EQ(capacity_of(state, 0.3, kStart).samples, 2);
}

TEST(CapacityLearner, BytesThatItCannotHaveLeftAreSeen) {
  SimulatedService service(shop());
  service.live(0.1, 90);
  EXPECT_TRUE(is_sound(service.state()));
  const auto broken = [&](auto change) {
    CapacityState state = service.state();
    change(state);
    return !is_sound(state);
  };
  EXPECT_TRUE(broken([](CapacityState& s) { s.bins[3].count = 17; }));
  EXPECT_TRUE(broken([](CapacityState& s) { s.bins[3].next = 16; }));
  EXPECT_TRUE(broken([](CapacityState& s) { s.bins[3].p95[0] = NAN; }));
  EXPECT_TRUE(broken([](CapacityState& s) { s.bins[3].p95[0] = -1; }));
  EXPECT_TRUE(broken([](CapacityState& s) { s.first_bin = 1 << 30; }));
  EXPECT_TRUE(broken([](CapacityState& s) { s.saturation = INFINITY; }));
}

}  // namespace
}  // namespace autoscaler
