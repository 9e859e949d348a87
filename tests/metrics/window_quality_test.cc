#include "metrics/target_clock.h"
#include "metrics/window.h"
#include "tests/metrics/scraped.h"

#include <gtest/gtest.h>

#include <vector>

namespace autoscaler {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Instant kEpoch{std::chrono::hours(500'000)};

std::optional<WindowQuality> quality_of(const std::vector<std::pair<int, double>>& samples,
                                        Duration offset = Duration{0}) {
  const WindowSpan span{seconds(30), offset};
  CounterWindow window(1);
  for (const auto& [second, count] : samples) {
    window.add(kEpoch + seconds(second), {&count, 1}, span);
  }
  double rate = 0;
  return window.add_rates({&rate, 1}, span);
}

TEST(WindowQuality, IsCompleteWhenItsSamplesReachOverIt) {
  const struct {
    const char* story;
    std::vector<std::pair<int, double>> samples;
    double completeness;
  } cases[] = {
      {"every 5 s for 30 s", {{0, 0}, {5, 1}, {10, 2}, {15, 3}, {20, 4}, {25, 5}, {30, 6}}, 1},
      {"the oldest has just gone", {{4, 0}, {9, 1}, {14, 2}, {19, 3}, {24, 4}, {29, 5}}, 1},
      {"two of them", {{0, 0}, {5, 1}}, 1. / 3},
      {"three", {{0, 0}, {5, 1}, {10, 2}}, 0.5},
      {"every 15 s", {{0, 0}, {15, 1}}, 1},
  };
  for (const auto& c : cases) {
    EXPECT_NEAR(quality_of(c.samples).value().completeness, c.completeness, 1e-9) << c.story;
  }
}

TEST(WindowQuality, SaysForHowManySamplesTheCountersStoodStillAndWhetherOneWentBack) {
  EXPECT_EQ(quality_of({{0, 1}, {5, 2}, {10, 3}})->still, 0);
  EXPECT_EQ(quality_of({{0, 1}, {5, 1}, {10, 3}})->still, 0) << "only the newest count";
  EXPECT_EQ(quality_of({{0, 1}, {5, 2}, {10, 2}, {15, 2}})->still, 2);
  EXPECT_FALSE(quality_of({{0, 1}, {5, 2}, {10, 2}})->restarted);
  EXPECT_TRUE(quality_of({{0, 9}, {5, 2}, {10, 3}})->restarted);
  EXPECT_FALSE(quality_of({{0, 9}, {5, 2}, {10, 3}, {36, 4}})->restarted) << "out of the window";
}

TEST(WindowQuality, ACounterThatWrapsShowsTooLowARateAndSaysSo) {
  const double all = 4294967296;  // 2^32
  const auto quality = quality_of({{0, all - 10}, {5, 10}});
  EXPECT_TRUE(quality->restarted);
}

TEST(Window, EndsBeforeTheNewestSampleByItsOffset) {
  const WindowSpan span{seconds(10), seconds(20)};
  CounterWindow window(1);
  double rate = 0;
  for (int second = 0; second <= 60; second += 5) {
    const double count = second < 40 ? second : 1000 + second;
    window.add(kEpoch + seconds(second), {&count, 1}, span);
  }
  const auto quality = window.add_rates({&rate, 1}, span);
  EXPECT_EQ(quality->at, kEpoch + seconds(40));
  EXPECT_EQ(quality->covered, seconds(10));
  EXPECT_DOUBLE_EQ(rate, 101) << "30 to 40 s, and the step of 1000 at 40 s";
  EXPECT_LE(window.samples(), 8u) << "30 s of them and one";
}

TEST(Window, OfAGaugeIsTheMeanOfItsSamples) {
  GaugeWindow window;
  const WindowSpan span{seconds(10)};
  EXPECT_FALSE(window.mean(span));
  for (const auto& [second, value] :
       std::vector<std::pair<int, double>>{{0, 100}, {5, 1}, {8, 2}, {8, 9}, {15, 6}}) {
    window.add(kEpoch + seconds(second), value, span);
  }
  EXPECT_DOUBLE_EQ(window.mean(span)->value, 3) << "1, 2 and 6: the same time again is the same";
  EXPECT_EQ(window.mean(span)->quality.samples, 3);
  EXPECT_EQ(window.mean({Duration{0}})->value, 6);
  EXPECT_EQ(window.mean({Duration{0}})->quality.completeness, 1) << "no more was asked for";
}

TEST(SampleRing, KeepsOrderAcrossItsEndAndItsGrowth) {
  SampleRing ring(2);
  int next = 0;
  int oldest = 0;
  for (int round = 0; round < 200; ++round) {
    for (int i = 0; i < round % 7; ++i, ++next) {
      const double values[] = {next * 1.0, next * 2.0};
      ring.push(kEpoch + seconds(next), values);
    }
    const auto drop = std::min<size_t>(ring.size(), static_cast<size_t>(round % 5));
    ring.drop_front(drop);
    oldest += static_cast<int>(drop);
    ASSERT_EQ(ring.size(), static_cast<size_t>(next - oldest));
    for (size_t i = 0; i < ring.size(); ++i) {
      const int want = oldest + static_cast<int>(i);
      ASSERT_EQ(ring.at(i), kEpoch + seconds(want));
      ASSERT_EQ(ring.values(i)[1], want * 2.0);
    }
  }
}

// Pages by their arrival and the time that their newest sample claims, in seconds.
bool was_set(const std::vector<std::pair<int, int>>& pages) {
  TargetClock clock;
  bool last = false;
  for (const auto& [arrival, claim] : pages) {
    last = clock.was_set(kEpoch + seconds(claim), kEpoch + seconds(arrival));
  }
  return last;
}

TEST(TargetClock, TellsACacheFromAClockThatWasSet) {
  EXPECT_FALSE(was_set({{0, 0}, {5, 5}, {10, 10}})) << "a clock like ours";
  EXPECT_FALSE(was_set({{0, -3600}, {5, -3595}, {10, -3590}})) << "an hour behind, and as fast";
  EXPECT_FALSE(was_set({{0, 0}, {5, 0}, {10, 0}})) << "a page from a cache, or a stuck one";
  EXPECT_FALSE(was_set({{0, -40}, {5, -40}, {10, -40}, {15, -40}, {20, 18}})) << "its first change";
  EXPECT_FALSE(was_set({{0, -1}, {5, 3}, {60, 3}, {65, 63}, {125, 123}}));
  EXPECT_TRUE(was_set({{0, 0}, {5, 5}, {10, -3590}})) << "back";
  EXPECT_TRUE(was_set({{0, -60}, {5, -55}, {10, -30}})) << "forward by 20 s";
  EXPECT_FALSE(was_set({{0, 0}, {5, 5}, {65, 6}})) << "taken just after the page before";
}

// Three pages 5 s apart whose counter grows by 10 a second.
std::string page_at(int second, int64_t claimed_ms) {
  return "r " + std::to_string(1000 + 10 * second) + " " + std::to_string(claimed_ms) + "\n";
}

TEST(TargetClock, RatesBeginAnewWhereItJumps) {
  const int64_t start = Scraped::kStart.time_since_epoch() / std::chrono::milliseconds(1);
  for (const int64_t jump_ms : {-3'600'000, -30'000, 40'000}) {
    SCOPED_TRACE(jump_ms);
    Scraped shop({{RateOf{{"r", {}}, 1}, seconds(30)}});
    const int64_t behind = 50'000;  // so that a jump ahead does not land in our future
    for (int second = 0; second <= 30; second += 5) {
      const int64_t jump = second >= 20 ? jump_ms : 0;
      shop.serves("i", page_at(second, start + second * 1000 - behind + jump));
      shop.scrape(second);
      const std::string got = shown(shop.reading("i"));
      if (second == 0) {
        EXPECT_EQ(got, "too_few_samples");
      } else if (second == 20) {
        EXPECT_EQ(got, "clock_jump");
      } else {
        EXPECT_EQ(got, "10");
      }
    }
    const auto reading = shop.reading("i");
    EXPECT_LT(std::get<Measured>(reading).completeness, 0.8) << "the window is not full again";
  }
}

TEST(Signals, NeedAsManySamplesAsAreAskedFor) {
  ScrapeRead read{RateOf{{"r", {}}, 1}, seconds(30)};
  read.samples = 4;
  Scraped shop({read});
  for (int second = 0; second <= 15; second += 5) {
    shop.serves("i", "r " + std::to_string(second) + "\n");
    shop.scrape(second);
    EXPECT_EQ(shown(shop.reading("i")), second < 15 ? "too_few_samples" : "1");
  }
}

TEST(Signals, AGaugeOverAWindowIsItsMean) {
  Scraped shop({{GaugeOf{{"g", {}}, 2, minutes(1)}, seconds(30)}});
  for (int second = 0; second <= 10; second += 5) {
    shop.serves("i", "g " + std::to_string(second) + "\n");
    shop.scrape(second);
  }
  EXPECT_EQ(shown(shop.reading("i")), "2.5");
  EXPECT_EQ(std::get<Measured>(shop.reading("i")).window, seconds(10));
  EXPECT_DOUBLE_EQ(std::get<Measured>(shop.reading("i")).completeness, 0.25);
}

TEST(Signals, QuantilesOfASummaryAreNeverAddedUp) {
  const std::string page = "g{quantile=\"0.5\"} 1\ng{quantile=\"0.95\"} 4\n";
  const auto read = [&](std::vector<LabelMatcher> matching) {
    Scraped shop({{GaugeOf{{"g", std::move(matching)}, 1}, seconds(30)}});
    shop.serves("i", page);
    shop.scrape(0);
    return shown(shop.reading("i"));
  };
  EXPECT_EQ(read({}), "ambiguous");
  EXPECT_EQ(read({{"quantile", "0.95"}}), "4");
  EXPECT_EQ(read({{"quantile", "0.5|0.95"}}), "ambiguous");
}

}  // namespace
}  // namespace autoscaler
