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

  // A minute, and how much of it violated.
  void learn(double violated) {
    count(violated);
    move(violated);
  }
  // Spends the budget alone.
  void count(double violated);
  // Moves the price alone: not with minutes under a fault that instances do not cure, nor upwards
  // at the user's max, where nothing more can be bought (no wind-up).
  void move(double violated);

  // A violation began, and nothing waited from before it, while an instance carried `share` of what
  // it is believed to carry: below what is trusted so far the belief is too high, whatever the
  // price.
  void doubt_capacity(double share);

  double price() const;  // of a violating minute: instances_worth
  // Sizes are worked out with the believed capacity over this: what the doubts come to, and growth
  // beyond the highest price. 1 or more.
  double headroom() const;
  double spent() const { return state_.spent; }               // share of the last weeks' minutes
  double left() const { return 1 - state_.spent / budget_; }  // below 0: overspent
  double burn_rate() const { return state_.last_hour / budget_; }  // 1 spends just the budget

  // What the journal has.
  struct State {
    double log_price = 1.1;  // of 3
    double spent = 0;        // forgotten within two weeks
    double last_hour = 0;
    double trusted = 1;  // of the believed capacity; the rest is forgotten within a week
  };
  const State& state() const { return state_; }
  void restore(const State& state) { state_ = state; }

 private:
  double budget_;
  State state_;
};

}  // namespace autoscaler
