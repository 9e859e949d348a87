#pragma once

#include "controller/backtest/demand.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace autoscaler {

// What a policy sees when it decides at the beginning of a tick. Metrics are late: the newest
// sample is that of the tick before the last one.
struct Sight {
  size_t tick = 0;
  int64_t at_s = 0;  // unix seconds, UTC
  int32_t size = 1;  // asked for: serving and launching
  int32_t serving = 1;
  std::optional<double> rate;  // requests per second in the newest sample
  double rate_mean = 0;        // over the minute that ends with it
  double backlog = 0;          // requests waiting at the end of that sample
  double cpu_mean = 0;         // over that minute, of one instance, 0 to 1, with noise
  bool violated = false;       // p95 of that sample was past the SLO
  bool in_gap = false;         // nothing was recorded then: served, but not learned
};

// A policy in the fixed world: the size it wants now.
class Contender {
 public:
  virtual ~Contender() = default;
  virtual int32_t wants(const Sight& sight) = 0;
};

struct Score {
  int64_t scored_s = 0;
  double instance_hours = 0;
  int64_t violating_s = 0;
  int64_t actions = 0;    // changes of the size
  int64_t reversals = 0;  // changes in another direction than the one before
};

// Runs one policy through a demand. A launch is paid from the request and serves after exactly
// `lead_s`; of too many instances the newest goes first.
Score run_world(const Demand& demand, int64_t lead_s, Contender& contender);

// Instances that the load needs at each tick: one at least, and the world's largest size at most.
std::vector<int32_t> needed_instances(const Demand& demand);

// What stands there at the beginning, serving.
int32_t first_size(const Demand& demand);

// The lower bound on cost: no policy can pay less without a violation, or with those alone that the
// largest size cannot help.
Score run_oracle(const Demand& demand, int64_t lead_s);

}  // namespace autoscaler
