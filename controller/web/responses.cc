#include "controller/web/responses.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace autoscaler {

using nlohmann::json;

HttpResponse json_response(int status, const json& document) {
  HttpResponse response;
  response.status = status;
  response.content_type = "application/json";
  // What others wrote (a detail of an error, say) may be no UTF-8.
  response.body = document.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  return response;
}

HttpResponse error_response(int status, const char* code, std::string message) {
  return json_response(status, {{"error", {{"code", code}, {"message", std::move(message)}}}});
}

HttpResponse no_such_workload(std::string_view name) {
  return error_response(
      404, "not_found",
      "no workload is named " + std::string(name) + "; /api/v1/workloads lists them");
}

HttpResponse not_ready() {
  return error_response(503, "unavailable", "the first tick is not completed yet");
}

const WorkloadTick* find_workload(const TickRecord& record, std::string_view name) {
  const auto found =
      std::find_if(record.workloads.begin(), record.workloads.end(),
                   [&](const WorkloadTick& tick) { return tick.config->spec.name == name; });
  return found == record.workloads.end() ? nullptr : &*found;
}

}  // namespace autoscaler
