#pragma once

#include "controller/tick_record.h"
#include "policies/predict/error_budget.h"

#include <string>
#include <string_view>

namespace autoscaler {

// What one workload's error budget learns, minute by minute, from what its ticks saw.
class BudgetLearning {
 public:
  // `budget`: the share of time that may violate.
  explicit BudgetLearning(double budget) : budget_(budget) {}

  // What one tick saw of the minute under way.
  void account(const WorkloadTick& tick, Instant now);
  void end_minute();

  // Into what is forecast, rounded as it is journalled.
  void set_price(Prediction& prediction) const;
  BudgetSpending spending() const;

  // For the journal, with a version of the layout. False where they cannot be read.
  static constexpr uint32_t kVersion = 2;
  std::string bytes() const;
  bool restore(std::string_view bytes);

 private:
  ErrorBudget budget_;
  void look_at_capacity(const WorkloadTick& tick, bool violates);

  int32_t known_ = 0;  // ticks of the minute under way
  int32_t violating_ = 0;
  bool frozen_ = false;  // by one of them
  bool at_max_ = false;
  bool was_frozen_ = false;  // the last minute
  bool violates_ = false;    // the last known tick
  // The fewest in service of this minute and the last: readings are of a moment that is over.
  int32_t fewest_ = 0;
  int32_t fewest_before_ = 0;
};

}  // namespace autoscaler
