#include "controller/snapshot/decide.h"
#include "controller/snapshot/snapshot.h"

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>

// What one `decide` document costs in process, from its text to the text of the decision: reading
// JSON and the policy in it is nearly all of it (policy_bench has the decision alone).
namespace autoscaler {
namespace {

using nlohmann::json;

constexpr const char* kPolicy = R"({
  "name": "checkout", "replicas": {"min": 1, "max": 40},
  "signals": {
    "cpu": {"source": "scrape", "counter": "process_cpu_seconds_total", "capacity": 2},
    "rps": {"source": "scrape", "counter": "http_requests_total"}},
  "policies": [{"track": {"signal": "cpu", "target": "65%"}},
               {"track": {"signal": "rps", "perInstance": "100/s"}}]})";

// A workload of ours with so many instances, `seed` telling one document from the next.
std::string own_document(int instances, int seed) {
  json document{{"now", "2026-11-22T10:00:00Z"}, {"policy", json::parse(kPolicy)}};
  for (int i = 0; i < instances; ++i) {
    const std::string id = "i" + std::to_string(100 + i);
    document["instances"].push_back({{"id", id}});
    document["signals"]["cpu"].push_back(
        {{"instance", id}, {"value", 0.3 + (seed * 7 + i * 3) % 90 / 100.0}});
    document["signals"]["rps"].push_back(
        {{"instance", id}, {"value", 40 + (seed * 11 + i * 5) % 100}});
  }
  return document.dump();
}

std::string hpa_document(int pods, int seed) {
  json document = json::parse(R"({
    "now": "2026-11-22T10:00:00Z",
    "policy": {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
               "metadata": {"name": "web"},
               "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"},
                        "minReplicas": 1, "maxReplicas": 40,
                        "metrics": [{"type": "Resource", "resource": {"name": "cpu",
                          "target": {"type": "Utilization", "averageUtilization": 60}}}]}},
    "pods": [], "metrics": {"podMetrics": []}})");
  document["scale"] = {{"spec", {{"replicas", pods}}}, {"status", {{"replicas", pods}}}};
  for (int i = 0; i < pods; ++i) {
    const std::string name = "p" + std::to_string(100 + i);
    json pod = json::parse(R"({
      "metadata": {}, "spec": {"containers": [{"name": "c",
        "resources": {"requests": {"cpu": "1"}}}]},
      "status": {"phase": "Running", "startTime": "2026-11-22T08:00:00Z", "conditions": [
        {"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-22T08:01:00Z"}]}})");
    pod["metadata"]["name"] = name;
    document["pods"].push_back(pod);
    const std::string usage = std::to_string(300 + (seed * 13 + i * 7) % 600) + "m";
    document["metrics"]["podMetrics"].push_back(
        {{"metadata", {{"name", name}}},
         {"timestamp", "2026-11-22T09:59:50Z"},
         {"window", "60s"},
         {"containers", {{{"name", "c"}, {"usage", {{"cpu", usage}}}}}}});
  }
  return document.dump();
}

void decide_one(const std::string& document) {
  const auto decided = decide_json(document);
  if (!decided.ok()) {
    std::fprintf(stderr, "%s\n", decided.error().message.c_str());
    std::exit(1);
  }
  benchmark::DoNotOptimize(decided->size());
}

void decide(benchmark::State& state, std::string (*make)(int, int)) {
  std::vector<std::string> documents;
  for (int seed = 0; seed < 100; ++seed) {
    documents.push_back(make(static_cast<int>(state.range(0)), seed));
  }
  size_t next = 0;
  for (auto _ : state) {
    decide_one(documents[next++ % documents.size()]);
  }
  state.SetItemsProcessed(state.iterations());
}

// A hundred thousand each, so that the time is that of 100,000 snapshots.
BENCHMARK_CAPTURE(decide, own, own_document)
    ->ArgName("instances")
    ->Arg(3)
    ->Arg(30)
    ->Iterations(100'000)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(decide, hpa, hpa_document)
    ->ArgName("pods")
    ->Arg(3)
    ->Arg(30)
    ->Iterations(100'000)
    ->Unit(benchmark::kMicrosecond);

// One figure for a fleet: 100,000 snapshots, half of them HPA objects, of 1 to 20 instances.
void decide_a_fleet(benchmark::State& state) {
  constexpr int kSnapshots = 100'000;
  std::vector<std::string> documents;
  for (int seed = 0; seed < 1000; ++seed) {
    documents.push_back((seed % 2 == 0 ? own_document : hpa_document)(1 + seed % 20, seed));
  }
  for (auto _ : state) {
    for (int i = 0; i < kSnapshots; ++i) decide_one(documents[i % documents.size()]);
  }
  state.SetItemsProcessed(state.iterations() * kSnapshots);
}
BENCHMARK(decide_a_fleet)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace autoscaler

BENCHMARK_MAIN();
