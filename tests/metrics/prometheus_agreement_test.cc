#include "base/fetch.h"
#include "metrics/prometheus_reply.h"
#include "metrics/window.h"
#include "policies/aggregate.h"
#include "policies/histogram.h"
#include "tests/fakes/prometheus_process.h"
#include "tests/metrics/agreement.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <random>

// The same samples, given to the real Prometheus and to our windows: what differs, by which
// formula, is written in docs/signals.md, and nothing else does.
namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int64_t kStartMs = 1732280400000;
constexpr int kCounters = 8;
constexpr int kSets = 4;  // label sets of the histogram
const std::vector<double> kBounds = {0.05, 0.1, 0.25,
                                     0.5,  1,   std::numeric_limits<double>::infinity()};

// Two hours: spaced as scrapes are, with jitter, gaps of minutes, and restarts. A restart shows in
// every counter of its row that had counted anything.
History random_history(std::mt19937& random, size_t width, bool gauge) {
  const auto pick = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  History history;
  std::vector<double> counts(width, 0.0);
  for (double& count : counts) count = gauge ? 0 : std::floor(pick(0, 2000));
  std::sort(counts.begin(), counts.end());
  int64_t at = kStartMs + static_cast<int64_t>(pick(0, 15'000));
  while (at < kStartMs + 7'200'000) {
    at -= at % 125;  // promtool multiplies seconds by 1000 and cuts: eighths come out whole
    history.push_back({at, counts});
    const double event = pick(0, 100);
    at += event < 1 ? static_cast<int64_t>(pick(60'000, 400'000))
                    : static_cast<int64_t>(pick(13'000, 17'000));
    if (gauge) {
      counts = {pick(-50, 200)};
    } else if (event > 98.5) {
      for (double& count : counts) count = std::floor(count * pick(0, 0.2));
      std::sort(counts.begin(), counts.end());
    } else {
      double grown = 0;
      for (double& count : counts) count += grown += std::floor(pick(0, event < 20 ? 0.5 : 90));
    }
  }
  return history;
}

void write(std::string& to, const std::string& series, const History& history, size_t column) {
  for (const Sample& sample : history) {
    char at[32];
    std::snprintf(at, sizeof at, " %.3f\n", static_cast<double>(sample.at_ms) / 1000);
    to += series + " " + number(sample.values[column]) + at;
  }
}

struct Data {
  std::vector<History> counters, gauges, sets;
  std::string text;

  Data() {
    std::mt19937 random(20261128);
    for (int i = 0; i < kCounters; ++i) {
      counters.push_back(random_history(random, 1, false));
      gauges.push_back(random_history(random, 1, true));
    }
    for (int i = 0; i < kSets; ++i) sets.push_back(random_history(random, kBounds.size(), false));
    text += "# TYPE c counter\n";
    for (int i = 0; i < kCounters; ++i) {
      write(text, "c_total{i=\"" + std::to_string(i) + "\"}", counters[i], 0);
    }
    text += "# TYPE g gauge\n";
    for (int i = 0; i < kCounters; ++i) {
      write(text, "g{i=\"" + std::to_string(i) + "\"}", gauges[i], 0);
    }
    // As counters of a plain name: promtool reads them the same, and asks for no _count and _sum.
    text += "# TYPE h_bucket unknown\n";
    for (int i = 0; i < kSets; ++i) {
      for (size_t b = 0; b < kBounds.size(); ++b) {
        write(text, "h_bucket{i=\"" + std::to_string(i) + "\",le=\"" + number(kBounds[b]) + "\"}",
              sets[i], b);
      }
    }
    text += "# EOF\n";
  }
};

class Agreement : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    data_ = std::make_unique<Data>();
    process_ = std::make_unique<PrometheusProcess>(data_->text);
  }
  static void TearDownTestSuite() {
    process_.reset();
    data_.reset();
  }

  // What Prometheus answers at each step, by its label i ("" where there is none).
  using Answers = std::map<std::string, std::vector<PrometheusPoint>>;
  static Answers ask(const std::string& query, int64_t from_ms, int64_t step_ms, int steps) {
    const auto seconds_of = [](int64_t ms) {
      char text[32];
      std::snprintf(text, sizeof text, "%.3f", static_cast<double>(ms) / 1000);
      return std::string(text);
    };
    std::string url = "http://" + process_->address() +
                      "/api/v1/query_range?start=" + seconds_of(from_ms) +
                      "&end=" + seconds_of(from_ms + (steps - 1) * step_ms) +
                      "&step=" + seconds_of(step_ms) + "&query=";
    url += escaped(query);
    FetchLimits limits;
    limits.deadline = seconds(60);
    const FetchRequest request{url, {}};
    const auto responses = Fetcher(limits).fetch({&request, 1});
    EXPECT_TRUE(responses[0].ok() && responses[0]->status == 200) << responses[0]->body;
    const auto reply = parse_prometheus_reply(responses[0]->body, ReplyLimits{});
    EXPECT_TRUE(reply.ok());
    Answers answers;
    for (const PrometheusSeries& series : reply->series) {
      const size_t label = series.labels.find("i=\"");
      answers[label == std::string::npos ? "" : series.labels.substr(label + 3, 1)] = series.points;
    }
    return answers;
  }

  static std::unique_ptr<Data> data_;
  static std::unique_ptr<PrometheusProcess> process_;
};
std::unique_ptr<Data> Agreement::data_;
std::unique_ptr<PrometheusProcess> Agreement::process_;

