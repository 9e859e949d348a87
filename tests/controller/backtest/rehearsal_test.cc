#include "controller/backtest/backtest_report.h"
#include "controller/backtest/budget_variants.h"
#include "controller/backtest/config_rivals.h"
#include "controller/backtest/difference.h"
#include "controller/backtest/recommend.h"
#include "controller/backtest/sweep.h"
#include "tests/controller/backtest/rehearsed.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace autoscaler {
namespace {

using namespace testing;
using ::testing::HasSubstr;

const Moment& late_in_hour(const Rehearsal& run, int hour) {
  const Instant at = Instant(std::chrono::seconds(kStart)) + std::chrono::hours(hour) + 50min;
  return *std::find_if(run.moments.begin(), run.moments.end(),
                       [&](const Moment& moment) { return moment.at >= at; });
}

TEST(Rehearsal, TheRealLoopFollowsTheLoad) {
  const Case world;
  const Rehearsal run = rehearse("shop", config_of(kShop), world.setting());
  EXPECT_EQ(late_in_hour(run, 4).size, 5);  // 300 / 70
  // 900 / 70 are 12.9. The load rises within a minute, so that it comes to 12 first, and from there
  // the tolerance of 10 % holds it.
  EXPECT_EQ(late_in_hour(run, 5).size, 12);
  EXPECT_EQ(late_in_hour(run, 5).needed, 11);  // 900 / 87.5
  EXPECT_NEAR(run.score.scored_seconds(), 4 * 3600, 10);
  ASSERT_FALSE(run.decisions.empty());
  EXPECT_THAT(run.decisions.front().lines.front(), HasSubstr("shop"));
  // An instance starts for 20 s, and a measured minute is 15 s late.
  EXPECT_GT(run.score.violating_seconds(), 60);
  EXPECT_LT(run.score.violating_seconds(), 360);
}

TEST(Rehearsal, NeedsNoBalancer) {
  const Case world;
  std::string yaml = kShop;
  yaml.erase(yaml.find("    loadBalancer"),
             yaml.find("    replicas") - yaml.find("    loadBalancer"));
  yaml.replace(yaml.find("{source: balancer, value: requestRate}"), 38,
               "{source: scrape, counter: http_requests_total}");
  const Rehearsal run = rehearse("shop", config_of(yaml), world.setting());
  EXPECT_EQ(late_in_hour(run, 5).serving, 13);
  EXPECT_LT(run.score.violating_seconds(), 400);
}

TEST(Rehearsal, IsTheSameEachTime) {
  Case world;
  world.model.release.spread = 0.1;
  world.model.release.startup_tail = 20s;
  world.model.release.startup_failures = 0.1;
  const auto run = [&] { return rehearse("shop", config_of(kShop), world.setting()); };
  const Rehearsal first = run();
  const Rehearsal second = run();
  EXPECT_EQ(first.score.instance_hours(), second.score.instance_hours());
  EXPECT_EQ(first.score.violating_seconds(), second.score.violating_seconds());
}

TEST(Rehearsal, TheOracleIsNeverBeatenInBothCostAndViolations) {
  const Case world;
  const Setting setting = world.setting();
  const auto config = config_of(kShop);
  const Rehearsal run = rehearse("shop", config, setting);
  const Rehearsal oracle = clairvoyant(setting);
  EXPECT_EQ(oracle.score.violating_seconds(), 0);
  EXPECT_EQ(oracle.score.under(), 0);
  for (const Rival& rival : rivals_of(config->workloads.front(), setting)) {
    const Rehearsal other = rehearse(rival.name, rival.config, setting, rival.numbers);
    EXPECT_TRUE(other.score.violating_seconds() > 0 ||
                other.score.instance_hours() >= oracle.score.instance_hours())
        << rival.name;
  }
}

// What each rival is, by what it does when the load has stood for long.
TEST(Rivals, AreWhatTheirNamesSay) {
  const Case world;
  const Setting setting = world.setting();
  std::map<std::string, Rehearsal> runs;
  for (const Rival& rival : rivals_of(config_of(kShop)->workloads.front(), setting)) {
    runs[rival.name] = rehearse(rival.name, rival.config, setting, rival.numbers);
  }
  EXPECT_EQ(late_in_hour(runs["static-peak"], 4).size, 11);
  EXPECT_NEAR(late_in_hour(runs["hpa-50"], 5).size, 19, 1);  // 900 at 10 ms are 9 cores
  EXPECT_NEAR(late_in_hour(runs["hpa-70"], 5).size, 13, 1);
  // The hours of the warm-up were 0 to 3: hour 5 of the day is new to cron, hours 1 and 3 were not.
  // Hour 0 ends with 15 s at 825, for which it has 12: the 13 of hour 1 are within the tolerance.
  EXPECT_EQ(late_in_hour(runs["cron-hpa-70"], 1).size, 12);
  EXPECT_GE(late_in_hour(runs["aws-like-70"], 5).size, late_in_hour(runs["hpa-70"], 5).size - 1);
}

TEST(Rehearsal, WithoutMetricsNothingScalesIn) {
  Case world;
  world.model.outages = {{5h + 50min, 30min}};
  const Rehearsal run = rehearse("shop", config_of(kShop), world.setting());
  const Instant blind = Instant(std::chrono::seconds(kStart)) + 6h + 15min;
  const auto moment = std::find_if(run.moments.begin(), run.moments.end(),
                                   [&](const Moment& each) { return each.at >= blind; });
  EXPECT_EQ(moment->size, 12);  // the load has been low for a quarter of an hour
}

TEST(Rehearsal, RetriesMakeAnOverloadWorse) {
  Case world;
  world.load = waves(8, 300, 2000);
  const auto failed = [&] {
    return rehearse("shop", config_of(kShop), world.setting()).score.failed_share();
  };
  const double alone = failed();
  world.model.retries = 1;
  EXPECT_GT(alone, 0);
  EXPECT_GT(failed(), 1.2 * alone);
}

TEST(Rehearsal, ADeployReplacesEveryInstanceAndKeepsTheSize) {
  Case world;
  world.load = waves(8, 500, 500);
  world.model.deploys = {5h};
  const Rehearsal run = rehearse("shop", config_of(kShop), world.setting());
  int32_t most = 0;
  for (const Moment& moment : run.moments) {
    most = std::max(most, moment.serving + moment.starting + moment.leaving);
  }
  EXPECT_EQ(late_in_hour(run, 7).size, 8);
  EXPECT_GT(most, 8);  // new before old
  EXPECT_EQ(run.score.failed_share(), 0);
}

TEST(Sweep, TriesEveryCombination) {
  const auto sizes = parse_sweep("policies[0].track.perInstance=50/s,80/s");
  const auto least = parse_sweep("replicas.min=3,4,5");
  ASSERT_TRUE(sizes && least);
  const auto variants = variants_of(kShop, "shop.yaml", "shop", {*sizes, *least});
  ASSERT_TRUE(variants) << variants.error().message;
  ASSERT_EQ(variants->size(), 6u);
  EXPECT_EQ((*variants)[3].name, "perInstance=80/s min=4");
  const WorkloadSpec& spec = (*variants)[3].config->workloads.front().spec;
  EXPECT_EQ(spec.bounds.min, 4);
  EXPECT_EQ(std::get<TrackSpec>(spec.policies.front().rule).target, 80);
}

TEST(Sweep, SaysWhatIsWrong) {
  EXPECT_THAT(parse_sweep("policies").error().message, HasSubstr("is no PATH=VALUE,VALUE"));
  const auto error = [](const std::string& text) {
    return variants_of(kShop, "shop.yaml", "shop", {*parse_sweep(text)}).error().message;
  };
  for (const char* text : {"polices[0].track.target=5", "a~b=1", "policies[0].track/target=5",
                           "policies.first=5", "policies[7]=5", "name.first=5"}) {
    EXPECT_THAT(error(text), HasSubstr("no such place in workload 'shop'")) << text;
  }
  EXPECT_THAT(error("replicas.min=50"), HasSubstr("above max"));
  const auto many = parse_sweep("replicas.min=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15");
  EXPECT_THAT(variants_of(kShop, "shop.yaml", "shop", {*many, *many}).error().message,
              HasSubstr("more than 200"));
}

TEST(Price, IsOfAWorkloadThatSpendsABudget) {
  const std::string budget = R"(
workloads:
  - name: shop
    target: {process: {command: [/bin/shop, "{port}"], ports: 9000-9199}}
    replicas: {min: 2, max: 40}
    signals:
      rps: {source: scrape, counter: http_requests_total}
      latency: {source: scrape, histogram: http_request_duration_seconds}
    slo: {signal: latency, p95: 300ms}
    policies:
      - track: {signal: rps, perInstance: 70/s}
)";
  const auto variants = [](const std::string& yaml) {
    return budget_variants_of(yaml, "shop.yaml", "shop");
  };
  const std::string predict = budget + "      - predict: {signal: rps, perInstance: 70/s, mode: ";
  const auto priced = variants(predict + "full}\n");
  ASSERT_TRUE(priced) << priced.error().message;
  EXPECT_EQ(priced->size(), 6u);
  EXPECT_EQ(priced->front().budget, 0.05);
  EXPECT_EQ(priced->back().config->workloads.front().spec.slo->budget, 0.001);
  EXPECT_TRUE(variants(predict + "scale-out}\n"));
  for (const std::string& yaml :
       {budget, predict + "forecast-only}\n", predict + "full, price: 3}\n"}) {
    const auto refused = variants(yaml);
    ASSERT_FALSE(refused) << yaml;
    EXPECT_THAT(refused.error().message, HasSubstr("'shop' of shop.yaml spends no budget")) << yaml;
  }
  EXPECT_THAT(variants(kShop).error().message, HasSubstr("give it slo:"));
}

