#pragma once

#include "base/http_server.h"
#include "base/secret.h"
#include "controller/config/config_status.h"
#include "controller/order_request.h"
#include "controller/tick_record.h"
#include "controller/web/decision_history.h"

#include <functional>
#include <memory>

namespace autoscaler {

// Everything an answer is made of.
struct WebState {
  std::shared_ptr<const TickRecord> last;  // nullptr: no tick is completed yet
  ConfigStatus config;
  // DecisionHistory::newest, under its owner's lock.
  std::function<std::vector<std::shared_ptr<const KeptDecision>>(const std::optional<WorkloadId>&,
                                                                 size_t limit)>
      newest;
  std::function<std::string()> metrics;
  Instant started;
  Instant now;
  Duration interval;
  std::optional<Secret> token;  // who has it may write; nullopt: nobody may
  std::function<void(OrderRequest)> order;
};

// The reads; orders.h has the writes:
//   /metrics  /healthz  /readyz
//   /api/v1/workloads                     a summary of each
//   /api/v1/workloads/{name}              its last decision, with all that went into it
//   /api/v1/workloads/{name}/instances
//   /api/v1/decisions?workload=&limit=    newest first; 20 of all workloads if not said otherwise
//   /api/v1/sources                       the servers behind signals, and whether they are asked
//   /api/v1/config                        whether the config file is what runs
// Anything else is 404 with this list, another method 405, a bad limit 400, all as JSON:
// {"error": {"code", "message"}}. Before the first tick the API answers 503.
HttpResponse answer(const HttpRequest& request, const WebState& state);

}  // namespace autoscaler
