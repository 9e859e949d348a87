#pragma once

#include "base/http_server.h"
#include "controller/config/config_status.h"
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
    std::function<void(OrderRequest)> order = {};  // called on its thread, and must not block
  };
  // Errors: as HttpServer::start, the message naming `controller.listen` in the config.
  static Result<std::unique_ptr<Web>> start(const ControllerSpec& controller, Deps deps);
  ~Web();
  uint16_t port() const;
  // Called by the loop after each tick.
  void publish(std::shared_ptr<const TickRecord> record);
  // When another config is taken up, or refused. Of `running` the interval and the token count.
  void publish(const ControllerSpec& running, ConfigStatus status);

 private:
  Web();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace autoscaler