TEST(Difference, NamesTheTimesInWhichTwoConfigsAreApart) {
  const Case world;
  const Setting setting = world.setting();
  const Rehearsal first = rehearse("shop", config_of(kShop), setting);
  std::string other = kShop;
  other.replace(other.find("min: 2"), 6, "min: 8");
  const Rehearsal second = rehearse("other", config_of(other), setting);
  EXPECT_TRUE(differences_of(first, first).empty());
  const auto differences = differences_of(first, second);
  ASSERT_FALSE(differences.empty());
  EXPECT_EQ(differences.front().most, 3);  // 8 where 5 are wanted
  EXPECT_THAT(difference_text(first, second), HasSubstr("where they are furthest apart"));
}

TEST(Recommend, FindsTheBusyHoursAroundMidnightToo) {
  std::array<double, 24> peaks{};
  peaks.fill(100);
  EXPECT_FALSE(busy_hours(peaks));
  for (const size_t hour : {22, 23, 0, 1, 2}) peaks[hour] = 300 + static_cast<double>(hour);
  peaks[12] = 250;  // alone
  const auto busy = busy_hours(peaks);
  ASSERT_TRUE(busy);
  EXPECT_EQ(busy->from, 22);
  EXPECT_EQ(busy->hours, 5);
  EXPECT_EQ(busy->peak, 300);
}

TEST(Recommend, SaysSoWhereNothingKeepsToTheBudget) {
  Case world;
  world.load = waves(8, 300, 2000);  // nobody starts so fast
  const RecommendedPolicy made =
      recommend(world.setting(), 0.0001, [](size_t done, size_t all) { EXPECT_LE(done, all); });
  EXPECT_FALSE(made.within_budget);
  for (const Rehearsal& each : made.tried) {
    EXPECT_GE(each.score.violating_seconds(), made.tried.front().score.violating_seconds());
  }
}

TEST(Front, HasWhomNobodyBeatsInBoth) {
  const auto run = [](const char* name, int32_t paid, bool violating) {
    Rehearsal made{.name = name};
    made.score.count(1h, 1, 1, paid, violating);
    return made;
  };
  const std::vector<bool> front = pareto_front({run("cheap", 1, true), run("safe", 3, false),
                                                run("dear", 4, false), run("oracle", 1, false)});
  EXPECT_EQ(front, (std::vector<bool>{true, true, false, false}));
}

}  // namespace
}  // namespace autoscaler
