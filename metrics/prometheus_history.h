#pragma once

#include "metrics/breakers.h"
#include "metrics/history.h"
#include "metrics/prometheus_api.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace autoscaler {

// The past of signals that are queries, by range queries. Each server is asked for one range at a
// time, beside what the ticks ask; after three failures in a row (of one tenant) it is left alone
// for a while, and that is kUnavailable at once. Thread-safe.
class PrometheusHistory : public HistorySource {
 public:
  // `now` is called on the thread of history(); `seed`: of the breakers' pauses.
  PrometheusHistory(const std::vector<PrometheusServer>& servers, std::function<Instant()> now,
                    uint64_t seed);

  Result<std::vector<HistoryPoint>> history(const SignalQuery& signal, Instant from, Instant to,
                                            Duration step, const std::stop_token& stop) override;

 private:
  struct Server {
    Server(const PrometheusServer& server, uint64_t seed) : api(server), breakers(seed) {}
    PrometheusApi api;
    std::mutex turn;  // held while it is asked; guards breakers
    Breakers breakers;
  };

  const std::function<Instant()> now_;
  std::map<std::string, std::unique_ptr<Server>> servers_;
};

}  // namespace autoscaler
