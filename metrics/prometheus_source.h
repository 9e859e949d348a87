#pragma once

#include "base/worker_pool.h"
#include "metrics/asks.h"
#include "metrics/breakers.h"
#include "metrics/prometheus_api.h"
#include "metrics/query.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace autoscaler {

// Fills every signal that is a PrometheusRead with one reading for the service.
//
// - Each tick asks each query once, on threads beneath; what two workloads ask alike is asked once
//   (for each tenant, whose questions stand apart: SignalQuery::tenant).
//   A read waits for the answers no longer than its Patience, and one that is still out is not
//   asked again: the newest answer stands, with the time at which it was measured. So a server that
//   hangs delays neither the tick nor the queries to others.
// - A query without a whole answer within the server's `timeout` is kTimeout, and any failure takes
//   the place of the last good answer.
// - After three failures in a row a server is left alone for a while (Breaker), its failures stand.
//   A query that the server refuses is no failure of the server.
class PrometheusSource : public MetricSource {
 public:
  // `seed`: of the breakers' pauses.
  PrometheusSource(std::vector<PrometheusServer> servers, Patience patience, uint64_t seed);
  ~PrometheusSource() override;

  void read(std::span<const WorkloadQuery> queries, Instant now, std::vector<Signals>& answers,
            std::vector<ReadError>& errors) override;
  std::vector<SourceHealth> health() const override;

 private:
  struct Server {
    std::shared_ptr<PrometheusApi> api;
    Breakers breakers;
    std::unique_ptr<WorkerPool> pool;
  };
  struct Key {
    PrometheusRead read;
    std::string tenant;
    auto operator<=>(const Key&) const = default;
  };

  void ask(Server& server, const Key& key, Instant at);
  Reading newest(const Key& key) const;

  const Patience patience_;
  Asks<Key, Reading> asks_;
  std::map<std::string, Server> servers_;  // after what their threads use
};

}  // namespace autoscaler
