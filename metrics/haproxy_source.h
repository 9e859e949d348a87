#pragma once

#include "base/result.h"
#include "metrics/query.h"
#include "metrics/window.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autoscaler {

struct HaproxyBackendStat;

// Where a workload's backend is.
struct HaproxyStatQuery {
  std::string workload;
  std::string socket;  // of the Runtime API: a path, or host:port
  std::string backend;
  Duration timeout{std::chrono::milliseconds(500)};
  bool operator==(const HaproxyStatQuery&) const = default;
};

// What HAProxy itself knows of a service, from `show stat`. Fills every signal that is a
// BalancerRead of a workload in its list, one reading for the service; those of other workloads
// are left to other sources. One command for each socket and tick, all sockets at once (as
// fan_out does): one that does not answer costs the others nothing.
//
// Counters fall back to 0 when HAProxy restarts or reloads; CounterWindow's rule for restarts
// applies. The mean response time stands still without responses: while requests are in flight its
// reading grows as old as the last of them; without any there is no traffic to speak of.
class HaproxySource : public MetricSource {
 public:
  // Called from several threads at once.
  using Ask = std::function<Result<std::string>(const std::string& socket, std::string_view command,
                                                Duration timeout)>;

  explicit HaproxySource(std::vector<HaproxyStatQuery> workloads);  // asks by send_command
  HaproxySource(std::vector<HaproxyStatQuery> workloads, Ask ask);

  // Another list, between two reads: what stands in both keeps its windows.
  void follow(std::vector<HaproxyStatQuery> workloads);

  void read(std::span<const WorkloadQuery> queries, Instant now, std::vector<Signals>& answers,
            std::vector<ReadError>& errors) override;

 private:
  using Stats = Result<std::vector<HaproxyBackendStat>>;

  // What is remembered of one signal.
  struct Memory {
    BalancerRead read;
    CounterWindow counters{1};  // kRequestRate, kErrors
    double responses = 0;       // kResponseTime: the count at `last_response`
    std::optional<Instant> last_response;
  };
  struct Service {
    HaproxyStatQuery query;
    std::map<size_t, Memory> signals;  // by index
  };

  std::map<std::string, Stats> ask_all(std::span<const WorkloadQuery> queries) const;
  static void fill(Service& service, const WorkloadQuery& query, const Stats& stats, Instant now,
                   Signals& signals, std::vector<ReadError>& errors);
  static Memory& memory_of(Service& service, size_t index, const BalancerRead& read);
  static Reading read_signal(Memory& memory, const HaproxyBackendStat& backend, Instant now);
  static Reading read_rates(Memory& memory, const HaproxyBackendStat& backend, Instant now);
  static Reading read_response_time(Memory& memory, const HaproxyBackendStat& backend, Instant now);

  std::map<std::string, Service> services_;  // by workload
  Ask ask_;
};

}  // namespace autoscaler
