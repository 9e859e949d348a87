#pragma once

#include "policies/forecast/conformal.h"
#include "policies/forecast/experts.h"
#include "policies/forecast/weights.h"
#include "policies/forecast/width.h"

#include <cstdint>
#include <optional>

namespace autoscaler {

// What is expected of the coming minutes, in logarithms.
struct Outlook {
  double middle = 0;
  double width = 0;          // of an error to be expected
  QuantileValues highest{};  // of the highest load, by kQuantiles
};

// Forecasts the highest load of the next `steps` minutes, and learns from each forecast once its
// minutes are over.
class Horizon {
 public:
  static constexpr int64_t kMostSteps = 64;

  explicit Horizon(int64_t steps);

  int64_t steps() const { return steps_; }
  const Outlook& outlook() const { return outlook_; }

  // After a minute that was learned: looks ahead from memory.minute.
  void look_ahead(const Memory& memory, const Calendar& calendar);
  // Compares the forecast of `steps` minutes ago with what came, memory.ring being complete.
  // Returns the error in spreads; nullopt: there was no forecast, or too little is known.
  std::optional<double> look_back(const Memory& memory);

  template <typename Map>
  void remap(const Map& map) {
    for (Origin& origin : origins_) {
      if (origin.minute == 0) continue;
      for (uint16_t& each : origin.opinions) each = map(each);
      origin.fast = map(origin.fast);
      origin.middle = map(origin.middle);
    }
  }

 private:
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
  };

  int64_t steps_;
  Stacker stacker_;
  Weights weights_;
  Spread spread_;
  Width width_;
  ConformalQuantiles quantiles_;
  Outlook outlook_;
  Origin origins_[kMostSteps];
};

}  // namespace autoscaler
