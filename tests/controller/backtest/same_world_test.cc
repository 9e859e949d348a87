#include "controller/backtest/difference.h"
#include "tests/controller/backtest/rehearsed.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using namespace testing;
using ::testing::HasSubstr;

const Instant kBegin{std::chrono::seconds(kStart)};

// Second by second, of each minute: 45 s of little, 15 s of more than 8 instances can do.
Trace seconds_of_load(int minutes) {
  Trace trace{.name = "seconds", .step_s = 1, .rows = {}};
  for (int second = 0; second < minutes * 60; ++second) {
    trace.rows.push_back({kStart + second, second % 60 < 45 ? 100.0 : 1000.0});
  }
  return trace;
}

std::string every(const std::string& interval, const std::string& yaml) {
  return "controller: {interval: " + interval + "}\n" + yaml;
}

std::string always(int size) {
  std::string yaml = kShop;
  const std::string number = std::to_string(size);
  yaml.replace(yaml.find("min: 2, max: 40"), 15, "min: " + number + ", max: " + number);
  return yaml;
}

TEST(SameWorld, APolicyMeetsTheSameLoadAtAnyInterval) {
  Case world;
  world.load = seconds_of_load(120);
  Setting setting = world.setting();
  setting.scored_from = kBegin + 1h;
  const auto run = [&](const char* interval) {
    return rehearse("shop", config_of(every(interval, always(8))), setting);
  };
  const Rehearsal fast = run("5s");
  EXPECT_EQ(fast.score.scored_seconds(), 3600);
  // The 15 s in each minute, and until the queue of some seconds has gone.
  EXPECT_GE(fast.score.violating_share(), 0.25);
  EXPECT_LE(fast.score.violating_share(), 0.5);
  for (const char* interval : {"10s", "15s", "40s", "1m"}) {
    const Rehearsal slow = run(interval);
    EXPECT_EQ(slow.score.violating_seconds(), fast.score.violating_seconds()) << interval;
    EXPECT_EQ(slow.score.instance_hours(), fast.score.instance_hours()) << interval;
    EXPECT_EQ(slow.score.under(), fast.score.under()) << interval;
    EXPECT_NEAR(slow.score.failed_share(), fast.score.failed_share(), 1e-12) << interval;
  }
}

TEST(SameWorld, ASlowControllerReadsAsFreshNumbersAsAFastOne) {
  const Case world;
  const Rehearsal slow = rehearse("shop", config_of(every("1m", kShop)), world.setting());
  EXPECT_GT(slow.score.actions(), 0);
  EXPECT_LT(slow.score.violating_seconds(), 4 * 240);  // four hours, two of which begin with a step
}

TEST(SameWorld, EveryCellIsTheMeanOfItsSecondsAndGapsAreNotScored) {
  Trace load = seconds_of_load(2);
  load.rows.erase(load.rows.begin() + 70, load.rows.begin() + 90);
  const std::vector<LoadCell> cells = cells_of(load, kBegin + 15s);
  ASSERT_EQ(cells.size(), 8u);
  EXPECT_DOUBLE_EQ(cells[3].demand, 1000);
  EXPECT_DOUBLE_EQ(cells[4].demand, 100);
  std::vector<bool> scored;
  for (const LoadCell& cell : cells) scored.push_back(cell.scored);
  EXPECT_EQ(scored, (std::vector<bool>{false, true, true, true, false, false, true, true}));
}

TEST(SameWorld, ALongLoadTakesNoMoreMoments) {
  Case world;
  world.load = waves(30, 300, 900);
  const Rehearsal run = rehearse("shop", config_of(every("15s", always(9))), world.setting());
  EXPECT_LE(run.moments.size(), kMostMoments);
  EXPECT_GT(run.moments.size(), kMostMoments / 2);
  EXPECT_EQ(run.moments.back().at, kBegin + 30h);
  EXPECT_EQ(clairvoyant(world.setting()).moments.size(), run.moments.size());
}

TEST(Metrics, ThatAreLostKeepWhatCannotBeKnownToBeTooMuch) {
  Case world;
  const auto hours = [&](double lost) {
    world.model.lost = lost;
    const auto config = config_of(every("15s", kShop));
    return rehearse("shop", config, world.setting()).score.instance_hours();
  };
  const double whole = hours(0);
  EXPECT_NEAR(hours(0.02) / whole, 1, 0.1);
  EXPECT_GT(hours(0.8), 1.1 * whole);  // a window seldom has two samples
}

// 300 a second are 3 cores: at 60 % of a request of half a core each that is 10 instances, where
// of a whole core it would be 5.
TEST(Metrics, CpuIsAShareOfTheRequest) {
  Case world;
  world.load = waves(4, 300, 300);
  world.model.cpu_noise = 0;
  std::string yaml = kShop;
  yaml.replace(yaml.find("{signal: rps, perInstance: 70/s}"), 32, "{signal: cpu, target: 60%}");
  yaml.replace(yaml.find("rps: {source: balancer, value: requestRate}"), 43,
               "cpu: {source: scrape, counter: process_cpu_seconds_total, capacity: 1}");
  const auto size = [&] {
    return rehearse("shop", config_of(yaml), world.setting()).moments.back().size;
  };
  EXPECT_EQ(size(), 5);
  world.model.release.cpu_request = 0.5;
  EXPECT_EQ(size(), 10);
}

// Sizes by second, from 0 to 100, all scored.
Rehearsal standing(const std::string& name, const std::vector<std::pair<int, int32_t>>& sizes) {
  Rehearsal made{.name = name};
  for (const auto& [at, size] : sizes) {
    made.sizes.push_back({kBegin + std::chrono::seconds(at), size, true});
  }
  made.sizes.push_back({kBegin + 100s, 0, false});
  made.score.count(100s, 1, 1, 1, false);
  return made;
}

TEST(Difference, LastsFromTheTickThatMakesItToTheTickThatEndsIt) {
  const Rehearsal first = standing("a", {{0, 5}, {60, 7}});
  const Rehearsal second = standing("b", {{0, 5}, {40, 6}, {45, 5}});
  const auto differences = differences_of(first, second);
  ASSERT_EQ(differences.size(), 2u);
  EXPECT_EQ(differences[0].from, kBegin + 60s);
  EXPECT_EQ(differences[0].to, kBegin + 100s);
  EXPECT_EQ(differences[0].most, -2);
  EXPECT_EQ(differences[1].from, kBegin + 40s);  // one tick alone
  EXPECT_EQ(differences[1].to, kBegin + 45s);
  EXPECT_EQ(differences[1].most, 1);
  EXPECT_THAT(difference_text(first, second), HasSubstr("different sizes 45.0 % of the time"));
}

TEST(Difference, AtTwoIntervalsIsJudgedByOneYardstick) {
  const Case world;
  const auto run = [&](const char* name, const char* interval) {
    return rehearse(name, config_of(every(interval, always(8))), world.setting());
  };
  const Rehearsal first = run("a", "5s");
  const Rehearsal second = run("b", "1m");
  EXPECT_EQ(first.score.scored_seconds(), second.score.scored_seconds());
  EXPECT_TRUE(differences_of(first, second).empty());
}

}  // namespace
}  // namespace autoscaler
