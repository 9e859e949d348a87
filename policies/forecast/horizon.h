#pragma once

#include "policies/forecast/experts.h"
#include "policies/forecast/hour_shape.h"
#include "policies/forecast/leaning_quantiles.h"
#include "policies/forecast/weights.h"
#include "policies/forecast/width.h"

#include <cstdint>
#include <optional>
#include <span>

namespace autoscaler {

// What is expected of the coming minutes, in logarithms.
struct Outlook {
  double middle = 0;
  double width = 0;          // of an error to be expected
  QuantileValues highest{};  // of the highest load, by kQuantiles
};

// A forecast that waits for its minutes to be over; packed.
struct Origin {
  uint32_t minute = 0;  // unix minutes; 0: none
  uint16_t opinions[kExperts] = {};
  uint16_t fast = 0;
  uint16_t middle = 0;
  // The spreads by which it was made, as their logarithms: pack_spread.
  uint16_t usual = 0;
  uint16_t recent = 0;
  uint16_t slow = 0;
  uint16_t width = 0;

  template <typename Map>
  void remap(const Map& map) {
    if (minute == 0) return;
    for (uint16_t& each : opinions) each = map(each);
    fast = map(fast);
    middle = map(middle);
  }
};

// Forecasts the highest load of the next `steps` minutes, and learns from each forecast once its
// minutes are over. Until then the forecasts wait in `origins`, of which there are `steps`.
class Horizon {
 public:
  static constexpr int64_t kMostSteps = 64;

  explicit Horizon(int64_t steps);

  int64_t steps() const { return steps_; }
  const Outlook& outlook() const { return outlook_; }

  // After a minute that was learned: looks ahead from memory.minute.
  void look_ahead(const Memory& memory, const Calendar& calendar, std::span<Origin> origins);
  // Compares the forecast of `steps` minutes ago with what came, memory.ring being complete.
  // Returns the error in spreads; nullopt: there was no forecast, or too little is known.
  std::optional<double> look_back(const Memory& memory, std::span<const Origin> origins);

 private:
  int64_t steps_;
  Stacker stacker_;
  Weights weights_;
  Spread spread_;
  HourShape shape_;
  Width width_;
  LeaningQuantiles quantiles_;
  Outlook outlook_;
};

}  // namespace autoscaler
