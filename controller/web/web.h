#pragma once

#include "base/http_server.h"
#include "base/secret.h"
#include "controller/order_request.h"
#include "controller/telemetry/telemetry.h"
#include "controller/tick_record.h"

#include <functional>
#include <memory>
#include <string>

namespace autoscaler {

// Our own server: /metrics, /healthz, /readyz and /api/v1 (api.h, orders.h). Its thread sees one
// immutable TickRecord at a time.
class Web {
 public:
  struct Deps {
    const Telemetry& telemetry;
    std::function<Instant()> now;  // to tell how long ago the last tick was; called on its thread
    std::optional<Secret> token = {};              // of those who may write
    std::function<void(OrderRequest)> order = {};  // called on its thread, and must not block
  };
  // Errors: as HttpServer::start, the message naming `controller.listen` in the config.
  static Result<std::unique_ptr<Web>> start(const std::string& address, uint16_t port,
                                            Duration interval, Deps deps);
  ~Web();
  uint16_t port() const;
  // Called by the loop after each tick.
  void publish(std::shared_ptr<const TickRecord> record);

 private:
  Web();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace autoscaler
