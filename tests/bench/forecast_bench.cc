#include "policies/forecast/plain_forecast.h"
#include "policies/predict/lookahead.h"

#include <benchmark/benchmark.h>

#include <cmath>
#include <numbers>
#include <vector>

// What one series costs a minute: learning it, and forecasting both horizons. `live/N` is what a
// policy has of it with N readings a minute: a forecast anew with each that is the highest so far,
// and the minute learned at its end, with the record by which the gate opens; `anew` is how many
// those are on average. `lookahead` is the same without a forecast before the minute is
// over, `forecaster` without the record too. The reference: seasonal naive, yesterday's window with
// conformal quantiles of its own, at both horizons too. Aim: 3 us and 12 KB, at most 10 us and
// 16 KB.
namespace autoscaler {
namespace {

constexpr int64_t kLead = 5;  // minutes
constexpr int64_t kDays = 15;
constexpr int64_t kLearned = 14 * kMinutesADay;  // before it is measured

class Chance {
 public:
  double uniform() {
    state_ = state_ * 6364136223846793005ull + 1442695040888963407ull;
    return static_cast<double>(state_ >> 11) * 0x1.0p-53;
  }

 private:
  uint64_t state_ = 1;
};

// A day's shape with noise, in requests per second.
std::vector<double> loads() {
  std::vector<double> loads;
  Chance chance;
  for (int64_t minute = 0; minute < kDays * kMinutesADay; ++minute) {
    const double day = 2 * std::numbers::pi * static_cast<double>(minute) / kMinutesADay;
    loads.push_back((1000 + 600 * std::sin(day)) * (0.9 + 0.2 * chance.uniform()));
  }
  return loads;
}

// Minute after minute, day after day; each is a new one.
template <typename Learn>
void measure(benchmark::State& state, size_t bytes, Learn learn) {
  const std::vector<double> all = loads();
  int64_t minute = 0;
  const auto next = [&] {
    learn(minute, all[static_cast<size_t>(minute) % all.size()]);
    ++minute;
  };
  while (minute < kLearned) next();
  for (auto _ : state) next();
  state.counters["bytes"] = static_cast<double>(bytes);
}

void lookahead(benchmark::State& state) {
  Lookahead series(kLead);
  measure(state, sizeof series, [&](int64_t minute, double load) {
    series.learn(minute, load, {});
    benchmark::DoNotOptimize(series.predict());
  });
}

void live(benchmark::State& state) {
  Lookahead series(kLead);
  Prediction prediction;
  Chance chance;
  int64_t minutes = 0;
  int64_t followed = 0;
  measure(state, sizeof series, [&](int64_t minute, double load) {
    double highest = 0;
    for (int64_t i = 0; i < state.range(0); ++i) {
      const double reading = load * (0.97 + 0.06 * chance.uniform());
      if (reading <= highest) continue;
      highest = reading;
      series.follow_minute(highest, {}, prediction);
      benchmark::DoNotOptimize(prediction);
      ++followed;
    }
    series.learn(minute, highest, {});
    prediction = series.predict();
    benchmark::DoNotOptimize(prediction);
    ++minutes;
  });
  state.counters["anew"] = static_cast<double>(followed) / static_cast<double>(minutes);
}

void forecaster(benchmark::State& state) {
  Forecaster series(lead_steps(std::chrono::minutes(kLead)),
                    hold_steps(std::chrono::minutes(kLead)));
  measure(state, sizeof series, [&](int64_t minute, double load) {
    series.learn(minute, load, {});
    benchmark::DoNotOptimize(series.expect(Forecaster::Reach::kLead));
    benchmark::DoNotOptimize(series.expect(Forecaster::Reach::kHold));
  });
}

// Yesterday, minute by minute, and the highest of what came after this time of it.
class SeasonalNaive {
 public:
  explicit SeasonalNaive(int64_t steps) : steps_(steps) {}

  QuantileValues next(int64_t minute, double load) {
    peak_ = std::max(peak_, load);
    const LogScale scale = PlainForecast::scale_of(peak_);
    const int64_t hour = minute % kMinutesADay / 60;
    day_[slot(minute)] = load;
    const double truth = highest(minute - steps_);
    plain_.learn(scale, then_[static_cast<size_t>(minute % steps_)], truth, hour);
    const double middle = highest(minute - kMinutesADay);
    then_[static_cast<size_t>(minute % steps_)] = middle;
    return plain_.highest(scale, middle, hour);
  }

 private:
  static constexpr int64_t kKept = kMinutesADay + 64;
  static size_t slot(int64_t minute) { return static_cast<size_t>((minute + kKept) % kKept); }
  // Of the minutes within the horizon after this one.
  double highest(int64_t minute) const {
    double most = 1;
    for (int64_t i = 1; i <= steps_; ++i) most = std::max(most, day_[slot(minute + i)]);
    return most;
  }

  int64_t steps_;
  double day_[kKept] = {};
  double then_[64] = {};
  double peak_ = 0;
  PlainForecast plain_;
};

void seasonal_naive(benchmark::State& state) {
  SeasonalNaive lead(lead_steps(std::chrono::minutes(kLead)));
  SeasonalNaive hold(hold_steps(std::chrono::minutes(kLead)));
  measure(state, sizeof lead + sizeof hold, [&](int64_t minute, double load) {
    benchmark::DoNotOptimize(lead.next(minute, load));
    benchmark::DoNotOptimize(hold.next(minute, load));
  });
}

BENCHMARK(live)->Arg(4)->Arg(12);
BENCHMARK(lookahead);
BENCHMARK(forecaster);
BENCHMARK(seasonal_naive);

}  // namespace
}  // namespace autoscaler

BENCHMARK_MAIN();
