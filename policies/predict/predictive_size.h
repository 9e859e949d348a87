#pragma once

#include "policies/forecast/forecaster.h"
#include "policies/predict/reactive.h"

#include <array>
#include <cstdint>
#include <optional>

namespace autoscaler {

// From forecasts and what is measured to a size. The lead forecast says what must be launched now;
// the hold forecast, which reaches further, what is worth keeping because it would be launched
// again soon. A large reduction must have been possible for some minutes, a small one for half an
// hour: it saves little, and each one that is taken back is a launch.
class PredictiveSize {
 public:
  struct Inputs {
    std::optional<Expectation> lead;  // nullopt: no forecast, the reactive size alone
    std::optional<Expectation> hold;
    LoadNow now;
    int64_t minute = 0;            // unix time
    int32_t size = 1;              // that stands
    double rate_per_instance = 1;  // within the SLO
    double price = 3;              // of a violating minute
    double headroom = 1;           // on the forecast sizes
    bool hold_in = false;  // nothing may shrink: metrics are missing, an outage is suspected
  };
  int32_t decide(const Inputs& inputs);

 private:
  int32_t steady(int32_t wanted, const Inputs& inputs);
  static size_t slot_of(int64_t minute);      // in recent_
  int32_t highest_of(int64_t minutes) const;  // wanted in the last of them

  double usual_size_ = 0;  // a day's moving average of what the load needs
  int64_t burst_until_ = 0;

  static constexpr int64_t kMostMinutes = 30;
  // The highest wanted size of each minute, and the newest of them.
  std::array<int32_t, kMostMinutes> recent_{};
  int64_t recent_minute_ = 0;
};

}  // namespace autoscaler
