#pragma once

#include "policies/forecast/conformal.h"
#include "policies/time.h"

#include <cstdint>
#include <optional>

namespace autoscaler {

// Whether a forecast may act, by the record of what it forecast before (policies/predict/
// track_record.h). A closed list: each name is a metric label.
enum class Gate {
  kOpen,
  kLearning,        // fewer than a day of forecasts were held against what came
  kWorseThanNaive,  // not better than forecasting the newest minute again
  kUncalibrated,    // its 95th percentile covers less than 93 % or more than 97 %
};
inline constexpr int kGateCount = 4;
const char* gate_name(Gate gate);  // snake_case

// What one predict policy expects. Decisions are made from these numbers, so they are rounded to
// 1e-6 and journalled with the other inputs. Loads are in the signal's unit, of the whole service.
struct Prediction {
  uint16_t policy = 0;  // index into WorkloadSpec::policies
  Gate gate = Gate::kLearning;
  int32_t judged = 0;  // forecasts of the last three days that were held against what came
  std::optional<double> loss_ratio;  // their pinball loss over that of persistence; below 1 is good
  std::optional<double> coverage;    // share of what came at or below their 95th percentile
  std::optional<Instant> at;         // end of the newest minute that is known
  Duration lead{0};                  // how far the first looks: until what is launched now serves
  Duration hold{0};                  // the second: within which an instance would be launched again
  // Quantiles (kQuantiles) of the highest minute within each; nullopt: no forecast.
  std::optional<QuantileValues> lead_highest;
  std::optional<QuantileValues> hold_highest;
  // Those of the highest minute within the lead by the newest minute alone, where the gate is shut
  // because the forecast is no better or no forecast: what then holds an error budget.
  std::optional<QuantileValues> plain_highest;
  double usual = 0;               // a day's moving average
  double peak = 0;                // the highest minute of the last 7 days
  double price = 3;               // of a violating minute
  double headroom = 1;            // on the sizes, once no price helps
  bool outage_suspected = false;  // the load fell away at once

  bool operator==(const Prediction&) const = default;
};

// How an error budget stands. Shares and rates are of minutes in which the SLO was known to be met
// or not; rounded like the above.
struct BudgetSpending {
  double left = 1;       // share of the last two weeks' budget; below 0: overspent
  double burn_rate = 0;  // of the last hour: 1 spends just the budget
  double price = 3;      // of a violating minute, found by what was spent
  bool frozen = false;   // this minute moves no price: instances would not cure it, or none act

  bool operator==(const BudgetSpending&) const = default;
};

}  // namespace autoscaler
