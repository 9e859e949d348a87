#pragma once

#include "controller/sim/release.h"
#include "controller/sim/request_queue.h"
#include "policies/workload.h"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace autoscaler {

// Upper bounds of the latency histogram in seconds: 5 ms, and each 1.5 times the one before; what
// is beyond the last is in one more bucket.
inline constexpr size_t kLatencyBounds = 22;
const std::array<double, kLatencyBounds>& latency_bounds();

// What an instance has counted since it was launched, as its metrics page would show it.
struct Counters {
  double requests = 0;
  double errors = 0;
  double cpu_seconds = 0;
  double latency_seconds = 0;  // of all requests together
  std::array<double, kLatencyBounds + 1> latencies{};
};

struct SimulatedInstance {
  WorkloadId workload;
  std::string address;
  Release release;
  int version = 0;
  Instant launched;
  std::optional<Instant> ready_at;  // nullopt: never
  bool running = true;
  bool healthy = false;
  bool registered = false;  // in the balancer
  bool draining = false;
  std::optional<Instant> first_request;
  double waiting = 0;  // requests in its queue
  double working = 0;  // requests that it serves
  double memory = 0;   // share of its limit
  double in_flight() const { return waiting + working; }
  RequestQueue queue;  // of requests one by one
  Counters counters;
};

// A service of instances behind a balancer, which shares the load evenly among those that it finds
// good. As a fluid: requests are real numbers, each instance has a queue and a capacity. Or one by
// one: requests come at random and are shared by chance. What happens follows from the demand, the
// releases and the seed alone.
class SimulatedService {
 public:
  explicit SimulatedService(Release release, uint64_t seed = 1)
      : release_(release), seed_(seed), requests_seed_(~seed) {}

  // In requests per second. It is asked for the beginning of every step, a second at most.
  using Demand = std::function<double(Instant)>;
  // Lets the time from `from` to `to` pass.
  void pass(Instant from, Instant to, const Demand& demand);
  void pass(Instant from, Instant to, double demand) {
    pass(from, to, [demand](Instant) { return demand; });
  }

  void launch(const WorkloadId& workload, const InstanceId& id, Instant now);
  // At once; what it was working on fails.
  void terminate(const InstanceId& id);
  // From now on instances are launched with this; those that run are outdated.
  void deploy(Release release);
  bool serves(const SimulatedInstance& instance) const {
    return (instance.registered || finds_healthy) && !instance.draining && instance.healthy;
  }
  bool is_outdated(const SimulatedInstance& instance) const { return instance.version != version_; }

  std::map<InstanceId, SimulatedInstance> instances;

  // What befalls all instances alike.
  Duration dependency_delay{0};  // each request waits so much longer
  double dependency_errors = 0;  // share of the requests that fail for it
  bool health_fails = false;     // every health check fails; the instances could serve
  bool finds_healthy = false;    // no balancer of ours: whoever is healthy serves
  // Share of the failed requests that come again a second later, on top of the demand, and half
  // of the demand at most.
  double retries = 0;
  Duration promise{std::chrono::milliseconds(300)};  // what `late` is held against
  bool one_by_one = false;                           // from the beginning on; not the fluid

  struct Totals {
    double requests = 0;  // retries included
    double failed = 0;    // errors, timed out, refused for want of an instance, lost with one
    double late = 0;      // served, but later than `promise`
    std::array<double, kLatencyBounds + 1> latencies{};  // of those that were served
    double instance_seconds = 0;
    int64_t launched = 0;
  };
  const Totals& totals() const { return totals_; }

 private:
  void step(Instant now, double seconds, double arrivals);
  Pace pace_now(Instant now, const SimulatedInstance& instance) const;
  void work(Instant now, double seconds, double arrivals, SimulatedInstance& instance);
  double share_out(Instant now, double seconds, double arrivals);
  void collect(Instant now, double seconds, SimulatedInstance& instance);
  void burn(Instant now, double seconds, double busy, SimulatedInstance& instance) const;
  void remember(double requests_per_second, SimulatedInstance& instance) const;

  Release release_;
  uint64_t seed_;
  uint64_t requests_seed_;  // of its own: the same launches, as a fluid and one by one
  int version_ = 0;
  int next_port_ = 9000;
  double again_ = 0;  // requests of the last step that come again
  Totals totals_;
};

// The most requests per second of one warm instance of which 95 % are served within `promise`; 0:
// it is too little for even one.
//   10 ms on a core, 20 ms elsewhere, 300 ms: 88.9
double rate_within(const Release& release, Duration promise);

}  // namespace autoscaler
