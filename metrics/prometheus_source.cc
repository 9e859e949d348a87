#include "metrics/prometheus_source.h"

#include "base/check.h"

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
                     Breaker({}, seed + servers_.size()), std::make_unique<WorkerPool>(threads)});
  }
}

PrometheusSource::~PrometheusSource() = default;

void PrometheusSource::read(std::span<const WorkloadQuery> queries, Instant now,
                            std::vector<Signals>& answers, std::vector<ReadError>& errors) {
  CHECK(answers.size() == queries.size());
  const auto settle = [&](const PrometheusRead& read, Verdict verdict) {
    report(servers_.at(read.server).breaker, verdict, now);
  };
  asks_.begin(settle);
  for (const WorkloadQuery& query : queries) {
    for (const SignalQuery& signal : query.signals) {
      const auto* read = std::get_if<PrometheusRead>(&signal.how);
      if (read == nullptr || !asks_.is_due(*read)) continue;
      const auto server = servers_.find(read->server);
      CHECK(server != servers_.end());  // the config names none that is not there
      if (server->second.breaker.may_ask(now)) ask(server->second, *read, now - read->offset);
    }
  }
  asks_.wait(patience_, settle);
  for (size_t q = 0; q < queries.size(); ++q) {
    CHECK(answers[q].size() == queries[q].signals.size());
    for (size_t i = 0; i < queries[q].signals.size(); ++i) {
      const auto* read = std::get_if<PrometheusRead>(&queries[q].signals[i].how);
      if (read == nullptr) continue;
      Reading reading = newest(*read);
      if (const auto* missing = std::get_if<Missing>(&reading)) {
        errors.push_back(
            {*queries[q].workload, "", missing->reason, missing->detail, ReadFrom::kPrometheus, i});
      }
      answers[q][i].readings = std::move(reading);
    }
  }
}

void PrometheusSource::ask(Server& server, const PrometheusRead& read, Instant at) {
  asks_.asked(read);
  const Deadline deadline(server.api->server().timeout);
  server.pool->run([this, api = server.api, read, at, deadline](const std::stop_token& stop) {
    const Duration left = deadline.left();
    if (left < kLeastTime) {
      asks_.answer(read,
                   Missing{MissingReason::kTimeout,
                           api->server().name + ": no place among the queries under way within " +
                               std::to_string(api->server().timeout.count()) + " ms"},
                   Verdict::kNotAsked);
      return;
    }
    PrometheusAnswer answer = api->instant(read, at, left, stop);
    if (auto* missing = std::get_if<Missing>(&answer.reading)) {
      missing->detail += " (query: " + short_text(read.query) + ")";
    }
    asks_.answer(read, std::move(answer.reading),
                 answer.of_server ? Verdict::kSick : Verdict::kWell);
  });
}

Reading PrometheusSource::newest(const PrometheusRead& read) const {
  const std::optional<Reading>& newest = asks_.newest(read);
  if (newest) return *newest;
  if (servers_.at(read.server).breaker.state() != BreakerState::kClosed) {
    return Missing{MissingReason::kSourceError,
                   read.server + " is left alone for a while after failures in a row"};
  }
  return Missing{MissingReason::kTimeout, read.server + " has not answered yet"};
}

std::vector<SourceHealth> PrometheusSource::health() const {
  std::vector<SourceHealth> all;
  for (const auto& [name, server] : servers_) {
    all.push_back(health_of("prometheus/" + name, server.breaker));
  }
  return all;
}

}  // namespace autoscaler
