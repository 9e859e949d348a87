#include "controller/config/config.h"
#include "tests/controller/config/print_config.h"

#include <gtest/gtest.h>

#include <string>

namespace autoscaler {
namespace {

using std::chrono::seconds;

// One signal of any kind, beside one that a policy uses.
ConfigResult parsed(const std::string& signal) {
  const std::string text = R"(controller: {interval: 5s, listen: 127.0.0.1:8080, journal: a.db}
sources:
  prometheus: {url: http://prometheus:9090}
workloads:
  - name: shop
    target: {process: {command: [/bin/shop, "--port={port}"], ports: 9000-9099}}
    replicas: {min: 1, max: 20}
    signals:
      load: )" + signal + R"(
      jobs: {source: scrape, gauge: jobs}
    policies:
      - track: {signal: jobs, target: 8}
)";
  return parse_config(text, "test.yaml");
}

TEST(Quality, IsReadWithAllItsKeys) {
  const auto result = parsed(
      "{source: scrape, histogram: h, minCoverage: {out: 30%, in: 90%}, "
      "offset: 1m, minSamples: 4, minObservations: 100, "
      "believeZeroAfter: 1h}");
  ASSERT_TRUE(result.config) << problems_text(result.problems);
  const SignalSpec& spec = result.config->workloads[0].spec.signals[0];
  EXPECT_EQ(spec.min_coverage, 0.3);
  EXPECT_EQ(spec.min_coverage_in, 0.9);
  EXPECT_EQ(spec.min_observations, 100);
  EXPECT_EQ(spec.believe_zero_after, std::chrono::hours(1));
  EXPECT_EQ(spec.max_age, seconds(75)) << "three intervals and the offset";
  const auto& read = std::get<ScrapeRead>(result.config->workloads[0].queries[0].how);
  EXPECT_EQ(read.offset, seconds(60));
  EXPECT_EQ(read.samples, 4);
}

TEST(Quality, ACoverageAloneIsForOutAndNoLessForIn) {
  const auto in_of = [](const std::string& coverage) {
    const auto result = parsed("{source: scrape, counter: c, minCoverage: " + coverage + "}");
    const SignalSpec& spec = result.config->workloads[0].spec.signals[0];
    return std::pair(spec.min_coverage, spec.min_coverage_in);
  };
  EXPECT_EQ(in_of("0.3"), std::pair(0.3, 0.75));
  EXPECT_EQ(in_of("0.9"), std::pair(0.9, 0.9));
  EXPECT_EQ(in_of("{in: 50%}"), std::pair(0.5, 0.5));
}

TEST(Quality, ZerosAreDoubtedWhereTheyAreOdd) {
  const auto belief = [](const std::string& signal) {
    const auto result = parsed(signal);
    EXPECT_TRUE(result.config) << problems_text(result.problems);
    return result.config->workloads[0].spec.signals[0].believe_zero_after;
  };
  const Duration doubted = seconds(300);
  EXPECT_EQ(belief("{source: scrape, counter: c}"), doubted);
  EXPECT_EQ(belief("{source: scrape, histogram: h}"), doubted);
  EXPECT_EQ(belief("{source: scrape, ratio: {of: c, matching: {code: 5..}}}"), doubted);
  EXPECT_EQ(belief("{source: scrape, gauge: memory, capacity: 2Gi}"), doubted);
  EXPECT_EQ(belief("{source: json, path: /cpu, pointer: /n, unit: ratio}"), doubted);
  EXPECT_EQ(belief("{source: prometheus, query: rps, unit: perSecond}"), doubted);
  EXPECT_EQ(belief("{source: scrape, gauge: jobs}"), Duration{0});
  EXPECT_EQ(belief("{source: json, url: 'http://a/', pointer: /n}"), Duration{0});
  EXPECT_EQ(belief("{source: prometheus, query: queue}"), Duration{0});
  EXPECT_EQ(belief("{source: scrape, gauge: memory, capacity: 2Gi, believeZeroAfter: 0s}"),
            Duration{0});
}

TEST(Quality, AQueryLooksBackOverTheLongestOfItsRanges) {
  const auto lookback = [](const std::string& rest) {
    const auto result = parsed("{source: prometheus, query: " + rest + "}");
    EXPECT_TRUE(result.config) << problems_text(result.problems);
    return result.config->workloads[0].spec.signals[0].lookback;
  };
  EXPECT_EQ(lookback("up"), Duration{0});
  EXPECT_EQ(lookback("'sum(rate(a[5m])) / sum(rate(b[1h30m:1m]))'"), std::chrono::minutes(90));
  EXPECT_EQ(lookback("'a[x]'"), Duration{0});
  EXPECT_EQ(lookback("up, window: 2m"), std::chrono::minutes(2));
}

TEST(Quality, ASumNeedsAllOfItsPartsForAScaleIn) {
  const auto in_of = [](const std::string& rest) {
    const auto result = parsed("{source: scrape, gauge: g, " + rest + "}");
    EXPECT_TRUE(result.config) << problems_text(result.problems);
    return result.config->workloads[0].spec.signals[0].min_coverage_in;
  };
  EXPECT_EQ(in_of("aggregate: sum"), 1);
  EXPECT_EQ(in_of("aggregate: sum, targets: ['http://a/m']"), 1);
  EXPECT_EQ(in_of("aggregate: sum, minCoverage: 50%"), 1);
  EXPECT_EQ(in_of("aggregate: sum, minCoverage: {in: 80%}"), 0.8);
  EXPECT_EQ(in_of("aggregate: mean"), 0.75);
}

TEST(Quality, PercentilesAreWordsOfTheAggregate) {
  const auto result = parsed("{source: scrape, gauge: g, window: 1m, aggregate: p99.9}");
  ASSERT_TRUE(result.config) << problems_text(result.problems);
  const SignalSpec& spec = result.config->workloads[0].spec.signals[0];
  EXPECT_EQ(spec.aggregation, Aggregation::kPercentile);
  EXPECT_DOUBLE_EQ(spec.percentile, 0.999);
  const auto& read = std::get<ScrapeRead>(result.config->workloads[0].queries[0].how);
  EXPECT_EQ(std::get<GaugeOf>(read.what).mean_over, seconds(60));
}

}  // namespace
}  // namespace autoscaler
