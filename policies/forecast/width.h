#pragma once

#include "policies/forecast/least_squares.h"

namespace autoscaler {

// How wide the next error will be. Its usual size is known by the hour and by the last minutes;
// that is corrected by what is seen beside it: that the errors were smaller or larger for hours,
// that the experts disagree, that the newest minute jumped, what minute of the hour it is. Learned
// from the sizes that the errors had, so that the quantiles are narrow when it is calm.
class Width {
 public:
  // All in logarithms of the load.
  struct Signs {
    double usual = 0;    // the spread by the hour and by the last half-hour
    double recent = 0;   // by the last half-hour
    double slow = 0;     // by the last eight hours
    double dissent = 0;  // how far the experts are from what is forecast, on average
    double jump = 0;     // how far the newest minute is from the level
    double of_hour = 0;  // the spread by the minute of the hour
  };

  // 0.3 to 3 times the usual spread.
  double at(const Signs& signs) const;
  void learn(const Signs& signs, double error);

 private:
  LeastSquares<6> correction_;  // of the size of an error over the usual one
};

}  // namespace autoscaler
