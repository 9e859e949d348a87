#pragma once

#include "controller/backtest/elasticity.h"
#include "controller/backtest/load_cells.h"
#include "controller/backtest/service_model.h"
#include "controller/backtest/trace.h"
#include "controller/config/config.h"
#include "policies/decision.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace autoscaler {

// What happened in a cell of the load, or the most of each number in several.
struct Moment {
  Instant at;         // its end
  double demand = 0;  // requests per second
  int32_t needed = 0;
  int32_t size = 0;  // decided last
  int32_t serving = 0;
  int32_t starting = 0;
  int32_t leaving = 0;
  // The highest minute within the lead as it was forecast, P50 and P95 of the first predict policy.
  std::optional<std::pair<double, double>> expected{};
  double p95_seconds = 0;  // of what was served; 0: nothing was
  bool violating = false;  // more than 5 % late or failed, in the scored time

  void add(const Moment& next);
};
// As many as a screen has pixels to show.
inline constexpr size_t kMostMoments = 1500;

// The size, from then on.
struct Standing {
  Instant from;
  int32_t size = 0;
  bool scored = false;
};

// A change of the size, for a person.
struct ToldDecision {
  Instant at;
  int32_t from = 0;
  int32_t to = 0;
  Reason reason{};
  std::vector<std::string> lines;  // explain_lines
};

// One config over one load.
struct Rehearsal {
  std::string name;
  Elasticity score{};
  std::vector<Moment> moments{};          // to be drawn: kMostMoments at most
  std::vector<Standing> sizes{};          // each change; the last one is the end, and not scored
  std::vector<ToldDecision> decisions{};  // the first kMostTold of the scored time
};
inline constexpr size_t kMostTold = 5000;

struct Setting {
  const Trace& load;
  const ServiceModel& model;
  Duration promise;                                      // p95
  Instant scored_from;                                   // before it, controllers only learn
  std::function<void(double)> progress = [](double) {};  // share of the load that is over
};

// The whole loop, as it runs live, with its first workload's policies, around the simulated
// service. `numbers` are the signals that the service does not have, by name.
Rehearsal rehearse(const std::string& name, std::shared_ptr<const Config> config,
                   const Setting& setting,
                   const std::map<std::string, std::function<double(Instant)>>& numbers = {});

// Instances that a load needs so that 95 % are served within the promise, one at least.
int32_t instances_needed(double requests_per_second, const ServiceModel& model, Duration promise);

// The lower bound: never too few, and the least that can be paid for it (oracle.h), cell by cell.
Rehearsal clairvoyant(const Setting& setting);

}  // namespace autoscaler
