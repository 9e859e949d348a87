#pragma once

#include "controller/backtest/world.h"
#include "policies/evaluate.h"

namespace autoscaler {

// Plays Kubernetes for the project's own evaluate: one pod for each instance, pending until it
// serves, and CPU samples of those that serve.
class HpaRival : public Contender {
 public:
  HpaRival(int64_t target_percent, const Demand& demand);
  int32_t wants(const Sight& sight) override;

 private:
  void stand(const Sight& sight);
  void measure(const Sight& sight);

  WorkloadSpec spec_;
  Workload workload_;
  Signals signals_;
  Recent recent_;
  size_t ready_ = 0;  // of workload_.instances, the first ones
};

}  // namespace autoscaler
