#include "controller/web/api.h"

#include "controller/snapshot/snapshot.h"
#include "controller/web/health.h"
#include "controller/web/responses.h"
#include "controller/web/workload_json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace autoscaler {
namespace {

using nlohmann::json;

constexpr size_t kDecisions = 20;
constexpr size_t kMostDecisions = 1000;
constexpr std::string_view kWorkloads = "/api/v1/workloads";
constexpr std::string_view kInstances = "/instances";
constexpr const char* kRoutes[] = {"/metrics",
                                   "/healthz",
                                   "/readyz",
                                   "/api/v1/workloads",
                                   "/api/v1/workloads/{name}",
                                   "/api/v1/workloads/{name}/instances",
                                   "/api/v1/decisions?workload=&limit=",
                                   "/api/v1/sources",
                                   "/api/v1/config"};

HttpResponse no_such_route(const std::string& path) {
  json document{{"error", {{"code", "not_found"}, {"message", "there is nothing at " + path}}}};
  document["routes"] = kRoutes;
  return json_response(404, document);
}

HttpResponse metrics_page(const WebState& state) {
  HttpResponse response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = state.metrics();
  return response;
}

// What every answer about a tick begins with.
json of_tick(const TickRecord& record) {
  json document{
      {"at", format_instant(record.now)}, {"tick", record.number}, {"dryRun", record.dry_run}};
  for (const Leadership& shard : record.shards) {
    json& lease = document["leases"].emplace_back();
    lease = {{"lease", shard.lease},
             {"leads", shard.leads},
             {"identity", shard.identity},
             {"holder", shard.holder}};
    if (shard.error) lease["error"] = shard.error->message;
  }
  return document;
}

HttpResponse all_workloads(const TickRecord& record) {
  json document = of_tick(record);
  document["workloads"] = json::array();
  for (const WorkloadTick& tick : record.workloads) {
    document["workloads"].push_back(summary_json(tick));
  }
  return json_response(200, document);
}

HttpResponse sources(const TickRecord& record) {
  json document = of_tick(record);
  document["sources"] = json::array();
  for (const SourceHealth& health : record.sources) {
    json& source = document["sources"].emplace_back();
    source = {{"source", health.source},
              {"state", breaker_state_name(health.state)},
              {"failuresInARow", health.failures}};
    if (health.next_try) source["nextTry"] = format_instant(*health.next_try);
  }
  return json_response(200, document);
}

HttpResponse config(const ConfigStatus& status) {
  json refused = json::array();
  for (const RefusedPolicy& policy : status.refused) {
    refused.push_back({{"name", policy.workload},
                       {"problems", policy.problems},
                       {"lastGoodRuns", policy.last_good_runs}});
  }
  return json_response(200, {{"file", status.file},
                             {"refusedPolicies", std::move(refused)},
                             {"takenUp", format_instant(status.taken_up)},
                             {"read", format_instant(status.read)},
                             {"runs", status.problems.empty()},
                             {"problems", status.problems}});
}

// `rest` is what follows /api/v1/workloads/.
HttpResponse one_workload(const TickRecord& record, std::string_view rest) {
  // A ScalingPolicy may be called shop/instances.
  const bool instances = rest.ends_with(kInstances) && !find_workload(record, rest);
  if (instances) rest.remove_suffix(kInstances.size());
  const WorkloadTick* tick = find_workload(record, rest);
  if (!tick) return no_such_workload(rest);
  json document = of_tick(record);
  if (instances) {
    document["instances"] = instances_json(*tick);
  } else {
    document["workload"] = detail_json(*tick, record.now);
  }
  return json_response(200, document);
}

std::optional<size_t> parse_limit(const std::string& text) {
  size_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (limit < 1 || limit > kMostDecisions) return std::nullopt;
  return limit;
}

HttpResponse decisions(const HttpRequest& request, const WebState& state) {
  std::optional<WorkloadId> workload;
  size_t limit = kDecisions;
  for (const auto& [key, value] : request.query) {
    if (key == "workload" && !value.empty()) workload = value;
    if (key == "limit" && !value.empty()) {
      const std::optional<size_t> parsed = parse_limit(value);
      if (!parsed) {
        return error_response(400, "invalid",
                              "limit is " + value + ", a whole number from 1 to " +
                                  std::to_string(kMostDecisions) + " is allowed");
      }
      limit = *parsed;
    }
  }
  if (workload && !find_workload(*state.last, *workload)) return no_such_workload(*workload);
  json document = of_tick(*state.last);
  document["decisions"] = json::array();
  for (const auto& kept : state.newest(workload, limit)) {
    document["decisions"].push_back(kept_decision_json(*kept));
  }
  return json_response(200, document);
}

HttpResponse api(const HttpRequest& request, const WebState& state) {
  const std::string_view path = request.path;
  if (path == "/api/v1/decisions") return state.last ? decisions(request, state) : not_ready();
  if (path == "/api/v1/sources") return state.last ? sources(*state.last) : not_ready();
  if (path == "/api/v1/config") return state.last ? config(state.config) : not_ready();
  if (!path.starts_with(kWorkloads)) return no_such_route(request.path);
  const std::string_view rest = path.substr(kWorkloads.size());
  if (rest.empty()) return state.last ? all_workloads(*state.last) : not_ready();
  if (!rest.starts_with('/') || rest.size() == 1) return no_such_route(request.path);
  return state.last ? one_workload(*state.last, rest.substr(1)) : not_ready();
}

}  // namespace

HttpResponse answer(const HttpRequest& request, const WebState& state) {
  if (request.method != "GET") {
    HttpResponse response =
        error_response(405, "invalid", request.method + " is not allowed here: it is only read");
    response.headers.emplace_back("Allow", "GET, HEAD");
    return response;
  }
  if (request.path == "/metrics") return metrics_page(state);
  if (request.path == "/healthz") {
    return healthz(state.last.get(), state.started, state.interval, state.now);
  }
  if (request.path == "/readyz") return readyz(state.last.get());
  return api(request, state);
}

}  // namespace autoscaler
