#include "controller/sim/service.h"

#include "controller/sim/chance.h"

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

// Share of the response times that are over within `seconds`: they are exponential with this mean,
// after `queued` that all of them waited.
double share_within(double seconds, double queued, double mean) {
  return seconds <= queued ? 0 : 1 - std::exp(-(seconds - queued) / mean);
}

using Latencies = std::array<double, kLatencyBounds + 1>;

// Of one instance, and of all together.
void count_latencies(double requests, double queued, double mean, Latencies& own, Latencies& all) {
  const auto add = [&](size_t bucket, double share) {
    own[bucket] += requests * share;
    all[bucket] += requests * share;
  };
  double below = 0;
  for (size_t i = 0; i < kLatencyBounds; ++i) {
    const double share = share_within(latency_bounds()[i], queued, mean);
    add(i, share - below);
    below = share;
    if (1 - below < kNothing) break;
  }
  add(kLatencyBounds, 1 - below);
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
  if (release_.spread > 0) made.release.cores *= draw_factor(release_.spread, 0.3, seed_);
  const bool fails = draw(seed_) < release_.startup_failures;
  const double tail = -std::log(1 - draw(seed_)) * in_seconds(release_.startup_tail);
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
  release_ = release;
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
    serving += serves(instance);
    totals_.instance_seconds += instance.running ? seconds : 0;
  }
  const double failed_before = totals_.failed;
  arrivals += std::min(again_, arrivals / 2);
  totals_.requests += arrivals;
  if (serving == 0) totals_.failed += arrivals;
  for (auto& [id, instance] : instances) {
    if (!instance.running) continue;
    work(now, seconds, serves(instance) ? arrivals / serving : 0, instance);
  }
  again_ = retries * (totals_.failed - failed_before);
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
  const double queued = instance.waiting / capacity;
  count_latencies(served, queued, mean, counters.latencies, totals_.latencies);
  counters.latencies[kLatencyBounds] += gone;
  counters.latency_seconds += served * (queued + mean) + gone * in_seconds(release.timeout);
  totals_.late += served * (1 - share_within(in_seconds(promise), queued, mean));
}

double rate_within(const Release& release, Duration promise) {
  // exp(-promise / mean) = 5 %, and mean = elsewhere + on_cpu / (1 - utilization).
  const double mean = in_seconds(promise) / std::log(20.0);
  const double on_cpu = in_seconds(release.cpu_time);
  const double elsewhere = in_seconds(release.wait_time);
  if (mean <= elsewhere + on_cpu) return 0;
  const double utilization = std::min(1 - on_cpu / (mean - elsewhere), kHighestUtilization);
  return utilization * std::min(release.cores / on_cpu, release.workers / (on_cpu + elsewhere));
}

}  // namespace autoscaler
