#pragma once

#include "controller/backtest/world.h"

#include <vector>

// The fixed world with all that goes wrong in it: `./dev bench-traces DIR --hard`. Policies are
// told what they are told in the plain one, the lead that most launches take included.
namespace autoscaler {

namespace hard_world {

// One launch in ten waits for a new node: three times the lead.
inline constexpr double kSlowLaunches = 0.10;
inline constexpr int kSlowTimes = 3;
// Of a hundred launches three never serve. After twice the lead they are seen to, and are launched
// anew; they are paid meanwhile.
inline constexpr double kFailedLaunches = 0.03;
inline constexpr int kFailedLeads = 2;
// Coefficient of variation of what instances can do; none does less than half.
inline constexpr double kSpread = 0.10;
inline constexpr double kLeastShare = 0.5;
// In its first minute of service an instance does half of its work: caches, compilation.
inline constexpr int64_t kColdSeconds = 60;
inline constexpr double kColdShare = 0.5;
// Half of the requests that went away come again with the next tick, on top of the load and half of
// it at most.
inline constexpr double kRetries = 0.5;
// Two samples in a hundred are lost; all of them for half an hour, every three days in the mean.
inline constexpr double kLostSamples = 0.02;
inline constexpr double kOutageEverySeconds = 3 * 86400;
inline constexpr int64_t kOutageSeconds = 1800;
// A new version every two days in the mean: all instances are replaced, a quarter at a time, new
// before old.
inline constexpr double kDeployEverySeconds = 2 * 86400;
inline constexpr int kDeployBatches = 4;

}  // namespace hard_world

// What befalls every policy at the same time, by the demand's name.
class Hardships {
 public:
  explicit Hardships(const Demand& demand);

  bool is_seen(size_t tick) const { return seen_[tick]; }
  bool in_outage(size_t tick) const { return outage_[tick]; }
  bool deploys(size_t tick) const { return deploys_[tick]; }
  // As it can be learned from: an outage is a gap.
  Demand seen_of(Demand demand) const;

 private:
  std::vector<bool> seen_;
  std::vector<bool> outage_;
  std::vector<bool> deploys_;
};

// run_world in it. What a launch comes to is by its number, so that the policies that launch as
// often meet the same.
Score run_hard_world(const Demand& demand, const Hardships& hardships, int64_t lead_s,
                     Contender& contender);

}  // namespace autoscaler
