#pragma once

#include "base/rest_client.h"
#include "metrics/history.h"
#include "metrics/prometheus_reading.h"
#include "metrics/prometheus_server.h"

#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace autoscaler {

// The outcome of a query. `of_server`: it says that the server is sick, not the query.
struct PrometheusAnswer {
  Reading reading;
  bool of_server = false;
};

// Queries to one server. Blocks; thread-safe.
//
// A connection that fails and the statuses 502, 503 and 504 are tried up to twice again, after 50
// and 200 ms, where the deadline leaves that time. Secrets are read anew for each query.
class PrometheusApi {
 public:
  explicit PrometheusApi(PrometheusServer server);

  const PrometheusServer& server() const { return server_; }

  // The value at `at`, which is sent along, so that both sides mean the same moment.
  PrometheusAnswer instant(const PrometheusRead& read, Instant at, Duration deadline,
                           const std::stop_token& stop = {});

  // As HistorySource::history; long ranges are asked for in parts of 10,000 steps, each with
  // `timeout`. `offset` has no meaning here.
  Result<std::vector<HistoryPoint>> range(const PrometheusRead& read, Instant from, Instant to,
                                          Duration step, const std::stop_token& stop = {});

 private:
  struct Failure {
    Missing missing;
    bool of_server;
  };
  using Form = std::vector<std::pair<std::string, std::string>>;

  std::variant<PrometheusReply, Failure> ask(const std::string& path, Form form, Duration deadline,
                                             const std::stop_token& stop);
  Result<RestResponse> send_with_retries(const RestRequest& request, Duration deadline,
                                         const std::stop_token& stop);
  std::variant<PrometheusReply, Failure> understand(const RestResponse& response) const;
  Result<std::vector<std::pair<std::string, std::string>>> make_headers() const;

  const PrometheusServer server_;
  RestClient client_;
};

}  // namespace autoscaler
