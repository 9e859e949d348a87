#pragma once

#include "policies/forecast/forecaster.h"
#include "policies/forecast/plain_forecast.h"
#include "policies/predict/prediction.h"

#include <array>
#include <cstdint>
#include <optional>

namespace autoscaler {

// What the forecasts of the last three days were worth: each is held against the load that came,
// beside conformalised persistence. It is told the load itself, and not what the forecaster was
// told of it: a forecaster that is fed wrong numbers shows. A value of fixed size.
class TrackRecord {
 public:
  static constexpr int64_t kMostSteps = 31;  // a lead of 29 minutes, and two

  // Of its bytes, from the first on: what a journal needs.
  static const size_t kSavedBytes;

  // `steps`: minutes that the forecasts look ahead, 1 to kMostSteps.
  explicit TrackRecord(int64_t steps) : steps_(steps) {}

  // The next minute (unix time), its load, and what is expected of the `steps` minutes after it.
  // nullopt: not known; no forecast.
  void learn(int64_t minute, std::optional<double> load,
             const std::optional<Expectation>& expected);
  // Forecasts look so far from now on: what was judged is of no use for them.
  void look_ahead(int64_t steps);

  // A day of forecasts is the least, then a loss below 0.97 of persistence's and a coverage of P95
  // within 2 points.
  Gate gate() const;
  int32_t judged() const;                    // forecasts, of the last three days
  std::optional<double> loss_ratio() const;  // nullopt: none was judged, or there was no loss
  std::optional<double> coverage() const;    // of P95

  // The plain forecast of the minutes after the newest that is known; nullopt: none of the last 10.
  std::optional<QuantileValues> plain() const;

  int64_t steps() const { return steps_; }
  double usual() const { return usual_; }  // a day's moving average of the load
  double peak() const;                     // the highest minute of the last 7 days

 private:
  static constexpr size_t kJudged = 4;   // quantiles of a forecast that are judged, the first
  static constexpr int64_t kParts = 12;  // of three days,
  static constexpr int64_t kMinutesAPart = 360;
  static constexpr int64_t kDays = 8;  // 7 and the one under way

  struct Minute {
    uint32_t minute = 0;                     // unix minutes; 0: none
    float load = -1;                         // below 0: not known
    std::array<float, kJudged> highest{-1};  // below 0: no forecast
  };
  struct Part {
    uint32_t part = 0;
    uint32_t judged = 0;
    uint32_t covered = 0;
    float loss = 0;
    float loss_of_persistence = 0;
  };
  struct Day {
    uint32_t day = 0;
    float peak = 0;
  };

  void judge(int64_t minute);
  std::optional<double> highest_after(int64_t origin) const;
  void follow(int64_t minute, double load);
  Part total() const;

  int64_t steps_;
  int64_t minute_ = 0;
  double usual_ = 0;
  PlainForecast persistence_;
  std::array<Part, kParts> parts_{};
  std::array<Day, kDays> days_{};
  // The last: what is not saved. It is known again after as many minutes as forecasts look ahead.
  alignas(8) std::array<Minute, kMostSteps + 1> minutes_{};
};

inline constexpr size_t TrackRecord::kSavedBytes =
    sizeof(TrackRecord) - (sizeof(TrackRecord::minutes_) + 7) / 8 * 8;

}  // namespace autoscaler
