#include "metrics/haproxy_source.h"

#include "base/check.h"
#include "base/command_socket.h"
#include "base/fan_out.h"
#include "metrics/haproxy_stat.h"
#include "metrics/missing.h"

#include <algorithm>
#include <utility>

namespace autoscaler {
namespace {

// Only backends (type 2), of any proxy and any server id: some 500 bytes each, however many
// servers they have.
constexpr std::string_view kCommand = "show stat -1 2 -1";

bool asks_balancer(const WorkloadQuery& query) {
  return std::any_of(query.signals.begin(), query.signals.end(), [](const SignalQuery& signal) {
    return std::holds_alternative<BalancerRead>(signal.how);
  });
}

Missing no_number(const HaproxyBackendStat& backend, const std::string& column) {
  return {MissingReason::kNoSeries, "backend " + backend.name + " shows no " + column};
}

Reading number(const std::optional<double>& value, const HaproxyBackendStat& backend,
               const std::string& column, Instant now) {
  if (!value) return no_number(backend, column);
  return Measured{*value, now, Duration{0}};
}

}  // namespace

HaproxySource::HaproxySource(std::vector<HaproxyStatQuery> workloads)
    : HaproxySource(std::move(workloads),
                    [](const std::string& socket, std::string_view command, Duration timeout) {
                      return send_command(socket, command, timeout);
                    }) {}

HaproxySource::HaproxySource(std::vector<HaproxyStatQuery> workloads, Ask ask)
    : ask_(std::move(ask)) {
  follow(std::move(workloads));
}

void HaproxySource::follow(std::vector<HaproxyStatQuery> workloads) {
  std::map<std::string, Service> before = std::exchange(services_, {});
  for (HaproxyStatQuery& query : workloads) {
    const auto known = before.find(query.workload);
    Service& service = services_[query.workload];
    if (known != before.end() && known->second.query == query) {
      service = std::move(known->second);
    } else {
      service.query = std::move(query);
    }
  }
}

void HaproxySource::read(std::span<const WorkloadQuery> queries, Instant now,
                         std::vector<Signals>& answers, std::vector<ReadError>& errors) {
  CHECK(answers.size() == queries.size());
  const std::map<std::string, Stats> stats = ask_all(queries);
  for (size_t q = 0; q < queries.size(); ++q) {
    const auto service = services_.find(*queries[q].workload);
    if (service == services_.end() || !asks_balancer(queries[q])) continue;
    CHECK(answers[q].size() == queries[q].signals.size());
    fill(service->second, queries[q], stats.at(service->second.query.socket), now, answers[q],
         errors);
  }
}

// Each socket that is needed this time, asked once, with the most patient of its timeouts.
std::map<std::string, HaproxySource::Stats> HaproxySource::ask_all(
    std::span<const WorkloadQuery> queries) const {
  std::map<std::string, Duration> timeouts;
  for (const WorkloadQuery& query : queries) {
    const auto service = services_.find(*query.workload);
    if (service == services_.end() || !asks_balancer(query)) continue;
    Duration& timeout = timeouts[service->second.query.socket];
    timeout = std::max(timeout, service->second.query.timeout);
  }
  std::map<std::string, Stats> stats;
  std::vector<std::pair<const std::string*, Stats*>> slots;
  for (const auto& [socket, timeout] : timeouts) {
    const auto slot = stats.emplace(socket, Stats(Error{Code::kUnavailable, "not asked"})).first;
    slots.emplace_back(&slot->first, &slot->second);
  }
  fan_out(slots.size(), [&](size_t i) {
    const std::string& socket = *slots[i].first;
    const Result<std::string> csv = ask_(socket, kCommand, timeouts.find(socket)->second);
    *slots[i].second = csv.ok() ? parse_haproxy_stat(*csv) : Stats(csv.error());
  });
  return stats;
}

void HaproxySource::fill(Service& service, const WorkloadQuery& query, const Stats& stats,
                         Instant now, Signals& signals, std::vector<ReadError>& errors) {
  const HaproxyBackendStat* backend = nullptr;
  Missing why{MissingReason::kNoSeries,
              "no backend " + service.query.backend + " at " + service.query.socket};
  if (stats.ok()) {
    for (const HaproxyBackendStat& stat : *stats) {
      if (stat.name == service.query.backend) backend = &stat;
    }
  } else {
    why = missing_from(stats.error());
  }
  if (backend == nullptr) {
    errors.push_back({*query.workload, "", why.reason, why.detail, ReadFrom::kBalancer});
  }
  for (size_t i = 0; i < signals.size(); ++i) {
    const auto* read = std::get_if<BalancerRead>(&query.signals[i].how);
    if (read == nullptr) continue;
    signals[i].readings = backend == nullptr
                              ? Reading(why)
                              : read_signal(memory_of(service, i, *read), *backend, now);
  }
}

// A signal that has come to mean something else begins anew.
HaproxySource::Memory& HaproxySource::memory_of(Service& service, size_t index,
                                                const BalancerRead& read) {
  const auto [found, is_new] = service.signals.try_emplace(index);
  if (is_new || found->second.read != read) {
    const size_t width = read.what == BalancerRead::What::kErrors ? 2 : 1;
    found->second = Memory{read, CounterWindow(width)};
  }
  return found->second;
}

Reading HaproxySource::read_signal(Memory& memory, const HaproxyBackendStat& backend, Instant now) {
  switch (memory.read.what) {
    case BalancerRead::What::kQueue: return number(backend.queued, backend, "qcur", now);
    case BalancerRead::What::kSessions: return number(backend.sessions, backend, "scur", now);
    case BalancerRead::What::kResponseTime: return read_response_time(memory, backend, now);
    case BalancerRead::What::kRequestRate:
    case BalancerRead::What::kErrors: return read_rates(memory, backend, now);
  }
  CHECK(false);
}

Reading HaproxySource::read_rates(Memory& memory, const HaproxyBackendStat& backend, Instant now) {
  const bool errors = memory.read.what == BalancerRead::What::kErrors;
  if (errors && (!backend.responses_5xx || !backend.responses)) {
    return no_number(backend, "hrsp_5xx beside the other classes: is it in HTTP mode?");
  }
  if (!errors && !backend.requests) return no_number(backend, "req_tot: is it in HTTP mode?");

  std::vector<double> counters;
  if (errors) {
    counters = {*backend.responses_5xx, *backend.responses};
  } else {
    counters = {*backend.requests};
  }
  memory.counters.add(now, counters, {memory.read.window});
  std::vector<double> rates(counters.size(), 0.0);
  const auto quality = memory.counters.add_rates(rates, {memory.read.window});
  if (!quality) {
    return Missing{MissingReason::kTooFewSamples,
                   "backend " + backend.name + " needs two samples within the window for a rate"};
  }
  if (errors) return measured(RatioParts{rates[0], rates[1]}, *quality);
  return measured(rates[0], *quality);
}

Reading HaproxySource::read_response_time(Memory& memory, const HaproxyBackendStat& backend,
                                          Instant now) {
  if (!backend.response_time_ms || !backend.responses) {
    return no_number(backend, "rtime: is it in HTTP mode?");
  }
  if (*backend.responses != memory.responses) {
    memory.responses = *backend.responses;
    memory.last_response = now;
  }
  const RatioParts idle{0, 0};
  if (memory.last_response && now - *memory.last_response < memory.read.window) {
    return Measured{RatioParts{*backend.response_time_ms / 1000, 1}, now, memory.read.window};
  }
  if (backend.sessions == 0.0) return Measured{idle, now, memory.read.window};
  if (memory.last_response) {
    return Measured{RatioParts{*backend.response_time_ms / 1000, 1}, *memory.last_response,
                    memory.read.window};
  }
  // rtime is 0 before the first response, which is no measurement.
  return Missing{MissingReason::kTooFewSamples,
                 "backend " + backend.name + " has answered no request yet"};
}

}  // namespace autoscaler
