#pragma once

#include "base/http_server.h"
#include "controller/tick_record.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

// What the answers of the API have in common.
namespace autoscaler {

HttpResponse json_response(int status, const nlohmann::json& document);
HttpResponse error_response(int status, const char* code, std::string message);
HttpResponse no_such_workload(std::string_view name);
HttpResponse not_ready();  // before the first tick

const WorkloadTick* find_workload(const TickRecord& record, std::string_view name);

}  // namespace autoscaler
