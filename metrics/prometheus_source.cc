#include "metrics/prometheus_source.h"

#include "base/check.h"

#include <algorithm>
#include <utility>

namespace autoscaler {
namespace {

// Queries that wait for a thread longer than their deadline are not sent.
constexpr Duration kLeastTime{1};

std::string short_text(const std::string& query) {
  constexpr size_t kLongest = 120;
  return query.size() <= kLongest ? query : query.substr(0, kLongest) + "...";
}

}  // namespace

PrometheusSource::PrometheusSource(std::vector<PrometheusServer> servers, Patience patience,
                                   uint64_t seed)
    : patience_(patience) {
  for (PrometheusServer& server : servers) {
    const std::string name = server.name;
    const auto threads = static_cast<size_t>(server.concurrency);
    servers_.emplace(
        name, Server{std::make_shared<PrometheusApi>(std::move(server)),
                     Breakers(seed + servers_.size()), std::make_unique<WorkerPool>(threads)});
  }
}

PrometheusSource::~PrometheusSource() = default;

void PrometheusSource::read(std::span<const WorkloadQuery> queries, Instant now,
                            std::vector<Signals>& answers, std::vector<ReadError>& errors) {
  CHECK(answers.size() == queries.size());
  const auto settle = [&](const Key& key, Verdict verdict) {
    report(servers_.at(key.read.server).breakers.of(key.tenant), verdict, now);
  };
  asks_.begin(settle);
  const size_t first = asks_.first_of(queries.size());
  for (size_t i = 0; i < queries.size(); ++i) {
    const WorkloadQuery& query = queries[(first + i) % queries.size()];
    for (const SignalQuery& signal : query.signals) {
      const auto* read = std::get_if<PrometheusRead>(&signal.how);
      if (read == nullptr) continue;
      const Key key{*read, signal.tenant};
      const auto server = servers_.find(read->server);
      CHECK(server != servers_.end());  // the config names none that is not there
      Breaker& breaker = server->second.breakers.of(key.tenant);
      if (asks_.is_due(key) && breaker.may_ask(now)) {
        ask(server->second, key, now - read->offset);
      }
    }
  }
  asks_.wait(patience_, settle);
  for (auto& [name, server] : servers_) server.breakers.end_tick();
  for (size_t q = 0; q < queries.size(); ++q) {
    CHECK(answers[q].size() == queries[q].signals.size());
    for (size_t i = 0; i < queries[q].signals.size(); ++i) {
      const auto* read = std::get_if<PrometheusRead>(&queries[q].signals[i].how);
      if (read == nullptr) continue;
      Reading reading = newest({*read, queries[q].signals[i].tenant});
      if (const auto* missing = std::get_if<Missing>(&reading)) {
        errors.push_back(
            {*queries[q].workload, "", missing->reason, missing->detail, ReadFrom::kPrometheus, i});
      }
      answers[q][i].readings = std::move(reading);
    }
  }
}

void PrometheusSource::ask(Server& server, const Key& key, Instant at) {
  asks_.asked(key);
  const Duration timeout = server.api->server().timeout;
  const Deadline deadline(timeout);
  server.pool->run(key.tenant, [this, api = server.api, key, at, timeout,
                                deadline](const std::stop_token& stop) {
    const Duration left = deadline.left();
    if (left < kLeastTime) {
      asks_.answer(key,
                   Missing{MissingReason::kTimeout,
                           api->server().name + ": no place among the queries under way within " +
                               std::to_string(timeout.count()) + " ms"},
                   Verdict::kNotAsked);
      return;
    }
    const Duration most = key.tenant.empty() ? left : std::min(left, kTenantTimeout);
    PrometheusAnswer answer = api->instant(key.read, at, most, stop);
    if (auto* missing = std::get_if<Missing>(&answer.reading)) {
      missing->detail += " (query: " + short_text(key.read.query) + ")";
    }
    asks_.answer(key, std::move(answer.reading),
                 answer.of_server ? Verdict::kSick : Verdict::kWell);
  });
}

Reading PrometheusSource::newest(const Key& key) const {
  const std::optional<Reading>& newest = asks_.newest(key);
  if (newest) return *newest;
  const std::string& server = key.read.server;
  if (!servers_.at(server).breakers.is_closed(key.tenant)) {
    return Missing{MissingReason::kSourceError,
                   server + " is left alone for a while after failures in a row"};
  }
  return Missing{MissingReason::kTimeout, server + " has not answered yet"};
}

std::vector<SourceHealth> PrometheusSource::health() const {
  std::vector<SourceHealth> all;
  for (const auto& [name, server] : servers_) server.breakers.health("prometheus/" + name, all);
  return all;
}

}  // namespace autoscaler
