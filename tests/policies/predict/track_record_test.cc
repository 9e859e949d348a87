#include "policies/predict/track_record.h"

#include "policies/predict/lookahead.h"
#include "tests/policies/forecast/load.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace autoscaler {
namespace {

constexpr int64_t kFirst = 30'000'000;

// Noise around 1000 that comes from the minute alone.
double load_of(int64_t minute) {
  const double turn = std::fmod(static_cast<double>(minute) * 0.7548776662466927, 1.0);
  const double other = std::fmod(static_cast<double>(minute) * 0.5698402909980532, 1.0);
  return 1000 * (1 + 0.05 * (turn + other - 1));
}

Lookahead learned(int64_t minutes) {
  Lookahead lookahead(3);
  for (int64_t i = 0; i < minutes; ++i) lookahead.learn(kFirst + i, load_of(kFirst + i), {});
  return lookahead;
}

Expectation same(double load) {
  Expectation expected;
  expected.middle = load;
  expected.highest.fill(load);
  return expected;
}

TEST(TrackRecord, OpensAfterADayOfForecastsThatAreBetterThanTheNewestMinute) {
  Lookahead lookahead = learned(1440);
  EXPECT_EQ(lookahead.record.gate(), Gate::kLearning);
  for (int64_t i = 1440; i < 3 * 1440; ++i) lookahead.learn(kFirst + i, load_of(kFirst + i), {});
  EXPECT_EQ(lookahead.record.gate(), Gate::kOpen)
      << *lookahead.record.loss_ratio() << " " << *lookahead.record.coverage();
  EXPECT_LT(*lookahead.record.loss_ratio(), 0.97);
  EXPECT_NEAR(*lookahead.record.coverage(), 0.95, 0.02);
  EXPECT_NEAR(lookahead.record.usual(), 1000, 10);
  EXPECT_NEAR(lookahead.record.peak(), 1050, 10);
}

TEST(TrackRecord, ForecastsOfThreeDaysCount) {
  const Lookahead lookahead = learned(6 * 1440);
  EXPECT_LE(lookahead.record.judged(), 3 * 1440);
  EXPECT_GE(lookahead.record.judged(), 3 * 1440 - 360);
}

TEST(TrackRecord, ThatMissesAlwaysIsShutWithinMinutes) {
  Lookahead lookahead = learned(3 * 1440);
  int minutes = 0;
  for (int64_t i = 3 * 1440; lookahead.record.gate() == Gate::kOpen && minutes < 1000; ++i) {
    lookahead.record.learn(kFirst + i, load_of(kFirst + i), same(10'000));
    ++minutes;
  }
  EXPECT_LE(minutes, 15);
  EXPECT_EQ(lookahead.record.gate(), Gate::kWorseThanNaive);
}

TEST(TrackRecord, ThePlainForecastIsCalibratedWhateverTheForecaster) {
  TrackRecord record(4);
  int covered = 0;
  int judged = 0;
  for (int64_t i = 0; i < 6 * 1440; ++i) {
    const int64_t minute = kFirst + i;
    record.learn(minute, load_of(minute), same(0));
    if (i < 3 * 1440) continue;
    double most = 0;
    for (int64_t k = 1; k <= 4; ++k) most = std::max(most, load_of(minute + k));
    ++judged;
    covered += most <= record.plain()->at(3) ? 1 : 0;
  }
  EXPECT_NEAR(covered / double(judged), 0.95, 0.01);
  record.learn(kFirst + 6 * 1440, std::nullopt, {});
  EXPECT_TRUE(record.plain()) << "of the minute before";
  record.learn(kFirst + 6 * 1440 + 10, std::nullopt, {});
  EXPECT_FALSE(record.plain());
}

TEST(TrackRecord, ThatCoversTooMuchOrTooLittleIsUncalibrated) {
  for (const double width : {0.0, 4.0}) {
    TrackRecord record(4);
    for (int64_t i = 0; i < 3000; ++i) {
      // Knows nearly what comes, and is sure of too much or of too little.
      double most = 0;
      for (int64_t ahead = 1; ahead <= 4; ++ahead) {
        most = std::max(most, load_of(kFirst + i + ahead));
      }
      Expectation expected = same(most - 0.5);
      expected.highest[3] = most - 0.5 + width;
      record.learn(kFirst + i, load_of(kFirst + i), expected);
    }
    EXPECT_LT(*record.loss_ratio(), 0.97);
    EXPECT_EQ(record.gate(), Gate::kUncalibrated) << *record.coverage();
  }
}

TEST(TrackRecord, WhatIsNotKnownIsNotJudged) {
  TrackRecord record(4);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (int64_t i = 0; i < 3000; ++i) {
    const std::optional<double> loads[] = {std::nullopt, nan, -5.0, 100.0, 100.0};
    record.learn(kFirst + i, loads[i % 5], same(100));
  }
  EXPECT_EQ(record.judged(), 0) << "no four minutes in a row are known";
  EXPECT_EQ(record.peak(), 100);
}

TEST(TrackRecord, AGapOfThreeDaysForgetsWhatWasBefore) {
  Lookahead lookahead = learned(2 * 1440);
  lookahead.learn(kFirst + 6 * 1440, 1000, {});
  EXPECT_EQ(lookahead.record.judged(), 0);
  EXPECT_EQ(lookahead.record.gate(), Gate::kLearning);
}

TEST(TrackRecord, ThePeakIsThatOfAWeek) {
  TrackRecord record(4);
  record.learn(kFirst, 5000, {});
  record.learn(kFirst + 6 * 1440, 100, {});
  EXPECT_EQ(record.peak(), 5000);
  record.learn(kFirst + 9 * 1440, 100, {});
  EXPECT_EQ(record.peak(), 100);
}

TEST(Lookahead, AnotherLeadKeepsTheLoadAndBeginsTheRecordAnew) {
  Lookahead lookahead = learned(2 * 1440);
  lookahead.follow_lead(2);
  EXPECT_EQ(lookahead.forecaster.lead_steps(), 5) << "a minute less is no reason";
  lookahead.follow_lead(1);
  EXPECT_EQ(lookahead.forecaster.lead_steps(), 3);
  lookahead.follow_lead(5);
  EXPECT_EQ(lookahead.forecaster.lead_steps(), 7);
  EXPECT_EQ(lookahead.forecaster.hold_steps(), 16);
  EXPECT_EQ(lookahead.record.steps(), 7);
  EXPECT_EQ(lookahead.record.gate(), Gate::kLearning);
  EXPECT_NEAR(lookahead.record.usual(), 1000, 10);
  lookahead.learn(kFirst + 2 * 1440, 1000, {});
  EXPECT_NEAR(lookahead.predict().lead_highest->at(0), 1020, 60);
}

TEST(Lookahead, IsJudgedAtTheLongestLeadToo) {
  Lookahead longest(29);
  for (int64_t i = 0; i < 1000; ++i) longest.learn(kFirst + i, 1000, {});
  EXPECT_GE(longest.record.judged(), 960);
}

TEST(Lookahead, IsTheSameAfterARestart) {
  Lookahead before = learned(1500);
  const std::string bytes = save(before);
  Result<Lookahead> after = restore_lookahead(bytes);
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(before.predict().lead_highest, after->predict().lead_highest);
  for (int64_t i = 1500; i < 1600; ++i) {
    before.learn(kFirst + i, load_of(kFirst + i), {});
    after->learn(kFirst + i, load_of(kFirst + i), {});
    const Prediction one = before.predict();
    const Prediction other = after->predict();
    for (size_t k = 0; k < kQuantileCount; ++k) {
      ASSERT_NEAR(one.lead_highest->at(k), other.lead_highest->at(k), 10);
      ASSERT_NEAR(one.hold_highest->at(k), other.hold_highest->at(k), 10);
    }
    ASSERT_EQ(one.usual, other.usual);
    ASSERT_EQ(one.peak, other.peak);
    ASSERT_LE(std::abs(one.judged - other.judged), 5) << "those under way are not judged";
  }
  EXPECT_LE(bytes.size(), 12u * 1024);
  EXPECT_FALSE(restore_lookahead(bytes.substr(1)).ok());
  std::string damaged = bytes;
  damaged[100] = static_cast<char>(damaged[100] ^ 1);
  EXPECT_FALSE(restore_lookahead(damaged).ok());
  EXPECT_FALSE(restore_lookahead("").ok());
}

TEST(Lookahead, FollowsTheMinuteUnderWay) {
  const Lookahead lookahead = learned(3000);
  const Prediction before = lookahead.predict();
  Prediction after = before;
  lookahead.follow_minute(2000, {}, after);
  EXPECT_GT(after.lead_highest->at(3), 1100);
  EXPECT_GT(after.hold_highest->at(3), 1100);
  for (const double load : *after.lead_highest) {
    EXPECT_EQ(load, std::round(load * 1e6) / 1e6);
  }
  EXPECT_FALSE(after.outage_suspected);
  lookahead.follow_minute(10, {}, after);
  EXPECT_TRUE(after.outage_suspected) << "nothing is taken away for one low sample";
  after.lead_highest = before.lead_highest;
  after.hold_highest = before.hold_highest;
  after.outage_suspected = false;
  EXPECT_EQ(after, before) << "a minute that is not over is not judged";
}

TEST(Lookahead, IsRounded) {
  const Prediction prediction = learned(3000).predict();
  for (const double load : *prediction.lead_highest) {
    EXPECT_EQ(load, std::round(load * 1e6) / 1e6);
  }
  EXPECT_EQ(prediction.at, Instant{std::chrono::minutes(kFirst + 3000)});
}

}  // namespace
}  // namespace autoscaler
