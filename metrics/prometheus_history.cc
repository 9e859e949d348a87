#include "metrics/prometheus_history.h"

#include "metrics/asks.h"

#include <utility>

namespace autoscaler {

PrometheusHistory::PrometheusHistory(const std::vector<PrometheusServer>& servers,
                                     std::function<Instant()> now, uint64_t seed)
    : now_(std::move(now)) {
  for (const PrometheusServer& server : servers) {
    servers_.emplace(server.name, std::make_unique<Server>(server, seed + servers_.size()));
  }
}

Result<std::vector<HistoryPoint>> PrometheusHistory::history(const SignalQuery& signal,
                                                             Instant from, Instant to,
                                                             Duration step,
                                                             const std::stop_token& stop) {
  const auto* read = std::get_if<PrometheusRead>(&signal.how);
  if (read == nullptr) {
    return Error{Code::kInvalid, "only a signal with source: prometheus has a past to ask for"};
  }
  const auto found = servers_.find(read->server);
  if (found == servers_.end()) {
    return Error{Code::kInvalid, "no server is named " + read->server};
  }
  Server& server = *found->second;
  const std::lock_guard turn(server.turn);
  if (stop.stop_requested()) return Error{Code::kUnavailable, "stopped"};
  Breaker& breaker = server.breakers.of(signal.tenant);
  if (!breaker.may_ask(now_())) {
    return Error{Code::kUnavailable,
                 read->server + " is left alone for a while after failures in a row"};
  }
  auto points = server.api.range(*read, from, to, step, stop);
  const bool sick = !points && points.error().code == Code::kUnavailable;
  Verdict verdict = sick ? Verdict::kSick : Verdict::kWell;
  if (stop.stop_requested()) verdict = Verdict::kNotAsked;
  report(breaker, verdict, now_());
  return points;
}

}  // namespace autoscaler
