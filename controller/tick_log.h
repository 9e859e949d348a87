#pragma once

#include "controller/tick_record.h"

#include <map>
#include <string>

namespace autoscaler {

// Says in one line what was decided and why, whenever that changed; and each change, failure and
// error once, until it is another. A quiet service logs nothing.
class TickLog {
 public:
  void write(const TickRecord& tick);

 private:
  void decision(const TickRecord& tick, const WorkloadTick& workload);
  void changes(const WorkloadTick& workload);
  void instances(const WorkloadTick& workload);
  // True when `text` is news under this key; empty text closes it.
  bool is_news(const std::string& key, const std::string& text);

  std::map<std::string, std::string> last_;  // by key: what was said last
};

}  // namespace autoscaler
