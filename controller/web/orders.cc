#include "controller/web/orders.h"

#include "controller/config/units.h"
#include "controller/snapshot/nouns.h"
#include "controller/snapshot/snapshot.h"
#include "controller/web/responses.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace autoscaler {
namespace {

using nlohmann::json;

constexpr std::string_view kWorkloads = "/api/v1/workloads/";
constexpr const char* kWrites[] = {"/api/v1/workloads/{name}/pause",
                                   "/api/v1/workloads/{name}/size",
                                   "/api/v1/workloads/{name}/resume"};

struct Route {
  std::string workload;
  std::string verb;
};

std::optional<Route> route_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (!path.starts_with(kWorkloads) || slash < kWorkloads.size()) return std::nullopt;
  Route route{path.substr(kWorkloads.size(), slash - kWorkloads.size()), path.substr(slash + 1)};
  const auto matches = [&](const std::string& write) { return write.ends_with("/" + route.verb); };
  if (std::none_of(std::begin(kWrites), std::end(kWrites), matches)) return std::nullopt;
  return route;
}

// nullopt: the request may write.
std::optional<HttpResponse> refusal(const HttpRequest& request, const WebState& state) {
  if (!state.token) {
    return error_response(403, "denied",
                          "this server takes no orders: name a file with a token in "
                          "controller.api.token of the config, and start again");
  }
  const Result<std::string> token = read_secret(*state.token);
  if (!token) return error_response(403, "denied", token.error().message);
  std::string given;
  for (const auto& [name, value] : request.headers) {
    if (name == "authorization") given = value;
  }
  if (same_secret(given, "Bearer " + *token)) return std::nullopt;
  HttpResponse response = error_response(
      401, "denied", "send the token of controller.api.token: Authorization: Bearer TOKEN");
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

// `until`, or `for` from now on.
std::optional<Instant> read_end(const Place& body, Instant now) {
  const Place until = body["until"], span = body["for"];
  if (until.given() && span.given()) {
    span.fail("stands beside until; give one of the two");
    return std::nullopt;
  }
  if (span.given()) {
    const Result<Duration> length = parse_duration(span.text().value_or("0"));
    if (length && *length > Duration{0}) return now + *length;
    span.fail("is no span of time above 0, such as 90s, 2h or 1d");
  }
  const std::optional<Instant> end = until.instant();
  if (end && *end <= now) until.fail("is past; it is " + format_instant(now) + " now");
  return end;
}

Pause read_pause(const Place& body, Instant now) {
  body.only({"direction", "until", "for"});
  Pause pause;
  const auto direction = body["direction"].one_of({"all", "out", "in"});
  pause.direction = static_cast<Pause::Direction>(direction.value_or(0));
  pause.until = read_end(body, now);
  return pause;
}

SizeOrder read_size(const Place& body, const Bounds& bounds, Instant now) {
  body.only({"replicas", "until", "for"});
  const Place replicas = body.require("replicas", "say how many");
  const int32_t size = replicas.replicas().value_or(bounds.min);
  if (size < bounds.min || size > bounds.max) {
    replicas.fail("is " + std::to_string(size) + ", and the config allows " +
                  std::to_string(bounds.min) + " to " + std::to_string(bounds.max));
  }
  const std::optional<Instant> end = read_end(body, now);
  if (!body["until"].given() && !body["for"].given()) {
    body["for"].fail("is missing; a size is ordered for a while: {\"for\": \"2h\"}, or until");
  }
  return {size, end.value_or(now)};
}

Result<OrderRequest> read_order(const Route& route, const std::string& text, const Bounds& bounds,
                                Instant now) {
  const auto document = parse_json(text.empty() ? "{}" : text);
  if (!document) return document.error();
  Faults faults;
  const Place body(document->get(), "", &faults);
  if (!body.json().is_object()) {
    return Error{Code::kInvalid, "the body is no JSON object"};
  }
  OrderRequest request{route.workload, Resume{}, {}};
  if (route.verb == "pause") {
    request.order = read_pause(body, now);
  } else if (route.verb == "size") {
    request.order = read_size(body, bounds, now);
  } else {
    body.only({});
  }
  if (!faults.empty()) return faults.error();
  return request;
}

}  // namespace

bool same_secret(std::string_view given, std::string_view secret) {
  unsigned difference = given.size() == secret.size() ? 0 : 1;
  for (size_t i = 0; i < given.size(); ++i) {
    const char other = secret.empty() ? '\0' : secret[i % secret.size()];
    difference |= static_cast<unsigned char>(given[i] ^ other);
  }
  return difference == 0;
}

bool is_order(const HttpRequest& request) {
  return request.method == "POST" && route_of(request.path).has_value();
}

void take_order(const HttpRequest& request, const WebState& state, const HttpServer::Reply& reply) {
  const Route route = *route_of(request.path);
  if (const auto refused = refusal(request, state)) return reply(*refused);
  if (!state.last) return reply(not_ready());
  const WorkloadTick* tick = find_workload(*state.last, route.workload);
  if (!tick) return reply(no_such_workload(route.workload));
  const WorkloadSpec& spec = tick->config->spec;
  Result<OrderRequest> order = read_order(route, request.body, spec.bounds, state.now);
  if (!order) return reply(error_response(400, "invalid", order.error().message));
  order->done = [reply, name = route.workload, config = state.last->config,
                 by_config = spec.pause.has_value()](const Result<Orders>& orders) {
    const bool is_elsewhere = !orders && orders.error().code == Code::kConflict;
    if (is_elsewhere) return reply(error_response(409, "conflict", orders.error().message));
    if (!orders) return reply(error_response(503, "unavailable", orders.error().message));
    json answer{{"workload", name}, {"orders", orders_json(*orders)}};
    if (by_config) answer["pausedByConfig"] = true;
    reply(json_response(200, answer));
  };
  state.order(std::move(*order));
}

}  // namespace autoscaler
