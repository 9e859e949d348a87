// The predict policy as it acts in the controller, in the fixed world.
#include "controller/backtest/predictive.h"
#include "controller/backtest/rivals.h"
#include "tests/controller/backtest/decided.h"
#include "tests/controller/backtest/loads.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace autoscaler {
namespace {

using namespace testing;

double share_of(const Score& score) {
  return static_cast<double>(score.violating_s) / static_cast<double>(score.scored_s);
}

PredictSpec forecast_of_samples(PredictSpec::Mode mode, std::optional<double> price) {
  PredictSpec predict;
  predict.signal = 0;
  predict.mode = mode;
  predict.price = price;
  return predict;
}

class PredictPolicy : public ::testing::TestWithParam<int64_t> {
 protected:
  Score run(Contender& contender) const { return run_world(demand, GetParam(), contender); }
  Decided decided(PredictSpec::Mode mode, std::optional<double> price = 3, Fault fault = {}) const {
    return Decided(decided_config(forecast_of_samples(mode, price)), GetParam(), rate,
                   std::move(fault));
  }
  Decided reactive() const { return Decided(decided_config({}), GetParam(), rate); }

  Demand demand =
      *demand_of(synthetic_trace({.days = 16, .daily = 0.2, .business = 2.5, .noise = 0.03}));
  double rate = fixed_world::rate_at_slo();
};
INSTANTIATE_TEST_SUITE_P(Leads, PredictPolicy, ::testing::Values(120, 300));

TEST_P(PredictPolicy, OnceItsGateOpensItViolatesFarLessThanTheReactivePolicyAlone) {
  Decided alone = reactive();
  Decided with = decided(PredictSpec::Mode::kFull);
  const Score before = run(alone);
  const Score after = run(with);
  EXPECT_LE(after.violating_s, 0.05 * before.violating_s);
  EXPECT_LE(after.instance_hours, 1.1 * before.instance_hours);
  EXPECT_GT(with.answers["gate_learning"], 5760) << "a day";
  EXPECT_LT(with.answers["gate_learning"], 5900);
  EXPECT_GT(with.answers["acts"], 80'000);
  EXPECT_GT(with.reasons["forecast_hold"], 0);
}

TEST_P(PredictPolicy, ABudgetIsHeld) {
  PredictSpec predict = forecast_of_samples(PredictSpec::Mode::kFull, std::nullopt);
  Decided with(decided_config(predict, 0.005), GetParam(), rate);
  const Score score = run(with);
  EXPECT_LE(share_of(score), 0.005);
  EXPECT_NE(with.workload().budget->price, kPrice) << "it was found";
}

struct NamedFault {
  const char* name;
  Fault fault;
};

// Scored is the time of the fault alone; the gate was open when it began.
class FaultyForecast : public ::testing::TestWithParam<NamedFault> {
 protected:
  static constexpr int64_t kLead = 300;
  FaultyForecast() {
    demand.first_scored = static_cast<size_t>(kFaultDay * 86400 / fixed_world::kTickSeconds);
  }
  Decided decided(const std::optional<PredictSpec>& predict, bool windows, Fault fault = {}) const {
    WorkloadConfig config = decided_config(predict);
    if (windows) config.spec.behavior = Behavior{};
    return Decided(std::move(config), kLead, fixed_world::rate_at_slo(), std::move(fault));
  }

  static constexpr int64_t kFaultDay = 6;
  Demand demand =
      *demand_of(synthetic_trace({.days = 10, .daily = 0.2, .business = 2.5, .noise = 0.03}));
};
INSTANTIATE_TEST_SUITE_P(
    Faults, FaultyForecast,
    ::testing::Values(NamedFault{"zeros", [](int64_t, std::optional<double>) { return 0.0; }},
                      NamedFault{"tenfold",
                                 [](int64_t, std::optional<double> load) {
                                   return load ? std::optional(10 * *load) : load;
                                 }},
                      NamedFault{"sign_flipped",
                                 [](int64_t, std::optional<double> load) {
                                   return load ? std::optional(-*load) : load;
                                 }},
                      // The night's load, said again for ever.
                      NamedFault{"stale", [](int64_t, std::optional<double>) { return 700.0; }},
                      NamedFault{"nan",
                                 [](int64_t, std::optional<double>) { return std::nan(""); }}),
    [](const auto& each) { return std::string(each.param.name); });

TEST_P(FaultyForecast, DoesLittleHarmAndStandsAside) {
  const int64_t from = demand.start_s / 60 + kFaultDay * 1440;
  const Fault fault = [&](int64_t minute, std::optional<double> load) {
    return minute < from ? load : GetParam().fault(minute, load);
  };
  for (const bool windows : {false, true}) {
    Decided alone = decided({}, windows);
    const Score before = run_world(demand, kLead, alone);
    for (const auto mode : {PredictSpec::Mode::kScaleOut, PredictSpec::Mode::kFull}) {
      Decided with = decided(forecast_of_samples(mode, 3), windows, fault);
      const Score after = run_world(demand, kLead, with);
      EXPECT_LE(after.violating_s, 1.05 * before.violating_s);
      EXPECT_LE(after.instance_hours, 1.25 * before.instance_hours);
      EXPECT_GT(with.answers["acts"], 4 * 5760) << "before the fault";
      EXPECT_LT(with.answers["acts"], 5 * 5760 + 540) << "and little more than two hours after it";
    }
  }
}

// Never good, it never acts: the size is that of the reactive policy alone at every tick.
TEST_P(FaultyForecast, FromTheStartItIsAsIfAbsent) {
  Decided alone = decided({}, true);
  Decided with = decided(forecast_of_samples(PredictSpec::Mode::kFull, 3), true, GetParam().fault);
  const Score before = run_world(demand, kLead, alone);
  const Score after = run_world(demand, kLead, with);
  EXPECT_EQ(with.answers["acts"], 0);
  EXPECT_EQ(after.violating_s, before.violating_s);
  EXPECT_EQ(after.instance_hours, before.instance_hours);
  EXPECT_EQ(after.actions, before.actions);
}

// A policy with a forecast beside itself without one, both shown the same at every tick.
class Beside : public Contender {
 public:
  Beside(Decided& with, Decided& alone) : with_(with), alone_(alone) {}
  int32_t wants(const Sight& sight) override {
    const int32_t mine = with_.wants(sight);
    const int32_t reactive = alone_.wants(sight);
    const bool acts = with_.answers["acts"] > acted_;
    acted_ = with_.answers["acts"];
    if (!acts) {
      EXPECT_EQ(mine, reactive) << "at tick " << sight.tick;
      fallbacks += acts_;
    }
    acts_ = acts;
    return mine;
  }
  int fallbacks = 0;  // ticks in which it began to stand aside

 private:
  Decided& with_;
  Decided& alone_;
  int acted_ = 0;
  bool acts_ = false;
};

TEST_P(FaultyForecast, InTheTickInWhichItStandsAsideTheSizeIsThatOfTheReactivePolicyAlone) {
  const int64_t from = demand.start_s / 60 + kFaultDay * 1440;
  const Fault fault = [&](int64_t minute, std::optional<double> load) {
    return minute < from ? load : GetParam().fault(minute, load);
  };
  Decided with = decided(forecast_of_samples(PredictSpec::Mode::kFull, 3), false, fault);
  Decided alone = decided({}, false);
  Beside both(with, alone);
  run_world(demand, kLead, both);
  EXPECT_GT(both.fallbacks, 0);
}

// Half an hour without metrics, with the evening's fall of the load in it.
class Blind : public Contender {
 public:
  Blind(Contender& seeing, int64_t from_s) : seeing_(seeing), from_s_(from_s) {}
  int32_t wants(const Sight& sight) override {
    Sight shown = sight;
    const bool blind = sight.at_s >= from_s_ && sight.at_s < from_s_ + 1800;
    if (blind) shown.rate.reset();
    const int32_t wanted = seeing_.wants(shown);
    if (blind) {
      least = std::min(least, wanted);
      ++ticks;
    }
    if (sight.at_s == from_s_) before = sight.size;
    return wanted;
  }
  int32_t before = 0;
  int32_t least = std::numeric_limits<int32_t>::max();
  int ticks = 0;

 private:
  Contender& seeing_;
  int64_t from_s_;
};

TEST_P(PredictPolicy, HalfAnHourWithoutMetricsTakesNothingAway) {
  const int64_t evening = demand.start_s + 9 * 86400 + 20 * 3600;
  for (const auto mode : {PredictSpec::Mode::kScaleOut, PredictSpec::Mode::kFull}) {
    Decided with = decided(mode);
    Blind blind(with, evening - 600);
    run(blind);
    EXPECT_EQ(blind.ticks, 120);
    EXPECT_GT(blind.before, 10);
    EXPECT_GE(blind.least, blind.before);
    EXPECT_GT(with.answers["acts"], 5760) << "it was a policy that looks ahead";
  }
}

}  // namespace
}  // namespace autoscaler
