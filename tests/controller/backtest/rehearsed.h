#pragma once

#include "controller/backtest/rehearsal.h"
#include "controller/config/config.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

// A shop and its load, to be rehearsed.
namespace autoscaler::testing {

using namespace std::chrono_literals;

inline constexpr int64_t kStart = 1767571200;  // a Monday, 00:00 UTC

inline const std::string kShop = R"(
workloads:
  - name: shop
    target: {process: {command: [/bin/shop, "{port}"], ports: 9000-9199}}
    loadBalancer: {haproxy: {socket: /run/none.sock, backend: shop}}
    replicas: {min: 2, max: 40}
    signals:
      rps: {source: balancer, value: requestRate}
    policies:
      - track: {signal: rps, perInstance: 70/s}
)";

inline std::shared_ptr<const Config> config_of(const std::string& yaml) {
  ConfigResult read = parse_config(yaml, "shop.yaml");
  for (const ConfigProblem& problem : read.problems) ADD_FAILURE() << describe(problem);
  return std::make_shared<const Config>(std::move(*read.config));
}

// Hours of `low` and `high` requests per second in turn.
inline Trace waves(int hours, double low, double high) {
  Trace trace{.name = "waves", .step_s = 60, .rows = {}};
  for (int minute = 0; minute < hours * 60; ++minute) {
    trace.rows.push_back({kStart + minute * 60, minute / 60 % 2 == 0 ? low : high});
  }
  return trace;
}

struct Case {
  Trace load = waves(8, 300, 900);
  ServiceModel model{};
  Setting setting() const {
    return {load, model, model.promise, Instant(std::chrono::seconds(kStart)) + 4h};
  }
};

}  // namespace autoscaler::testing
