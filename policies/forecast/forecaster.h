#pragma once

#include "policies/forecast/horizon.h"
#include "policies/forecast/level_shift.h"

#include <cstdint>
#include <optional>
#include <span>

namespace autoscaler {

// How much load to expect: the quantiles of the highest minute within a horizon, in the load's
// unit.
struct Expectation {
  double middle = 0;
  QuantileValues highest{};
};

// Learns the load of one service minute by minute, and forecasts the highest minute within two
// horizons. A value of fixed size: copying it is a snapshot, and nothing is ever allocated. The
// load of a minute is the highest of its samples.
class Forecaster {
 public:
  static constexpr int64_t kMostOrigins = 64;  // of both horizons: 31 and 64 minutes
  static constexpr double kMostLoad = 1e30;  // in its unit: floats, which it keeps, end not far on

  // Of its bytes, from the first on: what a journal needs. Left out are the forecasts whose minutes
  // are not over; they are made anew within as many minutes as it looks ahead.
  static const size_t kSavedBytes;

  // Minutes, 1 to 64: until what is launched now serves, and for how long to keep what is there.
  Forecaster(int64_t lead_steps, int64_t hold_steps);

  // The next minute, unix time; minutes left out are a gap. nullopt, NaN, above kMostLoad or below
  // zero: nothing is known of this one. A minute that was learned already is ignored.
  void learn(int64_t minute, std::optional<double> load, const Calendar& calendar);

  // What it would forecast if the next minute were over now, with `load` the highest of it so far:
  // a load that turns within a minute is not waited for. Nothing is learned of how well it
  // forecasts.
  Forecaster as_if_over(double load, const Calendar& calendar) const;

  // Looks so far from now on. What was learned of the load stays; how well it is forecast that far
  // is learned anew.
  void look_ahead(int64_t lead_steps, int64_t hold_steps);

  enum class Reach { kLead, kHold };
  // From the newest minute that was told of. nullopt: nothing learned yet, or the newest known
  // minute is too old for a forecast (10 minutes, or twice the lead).
  std::optional<Expectation> expect(Reach reach) const;

  int64_t lead_steps() const { return lead_.steps(); }
  int64_t hold_steps() const { return hold_.steps(); }
  int64_t minute() const { return memory_.minute; }
  int64_t last_known() const { return last_known_; }  // the newest minute with a load
  int64_t minutes_learned() const { return learned_; }
  double peak() const { return peak_; }  // slowly forgotten: half of it in a week
  bool outage_suspected() const { return outage_.suspected(memory_.minute); }

 private:
  void learn_known(double load, const Calendar& calendar);
  void remember(double load, const Calendar& calendar);
  void learn_gap(int64_t minutes, const Calendar& calendar);
  void follow_peak(double load);
  void rescale(double floor);
  void look_ahead(const Calendar& calendar);
  std::span<Origin> origins_of(Reach reach);
  int64_t age() const { return memory_.minute - last_known_; }

  Memory memory_;
  Horizon lead_;
  Horizon hold_;
  LevelShift shift_;
  OutageWatch outage_;
  double peak_ = 0;
  double usual_error_ = 0.1;  // of the fast level, in logarithms
  int64_t learned_ = 0;
  int64_t last_known_ = 0;
  // The last: what is not saved. Of the lead, then of the hold.
  alignas(8) Origin origins_[kMostOrigins];
};

inline constexpr size_t Forecaster::kSavedBytes = sizeof(Forecaster) - sizeof(Forecaster::origins_);
}  // namespace autoscaler
