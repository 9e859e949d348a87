#pragma once

#include "base/result.h"
#include "controller/backtest/trace.h"
#include "metrics/prometheus_server.h"
#include "metrics/query.h"

#include <string>
#include <vector>

namespace autoscaler {

// Where a Prometheus server has recorded a load.
struct Recorded {
  std::string name;
  std::vector<PrometheusServer> servers;
  SignalQuery query;
};
// A query to the server at this URL; --prometheus and --query. kInvalid: no such URL.
Result<Recorded> recorded_at(const std::string& url, const std::string& query);

// The load of the last `span`, a row a minute. Errors are sentences for the user: kInvalid,
// kTooLarge, kUnavailable as HistorySource says; kInvalid: it is below 0, or not known.
Result<Trace> load_from(const Recorded& recorded, Duration span);

}  // namespace autoscaler
