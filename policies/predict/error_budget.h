#pragma once

namespace autoscaler {

// Finds the price of a violation that just spends the error budget: what is spent raises it, what
// is saved lowers it. In the long run the share of violating time stays within the budget whatever
// the load does, as long as more instances help at all; an estimate of their capacity that is wrong
// is made up for too.
class ErrorBudget {
 public:
  // The share of time that may violate: 0.005 is 0.5 %.
  explicit ErrorBudget(double budget) : budget_(budget) {}

  // A minute, and how much of it violated. Minutes at the user's max, without metrics or under a
  // fault that instances do not cure are left out.
  void learn(double violated);

  double price() const;                    // of a violating minute: instances_worth
  double headroom() const;                 // beyond the highest price sizes grow by this factor
  double spent() const { return spent_; }  // share of the last weeks' minutes, forgotten slowly

 private:
  double budget_;
  double log_price_ = 1.1;  // 3
  double spent_ = 0;
};

}  // namespace autoscaler
