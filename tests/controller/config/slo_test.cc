#include "controller/config/config.h"

#include <gmock/gmock.h>

#include <string>

namespace autoscaler {
namespace {

using ::testing::HasSubstr;

std::string workload(const std::string& latency, const std::string& track) {
  return R"(
name: shop
replicas: {min: 1, max: 9}
signals:
  rps: {source: scrape, counter: requests_total}
  latency: )" +
         latency + R"(
  waiting: {source: balancer, value: queue}
slo: {signal: latency, p95: 300ms}
policies:
  - track: )" +
         track + "\n";
}

constexpr const char* kHistogram = "{source: scrape, histogram: duration_seconds}";

TrackSpec track_of(const WorkloadResult& result) {
  return std::get<TrackSpec>(result.workload->spec.policies.at(0).rule);
}

TEST(SloConfig, ALearnedTargetHasNoDeadBandAboveIt) {
  const WorkloadResult result = parse_workload(
      workload(kHistogram, "{signal: rps, perInstance: learned, queue: waiting}"), "policy");
  ASSERT_TRUE(result.workload) << describe(result.problems.front());
  const TrackSpec track = track_of(result);
  EXPECT_EQ(track.kind, TrackSpec::Target::kLearned);
  EXPECT_EQ(track.tolerance_out, 0);
  EXPECT_EQ(track.tolerance_in, std::nullopt) << "the usual 10 %";
  EXPECT_EQ(track.queue, 2u);
  EXPECT_EQ(result.workload->spec.slo->signal, 1u);
  EXPECT_EQ(result.workload->spec.slo->p95, 0.3);
  EXPECT_EQ(result.workload->spec.policies[0].name, "track-rps");
}

TEST(SloConfig, ItsToleranceCanBeSaid) {
  const WorkloadResult result = parse_workload(
      workload(kHistogram, "{signal: rps, perInstance: learned, tolerance: 5%}"), "policy");
  ASSERT_TRUE(result.workload) << describe(result.problems.front());
  EXPECT_EQ(track_of(result).tolerance_out, 0.05);
  EXPECT_EQ(track_of(result).tolerance_in, 0.05);
}

TEST(SloConfig, TheSloIsInTheUnitOfItsSignal) {
  const WorkloadResult result = parse_workload(
      workload("{source: json, url: \"http://127.0.0.1:1/\", pointer: /p95, unit: milliseconds}",
               "{signal: rps, perInstance: learned}"),
      "policy");
  ASSERT_TRUE(result.workload) << describe(result.problems.front());
  EXPECT_EQ(result.workload->spec.slo->p95, 300);
}

std::string only_problem(const std::string& text) {
  const WorkloadResult result = parse_workload(text, "policy");
  return result.problems.size() == 1 ? describe(result.problems[0]) : "";
}

TEST(SloConfig, AnotherQuantileIsRefused) {
  EXPECT_THAT(only_problem(workload("{source: scrape, histogram: duration_seconds, quantile: 0.99}",
                                    "{signal: rps, perInstance: learned}")),
              HasSubstr("slo.signal: 'latency' has another quantile: write quantile: 0.95"));
}

TEST(SloConfig, AQueueIsANumberOfRequests) {
  EXPECT_THAT(only_problem(workload(kHistogram, "{signal: rps, perInstance: learned, queue: rps}")),
              HasSubstr("track.queue: 'rps' is no number of requests"));
}

}  // namespace
}  // namespace autoscaler
