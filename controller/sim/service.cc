#include "controller/sim/service.h"

#include "controller/sim/chance.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

constexpr Duration kStep = std::chrono::seconds(1);

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

using Latencies = std::array<double, kLatencyBounds + 1>;

// Of one instance, and of all together.
void count_latencies(double requests, double queued, const Response& response, Latencies& own,
                     Latencies& all) {
  const auto add = [&](size_t bucket, double share) {
    own[bucket] += requests * share;
    all[bucket] += requests * share;
  };
  double below = 0;
  for (size_t i = 0; i < kLatencyBounds; ++i) {
    const double share = 1 - response.later_than(latency_bounds()[i] - queued);
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

void SimulatedService::pass(Instant from, Instant to, const Demand& demand) {
  for (Instant now = from; now < to;) {
    const Instant next = std::min(now + kStep, to);
    const double seconds = in_seconds(next - now);
    step(next, seconds, demand(now) * seconds);
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
  const double tail = draw_exponential(in_seconds(release_.startup_tail), seed_);
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
      instance.queue.clear();
    }
    instance.healthy = instance.running && !health_fails && instance.ready_at.has_value() &&
                       now >= *instance.ready_at;
    serving += serves(instance);
    totals_.instance_seconds += instance.running ? seconds : 0;
  }
  const double failed_before = totals_.failed;
  arrivals += std::min(again_, arrivals / 2);
  if (one_by_one) arrivals = share_out(now, seconds, arrivals);
  totals_.requests += arrivals;
  if (serving == 0) totals_.failed += arrivals;
  for (auto& [id, instance] : instances) {
    if (!instance.running) continue;
    if (one_by_one) {
      collect(now, seconds, instance);
    } else {
      work(now, seconds, serves(instance) ? arrivals / serving : 0, instance);
    }
  }
  again_ = retries * (totals_.failed - failed_before);
}

Pace SimulatedService::pace_now(Instant now, const SimulatedInstance& instance) const {
  const double errors = std::min(1.0, instance.release.error_ratio + dependency_errors);
  return pace_of(instance.release, warmth_of(instance, now), errors, in_seconds(dependency_delay));
}

// What waits at the end of a step is waited for by all that are served in it.
void SimulatedService::work(Instant now, double seconds, double arrivals,
                            SimulatedInstance& instance) {
  if (arrivals > 0 && !instance.first_request) instance.first_request = now;
  const Pace pace = pace_now(now, instance);
  const double capacity = pace.capacity();

  const double served = std::min(instance.waiting + arrivals, capacity * seconds);
  instance.waiting += arrivals - served;
  const double gone = std::max(0.0, instance.waiting - capacity * pace.timeout);
  instance.waiting -= gone;

  const Response response = response_at(pace, served / seconds);
  instance.working = (instance.working + served) * std::exp(-seconds / response.mean());
  remember(served / seconds, instance);
  burn(now, seconds, served * instance.release.cores / pace.by_servers(), instance);

  Counters& counters = instance.counters;
  counters.requests += served + gone;
  counters.errors += served * pace.errors + gone;
  totals_.failed += served * pace.errors + gone;
  const double queued = instance.waiting / capacity;
  count_latencies(served, queued, response, counters.latencies, totals_.latencies);
  counters.latencies[kLatencyBounds] += gone;
  counters.latency_seconds += served * (queued + response.mean()) + gone * pace.timeout;
  totals_.late += served * response.later_than(in_seconds(promise) - queued);
}

// Requests that come at random within the step, each to an instance by chance. Returns how many
// came.
double SimulatedService::share_out(Instant now, double seconds, double arrivals) {
  std::vector<std::pair<SimulatedInstance*, Pace>> serving;
  for (auto& [id, instance] : instances) {
    if (instance.running && serves(instance)) {
      serving.emplace_back(&instance, pace_now(now, instance));
    }
  }
  const double end = in_seconds(now.time_since_epoch());
  const double between = seconds / arrivals;
  double count = 0;
  if (!(arrivals > 0)) return 0;
  for (double at = end - seconds + draw_exponential(between, requests_seed_); at < end;
       at += draw_exponential(between, requests_seed_)) {
    ++count;
    if (serving.empty()) continue;
    const double which = draw(requests_seed_) * static_cast<double>(serving.size());
    auto& [instance, pace] = serving[static_cast<size_t>(which)];
    if (!instance->first_request) instance->first_request = now;
    instance->queue.admit(at, pace, requests_seed_);
  }
  return count;
}

// What is over by now counts.
void SimulatedService::collect(Instant now, double seconds, SimulatedInstance& instance) {
  const double at = in_seconds(now.time_since_epoch());
  Counters& counters = instance.counters;
  double served = 0;
  double busy = 0;
  instance.queue.collect(at, [&](const RequestQueue::Request& request) {
    const double took = request.ends - request.came;
    ++counters.requests;
    counters.latency_seconds += took;
    if (request.gave_up || request.failed) {
      ++counters.errors;
      ++totals_.failed;
    }
    if (request.gave_up) {
      ++counters.latencies[kLatencyBounds];
      return;
    }
    ++served;
    busy += request.on_server;
    const auto& bounds = latency_bounds();
    const auto bucket =
        static_cast<size_t>(std::lower_bound(bounds.begin(), bounds.end(), took) - bounds.begin());
    ++counters.latencies[bucket];
    ++totals_.latencies[bucket];
    if (took > in_seconds(promise)) ++totals_.late;
  });
  instance.waiting = static_cast<double>(instance.queue.waiting(at));
  instance.working = static_cast<double>(instance.queue.in_flight()) - instance.waiting;
  remember(served / seconds, instance);
  const Pace pace = pace_now(now, instance);
  burn(now, seconds, busy * instance.release.cores / pace.servers, instance);
}

// Core-seconds of a step: all that there are while it starts.
void SimulatedService::burn(Instant now, double seconds, double busy,
                            SimulatedInstance& instance) const {
  const Release& release = instance.release;
  const bool burns = now <= instance.launched + release.startup_burn;
  const double all = release.cores * seconds;
  instance.counters.cpu_seconds += burns ? all : busy;
}

void SimulatedService::remember(double requests_per_second, SimulatedInstance& instance) const {
  const Release& release = instance.release;
  instance.memory = std::max(
      instance.memory, release.memory_at_rest + release.memory_per_request * requests_per_second);
}

double rate_within(const Release& release, Duration promise) {
  const Pace pace = pace_of(release, 1, 0, 0);
  if (response_at(pace, 0).p95() >= in_seconds(promise)) return 0;
  double meets = 0;
  double misses = kHighestUtilization * pace.capacity();
  for (int i = 0; i < 50; ++i) {
    const double middle = meets + (misses - meets) / 2;
    (response_at(pace, middle).p95() <= in_seconds(promise) ? meets : misses) = middle;
  }
  return meets;
}

}  // namespace autoscaler