void expect_near(double got, double want, const std::string& what) {
  ASSERT_NEAR(got, want, 1e-9 * std::max(1.0, std::abs(want))) << what;
}

std::string range(Duration length) {
  return "[" + std::to_string(length.count()) + "ms]";
}

// Windows from a minute to eight, each at many moments.
template <typename Check>
int over_random_windows(uint32_t seed, int lengths, Check check) {
  std::mt19937 random(seed);
  const auto pick = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  constexpr int kSteps = 150;
  int compared = 0;
  for (int i = 0; i < lengths && !testing::Test::HasFatalFailure(); ++i) {
    const Duration length{pick(30'000, 480'000)};
    compared += check(length, kStartMs + pick(0, 600'000), pick(7'000, 40'000), kSteps);
  }
  return compared;
}

TEST_F(Agreement, RatesDifferByTheExtrapolationAlone) {
  const int compared =
      over_random_windows(1, 12, [](Duration length, int64_t from, int64_t step, int steps) {
        int points = 0;
        for (const auto& [i, series] :
             ask("rate(c_total" + range(length) + ")", from, step, steps)) {
          const History& history = data_->counters[std::stoul(i)];
          for (const PrometheusPoint& point : series) {
            const auto ours = seen(history, point.at, length);
            EXPECT_TRUE(ours);
            if (!ours) return points;
            expect_near(point.value, ours->rates[0] * extrapolation(*ours, 0, point.at, length), i);
            ++points;
          }
        }
        return points;
      });
  EXPECT_GT(compared, 5'000);
  std::printf("%d windows of rate()\n", compared);
}

TEST_F(Agreement, BothAreSilentWithFewerThanTwoSamples) {
  const Duration length = seconds(20);
  const auto answers = ask("rate(c_total[20s])", kStartMs, 11'000, 600);
  int silent = 0;
  for (int i = 0; i < kCounters; ++i) {
    std::map<Instant, double> theirs;
    for (const PrometheusPoint& point : answers.at(std::to_string(i))) {
      theirs.emplace(point.at, point.value);
    }
    for (int k = 0; k < 600; ++k) {
      const Instant at{milliseconds(kStartMs + k * 11'000)};
      const bool ours = seen(data_->counters[i], at, length).has_value();
      ASSERT_EQ(ours, theirs.contains(at)) << i << " at step " << k;
      silent += !ours;
    }
  }
  EXPECT_GT(silent, 100);
}

TEST_F(Agreement, RatiosDifferByTheExtrapolationOfTheirPartsAlone) {
  const int compared =
      over_random_windows(2, 12, [](Duration length, int64_t from, int64_t step, int steps) {
        const std::string r = range(length);
        const auto answers =
            ask("sum(rate(c_total{i=~\"[0-2]\"}" + r + ")) / sum(rate(c_total" + r + "))", from,
                step, steps);
        int points = 0;
        for (const PrometheusPoint& point : answers.at("")) {
          double part = 0;
          double all = 0;
          for (int i = 0; i < kCounters; ++i) {
            const auto ours = seen(data_->counters[i], point.at, length);
            if (!ours) continue;
            const double rate = ours->rates[0] * extrapolation(*ours, 0, point.at, length);
            all += rate;
            if (i < 3) part += rate;
          }
          if (std::isnan(point.value)) continue;
          expect_near(point.value, part / all, "ratio");
          ++points;
        }
        return points;
      });
  EXPECT_GT(compared, 1'000);
  std::printf("%d windows of ratios\n", compared);
}

TEST_F(Agreement, QuantilesOfMergedHistogramsDifferByTheExtrapolationOfTheirBucketsAlone) {
  const int compared =
      over_random_windows(3, 12, [](Duration length, int64_t from, int64_t step, int steps) {
        const double quantile = std::array{0.5, 0.9, 0.95, 0.99}[static_cast<size_t>(from) % 4];
        const auto answers = ask("histogram_quantile(" + number(quantile) +
                                     ", sum by (le) (rate(h_bucket" + range(length) + ")))",
                                 from, step, steps);
        int points = 0;
        for (const PrometheusPoint& point : answers.at("")) {
          std::vector<double> merged(kBounds.size(), 0.0);
          for (const History& set : data_->sets) {
            const auto ours = seen(set, point.at, length);
            if (!ours) continue;
            for (size_t b = 0; b < merged.size(); ++b) {
              merged[b] += ours->rates[b] * extrapolation(*ours, b, point.at, length);
            }
          }
          // As HistogramReader: raised where a race made them fall, then by bucket.
          for (size_t b = 1; b < merged.size(); ++b) merged[b] = std::max(merged[b], merged[b - 1]);
          std::adjacent_difference(merged.begin(), merged.end(), merged.begin());
          const auto ours = quantile_of(kBounds, merged, quantile);
          if (!ours) {
            EXPECT_TRUE(std::isnan(point.value));
            continue;
          }
          expect_near(point.value, *ours, "quantile " + number(quantile));
          ++points;
        }
        return points;
      });
  EXPECT_GT(compared, 1'000);
  std::printf("%d windows of histogram_quantile()\n", compared);
}

TEST_F(Agreement, MeansOfGaugesAreTheSame) {
  const int compared =
      over_random_windows(4, 6, [](Duration length, int64_t from, int64_t step, int steps) {
        int points = 0;
        for (const auto& [i, series] :
             ask("avg_over_time(g" + range(length) + ")", from, step, steps)) {
          for (const PrometheusPoint& point : series) {
            GaugeWindow window;
            for (const Sample& sample : data_->gauges[std::stoul(i)]) {
              const Instant at{milliseconds(sample.at_ms)};
              if (at < point.at - length || at > point.at) continue;
              window.add(at, sample.values[0], {length});
            }
            expect_near(point.value, window.mean({length})->value, i);
            ++points;
          }
        }
        return points;
      });
  EXPECT_GT(compared, 3'000);
  std::printf("%d windows of avg_over_time()\n", compared);
}

TEST_F(Agreement, PercentilesOverInstancesAreTheSame) {
  for (const double percentile : {0.1, 0.5, 0.9, 0.99}) {
    SignalSpec spec;
    spec.aggregation = Aggregation::kPercentile;
    spec.percentile = percentile;
    const auto each = ask("last_over_time(g[5m])", kStartMs + 600'000, 60'000, 50);
    const auto theirs = ask("quantile(" + number(percentile) + ", last_over_time(g[5m]))",
                            kStartMs + 600'000, 60'000, 50);
    for (const PrometheusPoint& point : theirs.at("")) {
      std::vector<InstanceReading> readings;
      std::vector<Instance> instances;
      for (const auto& [i, series] : each) {
        for (const PrometheusPoint& one : series) {
          if (one.at != point.at) continue;
          readings.push_back({i, Measured{one.value, one.at, {}}});
          instances.push_back({i, Lifecycle::kInService, {}});
        }
      }
      const auto ours = aggregate(spec, Signal{readings}, instances, point.at);
      expect_near(point.value, ours.value.value(), number(percentile));
    }
  }
}

}  // namespace
}  // namespace autoscaler
