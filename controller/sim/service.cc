#include "controller/sim/service.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

constexpr Duration kStep = std::chrono::seconds(1);

// Beyond it the queue, which is counted, makes the latency, and no longer the formula.
constexpr double kHighestUtilization = 0.98;

// A share of requests too small to be told from none.
constexpr double kNothing = 1e-9;

double in_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// Share of its work that a core does, by how long the instance has been serving.
double warmth_of(const SimulatedInstance& instance, Instant now) {
  const Release& release = instance.release;
  if (release.warm_up <= Duration{0}) return 1;
  const Duration served = instance.first_request ? now - *instance.first_request : Duration{0};
  const double share = std::min(1.0, in_seconds(served) / in_seconds(release.warm_up));
  return release.cold_share + (1 - release.cold_share) * share;
}

// Response times are exponential with this mean, after `queued` that all of them waited.
void count_latencies(double requests, double queued, double mean, Counters& counters) {
  double below = 0;
  for (size_t i = 0; i < kLatencyBounds; ++i) {
    const double past_queue = latency_bounds()[i] - queued;
    const double share = past_queue <= 0 ? 0 : 1 - std::exp(-past_queue / mean);
    counters.latencies[i] += requests * (share - below);
    below = share;
    if (1 - below < kNothing) break;
  }
  counters.latencies[kLatencyBounds] += requests * (1 - below);
  counters.latency_seconds += requests * (queued + mean);
}

}  // namespace

const std::array<double, kLatencyBounds>& latency_bounds() {
  static const std::array<double, kLatencyBounds> kBounds = [] {
    std::array<double, kLatencyBounds> bounds{};
    double bound = 0.005;
    for (double& each : bounds) {
      each = bound;
      bound *= 1.5;
    }
    return bounds;
  }();
  return kBounds;
}

void SimulatedService::pass(Instant from, Instant to, double demand) {
  for (Instant now = from; now < to;) {
    const Instant next = std::min(now + kStep, to);
    const double seconds = in_seconds(next - now);
    step(next, seconds, demand * seconds);
    now = next;
  }
}

void SimulatedService::launch(const WorkloadId& workload, const InstanceId& id, Instant now) {
  if (instances.count(id) != 0) return;
  ++totals_.launched;
  SimulatedInstance made;
  made.workload = workload;
  made.address = "10.0.0.1:" + std::to_string(next_port_++);
  made.release = release_;
  made.version = version_;
  made.launched = now;
  made.memory = release_.memory_at_rest;
  const bool fails = draw() < release_.startup_failures;
  const double tail = -std::log(1 - draw()) * in_seconds(release_.startup_tail);
  const Duration took =
      release_.startup + std::chrono::round<Duration>(std::chrono::duration<double>(tail));
  if (!fails) made.ready_at = now + took;
  instances.emplace(id, std::move(made));
}

void SimulatedService::terminate(const InstanceId& id) {
  const auto it = instances.find(id);
  if (it == instances.end()) return;
  totals_.failed += it->second.in_flight();
  instances.erase(it);
}

void SimulatedService::deploy(Release release) {
  release_ = std::move(release);
  ++version_;
}

void SimulatedService::step(Instant now, double seconds, double arrivals) {
  double serving = 0;
  for (auto& [id, instance] : instances) {
    const auto& crash = instance.release.crashes_after;
    if (instance.running && crash && now >= instance.launched + *crash) {
      instance.running = false;
      totals_.failed += instance.in_flight();
      instance.waiting = instance.working = 0;
    }
    instance.healthy = instance.running && !health_fails && instance.ready_at.has_value() &&
                       now >= *instance.ready_at;
    serving += instance.registered && !instance.draining && instance.healthy;
    totals_.instance_seconds += instance.running ? seconds : 0;
  }
  totals_.requests += arrivals;
  if (serving == 0) totals_.failed += arrivals;
  for (auto& [id, instance] : instances) {
    if (!instance.running) continue;
    const bool shares = instance.registered && !instance.draining && instance.healthy;
    work(now, seconds, shares ? arrivals / serving : 0, instance);
  }
}

// The wait for a core is that of one queue with exponential times: cpu_time / (1 - utilisation). At
// 10 ms and 80 % that is 50 ms.
void SimulatedService::work(Instant now, double seconds, double arrivals,
                            SimulatedInstance& instance) {
  const Release& release = instance.release;
  if (arrivals > 0 && !instance.first_request) instance.first_request = now;
  const double errors = std::min(1.0, release.error_ratio + dependency_errors);
  const double on_cpu = in_seconds(release.cpu_time) / warmth_of(instance, now) *
                        (1 - errors * (1 - release.error_cost));
  const double elsewhere = in_seconds(release.wait_time + dependency_delay);
  const double by_cores = release.cores / on_cpu;
  const double capacity = std::min(by_cores, release.workers / (on_cpu + elsewhere));

  const double served = std::min(instance.waiting + arrivals, capacity * seconds);
  instance.waiting += arrivals - served;
  const double gone = std::max(0.0, instance.waiting - capacity * in_seconds(release.timeout));
  instance.waiting -= gone;

  const double utilization = std::min(served / seconds / capacity, kHighestUtilization);
  const double mean = elsewhere + on_cpu / (1 - utilization);
  instance.working = (instance.working + served) * std::exp(-seconds / mean);
  instance.memory = std::max(
      instance.memory, release.memory_at_rest + release.memory_per_request * served / seconds);

  Counters& counters = instance.counters;
  const bool burns = now <= instance.launched + release.startup_burn;
  counters.cpu_seconds +=
      burns ? release.cores * seconds : std::min(served * on_cpu, release.cores * seconds);
  counters.requests += served + gone;
  counters.errors += served * errors + gone;
  totals_.failed += served * errors + gone;
  count_latencies(served, instance.waiting / capacity, mean, counters);
  counters.latencies[kLatencyBounds] += gone;
  counters.latency_seconds += gone * in_seconds(release.timeout);
}

// splitmix64 (Steele, Lea and Flood, 2014).
double SimulatedService::draw() {
  seed_ += 0x9e3779b97f4a7c15;
  uint64_t mixed = seed_;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  mixed ^= mixed >> 31;
  return static_cast<double>(mixed >> 11) * 0x1.0p-53;
}

}  // namespace autoscaler
