#pragma once

#include "base/result.h"
#include "policies/workload.h"

#include <functional>
#include <variant>

namespace autoscaler {

struct Resume {};  // takes back a pause and a size

// What an operator orders of one workload: from the web server's thread to the loop's.
struct OrderRequest {
  WorkloadId workload;
  std::variant<Pause, SizeOrder, Resume> order;
  // Called once, by the loop's thread, when what was ordered is on disk: with all that is ordered
  // of the workload now.
  std::function<void(const Result<Orders>&)> done;
};

}  // namespace autoscaler
