#pragma once

#include "base/http_server.h"
#include "controller/web/api.h"

#include <string_view>

namespace autoscaler {

// The writes, with `Authorization: Bearer TOKEN`:
//   POST /api/v1/workloads/{name}/pause   {direction, until | for}, all of them optional
//   POST /api/v1/workloads/{name}/size    {replicas, until | for}
//   POST /api/v1/workloads/{name}/resume
// 403 where the config has no token, 401 where the request has not the right one, 400 where the
// body is wrong, 503 while the journal cannot be written. Otherwise 200 once it is on disk.
bool is_order(const HttpRequest& request);
void take_order(const HttpRequest& request, const WebState& state, const HttpServer::Reply& reply);

// Takes as long however much of the two is the same.
bool same_secret(std::string_view given, std::string_view secret);

}  // namespace autoscaler
