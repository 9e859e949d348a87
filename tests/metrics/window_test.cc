#include "metrics/window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant kStart{std::chrono::hours(500'000)};
Instant at(int64_t second) {
  return kStart + seconds(second);
}

struct Rate {
  double per_second;
  Duration covered;
};

std::optional<Rate> rate_of(const CounterWindow& window, Duration length = seconds(30)) {
  double rate = 0;
  const auto quality = window.add_rates({&rate, 1}, {length});
  if (!quality) return std::nullopt;
  return Rate{rate, quality->covered};
}

struct Case {
  const char* story;
  std::vector<std::pair<int64_t, double>> points;  // second, count
  std::optional<Rate> expected;                    // over a window of 30 s
};

TEST(CounterWindow, GivesTheRateOverWhatItHolds) {
  const Case table[] = {
      {"nothing yet", {}, std::nullopt},
      {"one point is no rate", {{0, 100}}, std::nullopt},
      {"two points", {{0, 100}, {5, 150}}, Rate{10, seconds(5)}},
      {"standing still is a rate of 0", {{0, 100}, {5, 100}}, Rate{0, seconds(5)}},
      {"uneven spacing: the ends count", {{0, 0}, {1, 50}, {10, 60}}, Rate{6, seconds(10)}},
      {"no extrapolation to the window's edges", {{0, 0}, {25, 5}}, Rate{0.2, seconds(25)}},
      {"both edges of the window are in it", {{0, 0}, {30, 60}}, Rate{2, seconds(30)}},
      {"what is older than the window is out",
       {{0, 0}, {10, 100}, {40, 130}},
       Rate{1, seconds(30)}},
      {"after a gap longer than the window it begins anew",
       {{0, 0}, {5, 100}, {36, 900}},
       std::nullopt},
      {"a restart counts from 0",
       {{0, 100}, {5, 130}, {10, 20}, {15, 50}},
       Rate{80. / 15, seconds(15)}},
      {"two restarts", {{0, 1000}, {10, 7}, {20, 3}}, Rate{0.5, seconds(20)}},
      {"a restart that lands on 0", {{0, 1000}, {10, 0}}, Rate{0, seconds(10)}},
      {"the same point again changes nothing",
       {{0, 100}, {5, 150}, {5, 150}},
       Rate{10, seconds(5)}},
      {"a clock set back begins anew", {{10, 100}, {20, 150}, {5, 160}}, std::nullopt},
      {"and goes on from there", {{10, 100}, {20, 150}, {5, 160}, {10, 170}}, Rate{2, seconds(5)}},
  };
  for (const Case& row : table) {
    SCOPED_TRACE(row.story);
    CounterWindow window(1);
    for (const auto& [second, count] : row.points)
      window.add(at(second), {&count, 1}, {seconds(30)});
    const std::optional<Rate> rate = rate_of(window);
    ASSERT_EQ(rate.has_value(), row.expected.has_value());
    if (!rate) continue;
    EXPECT_DOUBLE_EQ(rate->per_second, row.expected->per_second);
    EXPECT_EQ(rate->covered, row.expected->covered);
  }
}

TEST(CounterWindow, RestartsAllItsCountersTogether) {
  CounterWindow window(3);
  const double before[] = {100, 5, 50};
  const double after[] = {3, 5, 60};  // the third is higher and has still begun at 0
  window.add(at(0), before, {seconds(30)});
  window.add(at(10), after, {seconds(30)});
  double rates[] = {0, 0, 0};
  const auto quality = window.add_rates(rates, {seconds(30)});
  ASSERT_TRUE(quality);
  EXPECT_TRUE(quality->restarted);
  EXPECT_THAT(rates, testing::ElementsAre(0.3, 0.5, 6));
}

TEST(CounterWindow, HoldsNoMoreThanItsWindow) {
  CounterWindow window(1);
  for (int i = 0; i < 100'000; ++i) {
    const double count = i;
    window.add(at(i), {&count, 1}, {seconds(30)});
    ASSERT_LE(window.samples(), 31u);
  }
}

// The slow, obvious reading of the rule: all points ever, and one walk over those in the window.
class AllPoints {
 public:
  void add(Instant at, double count) {
    if (!points_.empty() && at < points_.rbegin()->first) points_.clear();
    points_.emplace(at, count);
  }
  std::optional<Rate> rate(Duration window) const {
    std::vector<std::pair<Instant, double>> inside;
    for (const auto& point : points_) {
      if (points_.rbegin()->first - point.first <= window) inside.push_back(point);
    }
    if (inside.size() < 2) return std::nullopt;
    double increase = 0;
    for (size_t i = 1; i < inside.size(); ++i) {
      increase += inside[i].second;
      if (inside[i].second >= inside[i - 1].second) increase -= inside[i - 1].second;
    }
    const Duration covered = inside.back().first - inside.front().first;
    return Rate{increase / std::chrono::duration<double>(covered).count(), covered};
  }

 private:
  std::map<Instant, double> points_;
};

TEST(CounterWindow, AgreesWithTheObviousModelOnRandomHistories) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto pick = [&](int low, int high) {
      return std::uniform_int_distribution<int>(low, high)(random);
    };
    const Duration window = milliseconds(pick(1, 60'000));
    CounterWindow series(1);
    AllPoints model;
    Instant now = kStart;
    double count = pick(0, 1'000'000);
    for (int step = 0; step < 200; ++step) {
      const int event = pick(0, 99);
      now += milliseconds(event < 5 ? pick(0, 120'000) : pick(0, 10'000));
      if (event == 99) now -= milliseconds(pick(0, 100'000));
      if (event >= 5 && event < 10) count = pick(0, 1000);  // a restart, more often than not
      if (event >= 10) count += pick(0, 5000);
      series.add(now, {&count, 1}, {window});
      model.add(now, count);
      const std::optional<Rate> rate = rate_of(series, window);
      const std::optional<Rate> expected = model.rate(window);
      ASSERT_EQ(rate.has_value(), expected.has_value()) << step;
      if (!rate) continue;
      ASSERT_GE(rate->per_second, 0) << step;
      ASSERT_DOUBLE_EQ(rate->per_second, expected->per_second) << step;
      ASSERT_EQ(rate->covered, expected->covered) << step;
    }
  }
}

}  // namespace
}  // namespace autoscaler
