#pragma once

#include "controller/tick_record.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace autoscaler {

// Says in one line what was decided and why, whenever that changed; and each change, failure and
// error when it was not the same in the tick before. A quiet service logs nothing.
class TickLog {
 public:
  void write(const TickRecord& tick);

 private:
  struct Decided {
    int32_t from;
    int32_t to;
    Reason reason;
    bool operator==(const Decided&) const = default;
  };

  void take(const std::shared_ptr<const Config>& config);
  void leadership(const Leadership& leadership);
  void decision(const TickRecord& tick, const WorkloadTick& workload,
                std::optional<Decided>& before);
  void changes(const WorkloadTick& workload);
  void orders(const WorkloadTick& workload);
  void instances(const WorkloadTick& workload);
  void guards(const WorkloadTick& workload, Instant now);
  void guard_binds(const std::string& workload, Rule rule, const std::string& how, Instant now);
  // True when `text` did not hold under this key in the tick before.
  bool is_news(const std::string& key, const std::string& text);

  // Guards that hold a workload, and when each last did.
  std::map<std::pair<WorkloadId, Rule>, Instant> binding_;
  struct Held {
    uint64_t tick = 0;                  // the last in which it held
    std::string text;                   // as it held then
    std::optional<std::string> before;  // in the tick before that
  };
  std::unordered_map<std::string, Held> held_;  // by key: in the last tick, and so far in this one
  // What was decided of each workload in the tick before: of thousands at rest no text is made.
  std::vector<std::optional<Decided>> decided_;  // parallel to the workloads of:
  std::shared_ptr<const Config> config_;
  uint64_t tick_ = 0;
};

}  // namespace autoscaler
