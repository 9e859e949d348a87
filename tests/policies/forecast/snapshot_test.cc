#include "policies/forecast/snapshot.h"

#include "tests/policies/forecast/load.h"

#include <gtest/gtest.h>

#include <string_view>

namespace autoscaler {
namespace {

using namespace testing;

Forecaster learned(int64_t minutes) {
  Forecaster forecaster(3, 8);
  for (int64_t i = 0; i < minutes; ++i) forecaster.learn(kMonday + i, daily_load(kMonday + i), {});
  return forecaster;
}

// But for the forecasts under way: eight minutes teach less.
TEST(ForecastSnapshot, WhatIsRestoredGoesOnAsIfNothingHadHappened) {
  Forecaster original = learned(4000);
  ForecastBytes bytes;
  save(original, bytes);
  Forecaster restored(3, 8);
  ASSERT_TRUE(restore(bytes, restored));
  for (int64_t i = 4000; i < 6000; ++i) {
    for (const auto reach : {Forecaster::Reach::kLead, Forecaster::Reach::kHold}) {
      const Expectation one = *original.expect(reach);
      const Expectation other = *restored.expect(reach);
      if (i == 4000) {
        ASSERT_EQ(one.highest, other.highest);
      }
      for (size_t k = 0; k < kQuantileCount; ++k) {
        ASSERT_NEAR(one.highest[k], other.highest[k], 0.01 * one.highest[k]) << i;
      }
    }
    original.learn(kMonday + i, daily_load(kMonday + i), {});
    restored.learn(kMonday + i, daily_load(kMonday + i), {});
  }
  EXPECT_EQ(original.minutes_learned(), restored.minutes_learned());
}

TEST(ForecastSnapshot, IsRefusedWhenItIsDamagedShortForOtherHorizonsOrOfAnotherVersion) {
  ForecastBytes bytes;
  save(learned(100), bytes);
  const auto complaint = [](std::span<const std::byte> wrong, int64_t lead = 3) {
    Forecaster forecaster(lead, 8);
    const Status status = restore(wrong, forecaster);
    EXPECT_EQ(forecaster.minutes_learned(), 0) << "it must be as it was";
    return status.ok() ? std::string("none") : status.error().message;
  };
  EXPECT_EQ(complaint(bytes, 4), "forecast: learned for other horizons");
  EXPECT_EQ(complaint(std::span(bytes).first(7)), "forecast: too short");
  EXPECT_EQ(complaint(std::span(bytes).first(1000)), "forecast: too short or too long");
  bytes[1000] ^= std::byte{1};
  EXPECT_EQ(complaint(bytes), "forecast: damaged, its checksum does not match");
  bytes[4] = std::byte{99};
  EXPECT_EQ(complaint(bytes), "forecast: written by another version");
}

TEST(ForecastSnapshot, TheChecksumIsThatOfZlib) {
  constexpr std::string_view kDigits = "123456789";
  EXPECT_EQ(crc32(std::as_bytes(std::span(kDigits))), 0xcbf43926u);
}

TEST(ForecastSnapshot, AStateIsSmallerThan12KiB) {
  EXPECT_LE(kForecastBytes, 12u * 1024);
}

}  // namespace
}  // namespace autoscaler
