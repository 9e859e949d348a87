#pragma once

#include "controller/config/config_status.h"
#include "controller/tick_record.h"

#include <memory>
#include <string>

namespace autoscaler {

// /metrics. `observe` is called by the loop after each tick, `serialize` by the web server's
// thread, at the same time. Gauges are written from the last record, which is shared, not copied.
class Telemetry {
 public:
  Telemetry();
  ~Telemetry();
  void observe(std::shared_ptr<const TickRecord> record);
  // At the start, and when it has changed.
  void observe(const ConfigStatus& status);
  // Prometheus text 0.0.4 of everything: counters since start, and the last tick's gauges.
  std::string serialize() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace autoscaler
