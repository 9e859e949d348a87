#include "controller/backtest/bench_config.h"

#include "base/check.h"
#include "controller/backtest/fixed_world.h"
#include "controller/config/units.h"

#include <cstdio>

namespace autoscaler {
namespace {

constexpr const char* kYaml = R"(
controller: {interval: 15s}
workloads:
  - name: bench
    target: {kubernetes: {namespace: bench, name: bench}}
    replicas: {min: 1, max: LARGEST}
    startupDeadline: DEADLINEs
    signals:
      latency: {source: json, url: "http://127.0.0.1/latency", pointer: "", unit: seconds}
      rps: {source: json, url: "http://127.0.0.1/newest", pointer: "", unit: perSecond, believeZeroAfter: 0s}
      rps-fast: {source: json, url: "http://127.0.0.1/newest", pointer: "", unit: perSecond, believeZeroAfter: 0s}
      rps-slow: {source: json, url: "http://127.0.0.1/minute", pointer: "", unit: perSecond, believeZeroAfter: 0s}
      waiting: {source: json, url: "http://127.0.0.1/waiting", pointer: "", unit: number}
    slo: {signal: latency, p95: 300msBUDGET}
    policies:
      - track: {signal: rps-slow, perInstance: FILL/s, queue: waiting, burst: {signal: rps-fast}, tolerance: {out: 0%}}
      - predict: {signal: rps, perInstance: CAPACITY/s, mode: full, lead: LEADsPRICE}
    behavior: none
    guards: none
)";

constexpr double kFill = 0.97;

void put(std::string& yaml, const std::string& mark, const std::string& text) {
  yaml.replace(yaml.find(mark), mark.size(), text);
}

}  // namespace

std::shared_ptr<const Config> bench_config(const BenchPolicy& policy, int64_t lead_s) {
  const double capacity = policy.capacity_factor * fixed_world::rate_at_slo();
  std::string yaml = kYaml;
  put(yaml, "LARGEST", std::to_string(fixed_world::kLargestSize));
  put(yaml, "FILL", format_number(kFill * capacity));
  put(yaml, "CAPACITY", format_number(capacity));
  put(yaml, "DEADLINE", std::to_string(2 * lead_s));
  put(yaml, "LEAD", std::to_string(lead_s));
  put(yaml, "PRICE", policy.price ? ", price: " + format_number(*policy.price) : "");
  put(yaml, "BUDGET",
      policy.budget ? ", budget: " + format_number(100 * *policy.budget) + "%" : "");
  ConfigResult read = parse_config(yaml, "bench");
  for (const ConfigProblem& problem : read.problems) {
    std::fprintf(stderr, "%s\n", describe(problem).c_str());
  }
  CHECK(read.config.has_value());  // we wrote it
  return std::make_shared<const Config>(std::move(*read.config));
}

}  // namespace autoscaler
