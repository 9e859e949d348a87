#include "controller/backtest/predictive.h"

#include "controller/backtest/fixed_world.h"
#include "policies/evaluate.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

namespace autoscaler {

using namespace fixed_world;

namespace {

constexpr double kPastSlo = 2 * kSloSeconds;  // readings of p95: past the SLO or within
constexpr double kWithinSlo = kSloSeconds / 2;

Instant instant_of(int64_t unix_seconds) {
  return Instant{std::chrono::seconds(unix_seconds)};
}

// The newest sample at a tick.
Instant taken_at(int64_t tick_s) {
  return instant_of(tick_s - kDelayTicks * kTickSeconds);
}

class Predictive : public Contender {
 public:
  Predictive(const BenchPolicy& policy, int64_t lead_s, const ForecastTrack& track)
      : config_(bench_config(policy, lead_s)), track_(track) {
    tick_.config = &config_->workloads[0];
    tick_.workload.predictions.resize(1);
    if (policy.budget) budget_.emplace(*policy.budget);
  }

  int32_t wants(const Sight& sight) override {
    const Instant now = instant_of(sight.at_s);
    const WorkloadSpec& spec = tick_.config->spec;
    if (sight.tick == 0) recent_ = first_sight(spec, sight.size, now);
    stand(sight, now);
    tick_.signals = readings_of(sight);
    look_ahead(sight);
    tick_.decision = evaluate(spec, tick_.workload, tick_.signals, recent_, now);
    const Decision& decision = tick_.decision;
    record(spec, decision, decision.to == decision.from ? Outcome::kHeld : Outcome::kApplied, now,
           recent_);
    if (budget_) budget_->account(tick_, now);
    return decision.to;
  }

 private:
  // The newest instance is the first to go.
  void stand(const Sight& sight, Instant now) {
    std::vector<Instance>& instances = tick_.workload.instances.edit();
    const auto size = static_cast<size_t>(sight.size);
    const auto serving = static_cast<size_t>(sight.serving);
    instances.resize(std::min(instances.size(), size));
    serving_ = std::min(serving_, instances.size());
    while (instances.size() < size) {
      char name[24];
      std::snprintf(name, sizeof name, "p%05zu", instances.size());
      instances.push_back({name, Lifecycle::kLaunching, {}, now});
    }
    for (; serving_ < serving; ++serving_) instances[serving_].lifecycle = Lifecycle::kInService;
    tick_.workload.size = tick_.workload.status_size = sight.size;
  }

  void look_ahead(const Sight& sight) {
    const bool is_new = minute_ != sight.at_s / 60;
    if (budget_ && is_new && minute_) budget_->end_minute();
    minute_ = sight.at_s / 60;
    Prediction& prediction = tick_.workload.predictions[0];
    if (budget_) budget_->set_price(prediction);
    if (!is_new && track_.at_tick[sight.tick] == track_.at_tick[sight.tick - 1]) return;
    prediction = track_.predictions[track_.at_tick[sight.tick]];
    const auto& predict = std::get<PredictSpec>(tick_.config->spec.policies.back().rule);
    prediction.price = predict.price.value_or(kPrice);
    if (budget_) budget_->set_price(prediction);
  }

  std::shared_ptr<const Config> config_;
  const ForecastTrack& track_;
  std::optional<BudgetLearning> budget_;
  WorkloadTick tick_;
  size_t serving_ = 0;  // of tick_.workload.instances, the first ones
  Recent recent_;
  std::optional<int64_t> minute_;  // unix
};

}  // namespace

Signals readings_of(const Sight& sight) {
  const Instant taken = taken_at(sight.at_s);
  Signals signals(kBenchSignals, Signal{Reading(Missing{MissingReason::kNoSeries, {}})});
  if (!sight.rate) return signals;
  const auto put = [&](BenchSignal signal, double value) {
    signals[signal].readings = Reading(Measured{value, taken, Duration{0}});
  };
  if (!sight.in_gap) put(kRate, *sight.rate);
  put(kLatency, sight.violated ? kPastSlo : kWithinSlo);
  put(kRateFast, *sight.rate);
  put(kRateSlow, sight.rate_mean);
  put(kWaiting, sight.backlog);
  return signals;
}

ForecastTrack track_forecasts(const Demand& demand, int64_t lead_s, GateRule gate) {
  const auto config = bench_config({.price = kPrice, .budget = {}}, lead_s);
  DemandLearning learning(config->workloads[0].spec, gate);
  std::array<SignalValue, kBenchSignals> seen;
  SignalValue& load = seen[kRate];
  ForecastTrack track;
  for (size_t tick = 0; tick < demand.ticks(); ++tick) {
    const Instant now = instant_of(demand.at_s(tick));
    const size_t late = kDelayTicks + 1;  // the newest whole sample, and its delay
    load = {};
    if (tick < late || demand.in_gap[tick - late]) {
      load.missing = MissingReason::kNoSeries;
    } else {
      load.value = demand.rates[tick - late];
      load.at = taken_at(demand.at_s(tick));
    }
    learning.pass({}, seen, now);
    const Prediction prediction = learning.predictions().front();
    if (tick == 0 || prediction != track.predictions.back()) {
      track.predictions.push_back(prediction);
    }
    track.at_tick.push_back(static_cast<uint32_t>(track.predictions.size() - 1));
  }
  return track;
}

std::unique_ptr<Contender> make_predictive(const BenchPolicy& policy, int64_t lead_s,
                                           const ForecastTrack& track) {
  return std::make_unique<Predictive>(policy, lead_s, track);
}

}  // namespace autoscaler
