#include "policies/hpa_replicas.h"
#include "tests/policies/hpa_builder.h"

#include <gtest/gtest.h>

#include <limits>

namespace autoscaler {
namespace {

using namespace testing;

struct PodCase {
  const char* name;
  int32_t size;
  int64_t target;
  std::vector<Pod> pods;
  std::optional<int32_t> want;
  std::optional<double> reported;
};

// Worked out by hand from the rules of the HPA's replica calculation.
TEST(Hpa, ResourceUtilization) {
  const Pod pending{.phase = Phase::kPending, .ready = false};
  const Pod failed{.milli = 900, .phase = Phase::kFailed, .ready = false};
  const Pod deleting{.milli = 900, .deleting = true};
  const PodCase cases[] = {
      {"50 % of 30 %", 3, 30, {{300}, {500}, {700}}, 5, 50},
      {"28 % of 50 %", 5, 50, {{100}, {300}, {500}, {250}, {250}}, 3, 28},
      {"on the upper edge of the tolerance", 3, 50, {{550}, {550}, {550}}, 3, 55},
      {"utilisation is cut to whole percent: 55.9 is 55", 3, 50, {{559}, {559}, {559}}, 3, 55},
      {"a percent past it", 3, 50, {{560}, {560}, {560}}, 4, 56},
      {"ready pods are multiplied, not the size", 5, 50, {{1000}, {1000}}, 4, 100},
      {"an unready pod counts as idle on the way up",
       3,
       30,
       {{300, Phase::kRunning, false, 1min, 50s}, {500}, {700}},
       4,
       60},
      {"and turns the direction: hold",
       3,
       30,
       {{400}, {500, Phase::kRunning, false, 1min, 50s}, {700, Phase::kRunning, false, 1min, 50s}},
       3,
       40},
      {"but not on the way down: 2 ready x 0.4",
       3,
       50,
       {{200}, {200}, {900, Phase::kRunning, false, 1min, 50s}},
       1,
       20},
      {"pending is unready", 3, 30, {{500}, {700}, pending}, 4, 60},
      {"failed and deleted pods do not exist", 2, 30, {{500}, {700}, failed, deleting}, 4, 60},
      {"a succeeded pod does", 3, 50, {{100}, {100}, {100, Phase::kSucceeded}}, 1, 10},
      {"missing counts as its whole request on the way down: 55 %",
       4,
       50,
       {{100}, {100}, {}, {}},
       4,
       10},
      {"missing on the way down, still low: (0.4 + 1) / 5 = 28 %",
       5,
       50,
       {{100}, {100}, {100}, {100}, {}},
       3,
       10},
      {"above 100 % as much as the target: (400 + 1500) / 5 = 38 %",
       5,
       150,
       {{100}, {100}, {100}, {100}, {}},
       2,
       10},
      {"missing counts as idle on the way up: 4 x 100 % of 5",
       5,
       50,
       {{1000}, {1000}, {1000}, {1000}, {}},
       8,
       100},
      {"exactly on target nothing is filled in", 3, 50, {{500}, {500}, {}}, 3, 50},
      {"hold where fewer samples would turn up into down", 6, 50, {{1000}, {1000}, {}}, 6, 100},
      {"no sample of a ready pod", 3, 50, {pending, {}}, std::nullopt, std::nullopt},
      {"a container without a request fails the metric",
       2,
       50,
       {{100}, {.milli = 100, .request = {}}},
       std::nullopt,
       std::nullopt},
      {"of a pod without a sample too",
       2,
       50,
       {{100}, {.request = {}}},
       std::nullopt,
       std::nullopt},
  };
  for (const PodCase& c : cases) {
    const auto spec = hpa_of(metric(Source::kResource, Target::kUtilization, c.target));
    const auto decision = decide(spec, snapshot_of(c.pods, c.size, true));
    EXPECT_EQ(decision.proposals.at(0).replicas, c.want) << c.name;
    EXPECT_EQ(decision.proposals.at(0).current, c.reported) << c.name;
  }
}

TEST(Hpa, CpuSamplesOfStartingPodsAreNotBelieved) {
  const struct {
    const char* name;
    Pod pod;
    PodClass want;
  } cases[] = {
      {"in initialisation and not ready",
       {500, Phase::kRunning, false, 1min, 50s},
       PodClass::kUnready},
      {"ready, sampled within a window of becoming so",
       {500, Phase::kRunning, true, 2min, 59s, 0s},
       PodClass::kUnready},
      {"ready, a full window later", {500, Phase::kRunning, true, 2min, 60s, 0s}, PodClass::kReady},
      {"past initialisation, never was ready",
       {500, Phase::kRunning, false, 5min, 4min + 31s},
       PodClass::kUnready},
      {"past initialisation, was ready once",
       {500, Phase::kRunning, false, 5min, 4min + 30s},
       PodClass::kReady},
      {"past initialisation, ready just now",
       {500, Phase::kRunning, true, 5min, 1s},
       PodClass::kReady},
      {"without a Ready condition", {500, Phase::kRunning, std::nullopt}, PodClass::kUnready},
      {"without a sample it is missing first",
       {{}, Phase::kRunning, false, 1min, 50s},
       PodClass::kMissing},
  };
  for (const auto& c : cases) {
    const auto snapshot = snapshot_of({c.pod}, 1, true);
    const auto cpu = metric(Source::kResource, Target::kUtilization, 50);
    EXPECT_EQ(classify_pods(cpu, {}, snapshot.workload, snapshot.readings, kStart).pods[0].klass,
              c.want)
        << c.name;
    auto memory = cpu;
    memory.resource = "memory";
    EXPECT_EQ(classify_pods(memory, {}, snapshot.workload, snapshot.readings, kStart).pods[0].klass,
              c.pod.milli ? PodClass::kReady : PodClass::kMissing)
        << c.name << ", memory: readiness is not looked at";
  }
}

TEST(Hpa, PodValuesAgainstAnAverage) {
  const PodCase cases[] = {
      {"mean 20 of 15", 3, 15'000, {{20'000}, {10'000}, {30'000}}, 4, 20},
      {"the mean is cut to a whole milli-unit: 33.333 of 33.333",
       3,
       33'333,
       {{33'334}, {33'333}, {33'334}},
       3,
       33.333},
      {"missing counts as on target on the way down: (10 + 10 + 50) / 3",
       3,
       50'000,
       {{10'000}, {10'000}, {}},
       2,
       10},
      {"missing counts as idle on the way up", 3, 10'000, {{40'000}, {40'000}, {}}, 8, 40},
      {"readiness is not looked at",
       2,
       10'000,
       {{20'000, Phase::kRunning, false, 1min, 50s}, {20'000}},
       4,
       20},
  };
  for (const PodCase& c : cases) {
    const auto spec = hpa_of(metric(Source::kPods, Target::kAverageValue, c.target));
    const auto decision = decide(spec, snapshot_of(c.pods, c.size, false));
    EXPECT_EQ(decision.proposals.at(0).replicas, c.want) << c.name;
    EXPECT_EQ(decision.proposals.at(0).current, c.reported) << c.name;
  }
}

TEST(Hpa, SamplesOfUnlistedPodsEnterTheMeanOfRawValuesOnly) {
  auto snapshot = snapshot_of({{20'000}, {20'000}}, 2, false);
  snapshot.readings.push_back({"zz", measured(Quantities{{80'000}})});
  const auto raw = decide(hpa_of(metric(Source::kPods, Target::kAverageValue, 20'000)), snapshot);
  EXPECT_EQ(raw.proposals[0].current, 40);
  EXPECT_EQ(raw.proposals[0].replicas, 4);

  auto usage = snapshot_of({{500}, {500}}, 2, true);
  usage.readings.push_back({"zz", measured(ContainerUsage{{{"main", 9000}}})});
  const auto cpu = decide(hpa_of(metric(Source::kResource, Target::kUtilization, 50)), usage);
  EXPECT_EQ(cpu.proposals[0].current, 50);
}

TEST(Hpa, AContainersOwnUsageAndRequest) {
  auto snapshot = snapshot_of({{0}, {0}}, 2, true);
  for (size_t i = 0; i < 2; ++i) {
    auto& facts = snapshot.workload.instances.edit()[i].pod.edit();
    facts.containers = {{"main", {{"cpu", 1000}}}, {"sidecar", {}}};
    snapshot.readings[i].reading =
        measured(ContainerUsage{{{"main", 900}, {"sidecar", std::nullopt}}}, kStart, 60s);
  }
  const auto one =
      decide(hpa_of(metric(Source::kContainerResource, Target::kUtilization, 50)), snapshot);
  EXPECT_EQ(one.proposals[0].replicas, 4);
  EXPECT_EQ(one.proposals[0].current, 90);
  const auto whole =
      decide(hpa_of(metric(Source::kResource, Target::kAverageValue, 500)), snapshot);
  EXPECT_FALSE(whole.proposals[0].replicas) << "the sidecar lacks the resource: no sample";
}

TEST(Hpa, PodLevelRequestsWinAndInitContainersThatEndDoNotCount) {
  auto snapshot = snapshot_of({{1000}}, 1, true);
  auto& facts = snapshot.workload.instances.edit()[0].pod.edit();
  facts.containers.push_back({"init", {}, false});
  const auto spec = hpa_of(metric(Source::kResource, Target::kUtilization, 50));
  EXPECT_EQ(decide(spec, snapshot).proposals[0].current, 100);
  facts.pod_requests_milli = {{"cpu", 4000}};
  EXPECT_EQ(decide(spec, snapshot).proposals[0].current, 25);
}

struct ServiceCase {
  const char* name;
  Target kind;
  std::vector<int64_t> series;
  int64_t target;
  int32_t size;
  int32_t ready;
  std::optional<int32_t> want;
  std::optional<double> reported;
};

TEST(Hpa, ObjectAndExternalMetrics) {
  const ServiceCase cases[] = {
      {"a value times the ready pods", Target::kValue, {20'000}, 15'000, 3, 3, 4, 20},
      {"scales in while overloaded, as the HPA does",
       Target::kValue,
       {39'000},
       20'000,
       3,
       1,
       2,
       39},
      {"and to nothing with none ready", Target::kValue, {39'000}, 20'000, 3, 0, 0, 39},
      {"within tolerance", Target::kValue, {22'000}, 20'000, 3, 1, 3, 22},
      {"from zero: tolerance and readiness are not looked at",
       Target::kValue,
       {20'500},
       20'000,
       0,
       0,
       2,
       20.5},
      {"all series are added", Target::kValue, {20'000, 20'000}, 20'000, 1, 1, 2, 40},
      {"an average against status.replicas", Target::kAverageValue, {8'600}, 2'150, 3, 3, 4, 2.867},
      {"an average does not look at readiness",
       Target::kAverageValue,
       {8'600},
       2'150,
       3,
       0,
       4,
       2.867},
      {"an average within tolerance", Target::kAverageValue, {6'600}, 2'000, 3, 3, 3, 2.2},
      {"an average from zero has nothing to report",
       Target::kAverageValue,
       {8'600},
       2'150,
       0,
       0,
       4,
       std::nullopt},
      {"nothing from zero", Target::kAverageValue, {0}, 2'150, 0, 0, 0, std::nullopt},
      {"more than fits",
       Target::kValue,
       {std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::max()},
       1,
       3,
       3,
       std::numeric_limits<int32_t>::max(),
       static_cast<double>(INT64_MAX) / 1000},
      {"no series", Target::kValue, {}, 1, 3, 3, std::nullopt, std::nullopt},
  };
  for (const ServiceCase& c : cases) {
    for (const Source source : {Source::kObject, Source::kExternal}) {
      auto spec = hpa_of(metric(source, c.kind, c.target));
      spec.bounds = {0, std::numeric_limits<int32_t>::max()};
      std::vector<Pod> pods;
      for (int32_t i = 0; i < c.size; ++i) pods.push_back({.ready = i < c.ready});
      const auto snapshot = snapshot_of(pods, c.size, false);
      const auto decision = evaluate(spec, snapshot.workload,
                                     {for_service(measured(Quantities{c.series}))}, {}, kStart);
      EXPECT_EQ(decision.proposals.at(0).replicas, c.want) << c.name;
      EXPECT_EQ(decision.proposals.at(0).current, c.reported) << c.name;
    }
  }
}

}  // namespace
}  // namespace autoscaler
