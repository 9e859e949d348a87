#pragma once

#include "base/secret.h"
#include "base/tls_files.h"
#include "policies/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace autoscaler {

// A server that speaks Prometheus' HTTP API: Prometheus, Thanos, Mimir, VictoriaMetrics.
struct PrometheusServer {
  struct Basic {
    std::string user;
    Secret password;
    bool operator==(const Basic&) const = default;
  };
  using HeaderValue = std::variant<std::string, Secret>;

  std::string name = "prometheus";
  std::string url;                                           // http(s)://host:port, perhaps a path
  std::vector<std::pair<std::string, HeaderValue>> headers;  // X-Scope-OrgID for a tenant
  std::optional<Secret> bearer;
  std::optional<Basic> basic;
  TlsFiles tls;
  Duration timeout{std::chrono::seconds(5)};  // of one query, retries and waiting included
  int32_t concurrency = 4;                    // queries under way at once
  int64_t max_bytes = 4 << 20;                // of one answer
  bool accept_partial = false;
  bool operator==(const PrometheusServer&) const = default;
};

}  // namespace autoscaler
