#pragma once

#include "policies/time.h"

#include <cstdint>

namespace autoscaler {

// How well supply followed demand: what was paid, what was violated, and the elasticity measures of
// the SPEC Research Group (Herbst et al., "Ready for Rain?", SPEC-RG-2016-01, 3).
class Elasticity {
 public:
  // One step: `supply` instances serve where `needed` would be right, and `paid` are paid for.
  void count(Duration step, int32_t needed, int32_t supply, double paid, bool violating);
  void count_requests(double requests, double failed);
  // The decided size changed by so many.
  void count_change(int32_t change);

  double scored_seconds() const { return seconds_; }
  double instance_hours() const { return paid_ / 3600; }
  double violating_seconds() const { return violating_; }
  double violating_share() const { return share(violating_); }
  double worst_hour_share() const;  // violating, of the worst whole hour from the first on
  double failed_share() const { return requests_ > 0 ? failed_ / requests_ : 0; }
  int64_t actions() const { return actions_; }
  int64_t turns() const { return turns_; }
  double an_hour(int64_t count) const;

  // theta_U, theta_O: mean of what is missing and of what is too much, over what is needed.
  double under() const { return share(under_); }
  double over() const { return share(over_); }
  // tau_U, tau_O: share of the time with too few, with too many.
  double under_time() const { return share(under_time_); }
  double over_time() const { return share(over_time_); }
  // upsilon: share of the time in which supply and demand moved in different directions.
  double instability() const { return share(unstable_); }

 private:
  double share(double part) const { return seconds_ > 0 ? part / seconds_ : 0; }

  double seconds_ = 0;
  double paid_ = 0;  // instance-seconds
  double violating_ = 0;
  double under_ = 0, over_ = 0, under_time_ = 0, over_time_ = 0, unstable_ = 0;
  double requests_ = 0, failed_ = 0;
  double hour_seconds_ = 0, hour_violating_ = 0, worst_hour_ = 0;
  int64_t actions_ = 0, turns_ = 0;
  int32_t direction_ = 0;
  int32_t last_needed_ = 0, last_supply_ = 0;
  bool begun_ = false;
};

}  // namespace autoscaler
