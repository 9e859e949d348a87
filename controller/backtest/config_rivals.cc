#include "controller/backtest/config_rivals.h"

#include "base/check.h"
#include "controller/backtest/floors.h"
#include "controller/config/units.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

// A process target stands for any: the simulated cluster is asked all the same.
constexpr const char* kHead = R"(
controller: {interval: 15s}
workloads:
  - name: rival
    target: {process: {command: [/bin/true, "{port}"], ports: 9000-65000}}
    loadBalancer: {haproxy: {socket: /run/haproxy.sock, backend: rival}}
    compatibility: hpa
    signals:
      cpu: {source: scrape, counter: process_cpu_seconds_total, capacity: CORES, window: 60s}
)";

struct Written {
  Bounds bounds;
  std::string policies;  // of the YAML list
  std::string more_signals{};
};

std::shared_ptr<const Config> config_of(const Written& written, const Setting& setting) {
  const Duration startup = setting.model.release.startup + setting.model.release.startup_tail;
  std::string yaml = kHead;
  yaml.replace(yaml.find("CORES"), 5, format_number(setting.model.release.cores));
  yaml += written.more_signals;
  yaml += "    policies:\n" + written.policies;
  yaml += "    replicas: {min: " + std::to_string(written.bounds.min) +
          ", max: " + std::to_string(written.bounds.max) + "}\n";
  yaml += "    startupDeadline: " +
          format_duration(std::max<Duration>(std::chrono::minutes(5), 4 * startup)) + "\n";
  ConfigResult read = parse_config(yaml, "rival");
  for (const ConfigProblem& problem : read.problems) {
    std::fprintf(stderr, "%s\n", describe(problem).c_str());
  }
  CHECK(read.config.has_value());  // we wrote it
  return std::make_shared<const Config>(std::move(*read.config));
}

std::string track_cpu(int percent) {
  return "      - track: {signal: cpu, target: " + std::to_string(percent) + "%}\n";
}

constexpr int kFloorPercent = 70;
constexpr const char* kFloorSignal =
    "      floor: {source: json, url: \"http://127.0.0.1/floor\", pointer: /replicas}\n";

// An external metric whose average is to be 1: the size that it names.
Written above_floor(const Bounds& bounds) {
  return {bounds, track_cpu(kFloorPercent) + "      - track: {signal: floor, perInstance: 1}\n",
          kFloorSignal};
}

// As the HPA's target has it: instances whose cores are at 70 %.
double instances_for(double rate, const ServiceModel& model) {
  const double on_cpu = std::chrono::duration<double>(model.release.cpu_time).count();
  const double requested = model.release.cpu_request.value_or(model.release.cores);
  return std::ceil(rate * on_cpu / requested / (kFloorPercent / 100.0));
}

int64_t seconds_of(Instant at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

Rival cron_rival(const Bounds& bounds, const Setting& setting) {
  auto peak = std::make_shared<HourOfDayPeak>();
  for (const LoadCell& cell : cells_of(setting.load, setting.scored_from)) {
    if (cell.begins >= setting.scored_from) break;
    peak->learn(seconds_of(cell.begins), cell.demand);
  }
  const int64_t lead =
      std::chrono::ceil<std::chrono::seconds>(setting.model.release.startup).count();
  const auto floor = [peak, lead, model = setting.model](Instant at) {
    const int64_t now = seconds_of(at + model.metric_delay);  // a clock is never late
    return instances_for(peak->floor(now, lead), model);
  };
  return {"cron-hpa-70", config_of(above_floor(bounds), setting), {{"floor", floor}}};
}

Rival aws_like_rival(const Bounds& bounds, const Setting& setting) {
  auto plan = std::make_shared<HourlyPlan>();
  for (const LoadCell& cell : cells_of(setting.load, setting.scored_from)) {
    plan->add(seconds_of(cell.begins), cell.demand);
  }
  const auto floor = [plan, model = setting.model](Instant at) {
    return instances_for(plan->floor(seconds_of(at + model.metric_delay)), model);
  };
  return {"aws-like-70", config_of(above_floor(bounds), setting), {{"floor", floor}}};
}

Rival static_rival(const Bounds& bounds, const Setting& setting) {
  int32_t peak = 1;
  for (const LoadCell& cell : cells_of(setting.load, setting.scored_from)) {
    if (cell.begins < setting.scored_from) continue;
    peak = std::max(peak, instances_needed(cell.demand, setting.model, setting.promise));
  }
  peak = std::clamp(peak, std::max(1, bounds.min), bounds.max);
  return {"static-peak", config_of({{peak, peak}, track_cpu(kFloorPercent)}, setting), {}};
}

}  // namespace

std::vector<Rival> rivals_of(const WorkloadConfig& workload, const Setting& setting) {
  const Bounds bounds{std::max(1, workload.spec.bounds.min), workload.spec.bounds.max};
  std::vector<Rival> rivals;
  rivals.push_back(static_rival(bounds, setting));
  for (const int percent : {50, 60, 70}) {
    rivals.push_back(
        {"hpa-" + std::to_string(percent), config_of({bounds, track_cpu(percent)}, setting), {}});
  }
  rivals.push_back(cron_rival(bounds, setting));
  rivals.push_back(aws_like_rival(bounds, setting));
  return rivals;
}

}  // namespace autoscaler
