#pragma once

#include "base/result.h"
#include "controller/backtest/trace.h"

#include <cstdint>
#include <string_view>

namespace autoscaler {

// A load that is made up, minute by minute, for those who have none recorded. Same words and seed,
// same load on every machine.
//
//   base x (1 + daily x day) x (1 - weekly on Saturdays, Sundays and holidays) x growth x noise,
//   and on top of it the bursts and flash crowds; nothing at all during an outage
struct SyntheticLoad {
  double days = 14;
  double base = 500;    // requests per second, mean of a day of work
  double daily = 0.6;   // height of the day's wave, over the base; 0 .. 1
  double weekly = 0.3;  // what days of rest have less
  double trend = 0;     // growth a week, over the base: 0.05 is 5 %
  double noise = 0.05;  // standard deviation of the log load, AR(1) with 0.7 from minute to minute
  double bursts = 1;    // a day: up by half at once, gone with a half-life of 5 minutes
  double crowds = 0.1;  // a day: flash crowds, four times the load within 5 minutes, for an hour
  double shifts = 0;    // a day: the level changes for good, by -30 to +40 %
  double outages = 0;   // a day: nothing comes for 20 minutes, and half more for 10 after it
  double holidays = 0;  // a day: work days that are like Sundays
  uint64_t seed = 1;
};

// "days=14,base=500,daily=0.6,seed=7": what is not named has its default. kInvalid names the word.
Result<SyntheticLoad> parse_synthetic(std::string_view text);

// From Monday 2026-01-05 00:00 UTC on, a row a minute.
Trace make_load(const SyntheticLoad& like);

}  // namespace autoscaler
