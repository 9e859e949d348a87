#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace autoscaler {

// The quantiles that are tracked, of the highest load within the horizon.
inline constexpr std::array<double, 8> kQuantiles{0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999};
inline constexpr size_t kQuantileCount = kQuantiles.size();
using QuantileValues = std::array<double, kQuantileCount>;

// How large an error is to be expected now: half by the last minutes, half by the hour of the day.
class Spread {
 public:
  // `hour_gain`: what one error counts for its hour of the day.
  explicit Spread(double hour_gain = 0.02) : hour_gain_(hour_gain) {}

  double at(int64_t hour_of_day) const;
  double recent() const { return recent_; }  // by the last minutes alone
  double slow() const { return slow_; }      // by the last hours
  void learn(double error, int64_t hour_of_day);

 private:
  double hour_gain_;
  double recent_ = 0.1;  // mean absolute error
  double slow_ = 0.1;
  float hours_[24] = {};  // 0: not known
};

// Online conformal quantiles of errors in units of the spread: a miss moves a quantile up, a hit
// down, so that the share of misses is right in the long run whatever the errors look like
// (Angelopoulos, Candes, Tibshirani, "Conformal PID control", 2023, the P part). Steps add and the
// offset has bounds: an outage can not blow it up. On the first day they are up to three times
// as large (none is above that of pace 1), and from then to the third day ever smaller
// (Angelopoulos, Barber, Bates, "Online conformal prediction with decaying step sizes", 2024): with
// the last size, 11 minutes ahead, P95 comes down by half a spread in ten hours, and what a load of
// hours is covered by is where it began.
class ConformalQuantiles {
 public:
  // `pace`: of the steps in the long run, 1 at most, which none is above. Where errors come in runs
  // a quantile that moves fast runs after each of them. `middle_step`: that of P50; P95's is 0.06
  // and the others are in line with the two.
  explicit ConformalQuantiles(double pace = 1, double middle_step = 0.03)
      : pace_(pace), middle_step_(middle_step) {}

  using Misses = std::array<bool, kQuantileCount>;

  const QuantileValues& offsets() const { return offsets_; }  // ascending
  void learn(double error_in_spreads);
  // Of quantiles that were made from the offsets and from what is known beside them.
  void learn(const Misses& missed);

  // What a miss moves a quantile by now, in spreads; a hit moves it down by so much less.
  double step(size_t quantile) const;

 private:
  double pace_;
  double middle_step_;
  int64_t learned_ = 0;  // errors, one a minute
  // Of a Laplace distribution whose mean absolute error is 1, and a little on the safe side.
  QuantileValues offsets_{0, 1, 1.8, 2.5, 3.5, 4.2, 5, 6.8};
};

}  // namespace autoscaler
