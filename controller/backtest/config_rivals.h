#pragma once

#include "controller/backtest/rehearsal.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace autoscaler {

// Somebody else's way to size the same service, as a config that the same loop runs, and the
// numbers that it reads beside the service's own.
struct Rival {
  std::string name;
  std::shared_ptr<const Config> config;
  std::map<std::string, std::function<double(Instant)>> numbers;
};

// Within the bounds of `workload`, with the HPA's interval of 15 s:
//   static-peak  what the highest load of the scored time needs, always (hindsight)
//   hpa-N        `compatibility: hpa`, CPU at N %, no `behavior`
//   cron-hpa-70  hpa-70 above the highest load of each hour of the day in the warm-up, a start-up
//                early, as KEDA's cron trigger does it: an external metric
//   aws-like-70  hpa-70 above an hourly forecast (floors.h)
std::vector<Rival> rivals_of(const WorkloadConfig& workload, const Setting& setting);

}  // namespace autoscaler
