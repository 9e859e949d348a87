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
  uint16_t minute = 0;  // unix minutes, the last 16 bits: again after 45 days
  uint16_t opinions[kExperts] = {};
  uint16_t fast = 0;  // 0: none
  uint16_t middle = 0;
  // The spreads by which it was made, as their logarithms: pack_spread.
  uint16_t usual = 0;
  uint16_t recent = 0;
  uint16_t slow = 0;
  uint16_t width = 0;

  bool is_of(int64_t then) const { return fast != 0 && minute == static_cast<uint16_t>(then); }
  template <typename Map>
  void remap(const Map& map) {
    if (fast == 0) return;
    for (uint16_t& each : opinions) each = map(each);
    fast = map(fast);
    middle = map(middle);
  }
};

// Forecasts the highest load of the next `steps` minutes, and learns from each forecast once its
// minutes are over. Until then the forecasts wait in `origins`: each of them, and beyond half an
// hour one of two, for both, since neighbours there have nearly all their minutes in common.
class Horizon {
 public:
  static constexpr int64_t kMostSteps = 64;

  explicit Horizon(int64_t steps);

  int64_t steps() const { return steps_; }
  int64_t origins() const { return every() == 1 ? steps_ : (steps_ + 1) / 2 + 1; }
  const Outlook& outlook() const { return outlook_; }

  // After a minute that was learned: looks ahead from memory.minute.
  void look_ahead(const Memory& memory, const Calendar& calendar, std::span<Origin> origins);
  // Compares the forecast of `steps` minutes ago with what came, memory.ring being complete.
  // Returns the error in spreads; nullopt: there was no forecast, or too little is known.
  std::optional<double> look_back(const Memory& memory, std::span<const Origin> origins);

 private:
  int64_t every() const { return steps_ > 32 ? 2 : 1; }
  // By turns the even and the odd ones of an hour, so that all its minutes are learned.
  bool waits(int64_t minute) const { return (minute + minute / 60) % every() == 0; }
  size_t slot_of(int64_t minute) const { return static_cast<size_t>(minute / every() % origins()); }

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
