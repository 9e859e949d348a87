#include "controller/backtest/predictive.h"

#include "controller/backtest/fixed_world.h"

namespace autoscaler {
namespace {

// The newest minute whose samples have all arrived: they are late by one.
class Predictive : public Contender {
 public:
  Predictive(const ForecastTrack& track, double rate_per_instance)
      : track_(track), rate_per_instance_(rate_per_instance) {}

  int32_t wants(const Sight& sight) final {
    using namespace fixed_world;
    account(sight);
    PredictiveSize::Inputs inputs;
    inputs.minute = sight.at_s / 60;
    inputs.size = sight.size;
    inputs.now = {sight.rate.value_or(0), sight.rate_mean, sight.backlog};
    inputs.rate_per_instance = rate_per_instance_;
    inputs.price = price();
    inputs.headroom = headroom();
    inputs.hold_in = !sight.rate.has_value();
    const int64_t known = (sight.at_s - kDelayTicks * kTickSeconds) / 60 - 1 - track_.first;
    if (known >= 0 && known < static_cast<int64_t>(track_.minutes.size())) {
      const ForecastTrack::Minute& minute = track_.minutes[static_cast<size_t>(known)];
      inputs.lead = minute.lead;
      inputs.hold = minute.hold;
      inputs.hold_in |= minute.outage_suspected;
    }
    return sizing_.decide(inputs);
  }

 protected:
  virtual void account(const Sight& /*sight*/) {}
  virtual double price() const = 0;
  virtual double headroom() const { return 1; }

 private:
  const ForecastTrack& track_;
  double rate_per_instance_;
  PredictiveSize sizing_;
};

class Priced : public Predictive {
 public:
  Priced(const ForecastTrack& track, double price, double rate)
      : Predictive(track, rate), price_(price) {}

 private:
  double price() const override { return price_; }
  double price_;
};

class Budgeted : public Predictive {
 public:
  Budgeted(const ForecastTrack& track, double budget, double rate)
      : Predictive(track, rate), budget_(budget) {}

 private:
  void account(const Sight& sight) override {
    if (!sight.rate) return;
    violated_ += sight.violated ? 1 : 0;
    if (++ticks_ < kTicksAMinute) return;
    budget_.learn(violated_ / kTicksAMinute);
    violated_ = ticks_ = 0;
  }
  double price() const override { return budget_.price(); }
  double headroom() const override { return budget_.headroom(); }

  static constexpr int kTicksAMinute = 60 / fixed_world::kTickSeconds;
  ErrorBudget budget_;
  double violated_ = 0;
  int ticks_ = 0;
};

}  // namespace

int64_t lead_steps(int64_t lead_s) {
  return (lead_s + 59) / 60 + 1;
}

int64_t hold_steps(int64_t lead_s) {
  return 2 * ((lead_s + 59) / 60) + 4;
}

ForecastTrack track_forecasts(const Minutes& minutes, int64_t lead_s, const Calendar& calendar) {
  Forecaster forecaster(lead_steps(lead_s), hold_steps(lead_s));
  ForecastTrack track{.first = minutes.first, .minutes = {}};
  for (size_t i = 0; i < minutes.loads.size(); ++i) {
    forecaster.learn(minutes.first + static_cast<int64_t>(i), minutes.loads[i], calendar);
    track.minutes.push_back({forecaster.expect(Forecaster::Reach::kLead),
                             forecaster.expect(Forecaster::Reach::kHold),
                             forecaster.outage_suspected()});
  }
  return track;
}

std::unique_ptr<Contender> make_predict(const ForecastTrack& track, double price,
                                        double rate_per_instance) {
  return std::make_unique<Priced>(track, price, rate_per_instance);
}

std::unique_ptr<Contender> make_budget(const ForecastTrack& track, double budget,
                                       double rate_per_instance) {
  return std::make_unique<Budgeted>(track, budget, rate_per_instance);
}

}  // namespace autoscaler
