#include "controller/sim/memory_journal.h"
#include "controller/snapshot/snapshot.h"
#include "policies/evaluate.h"
#include "tests/controller/loop/loop_fixture.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace autoscaler {
namespace {

constexpr const char* kForecasting = R"(
controller: {interval: 1m}
workloads:
  - name: shop
    target: {process: {command: [/bin/shop, "{port}"], ports: 9000-9199}}
    loadBalancer: {haproxy: {socket: /run/none.sock, backend: shop}}
    replicas: {min: 2, max: 40}
    signals:
      rps: {source: balancer, value: requestRate}
      latency: {source: json, url: "http://127.0.0.1:1/p95", pointer: "", unit: seconds}
    slo: {signal: latency, p95: 300ms, budget: 1%}
    policies:
      - track: {signal: rps, perInstance: 100/s}
      - predict: {signal: rps, perInstance: 100/s, mode: full, lead: 2m}
    guards: none
)";

// A load that jumps at every full hour from 600/s to 1800/s for twenty minutes.
class ForecastingLoop : public LoopTest {
 protected:
  ForecastingLoop() : LoopTest(kForecasting) {}

  Ports ports() override { return {clock_, cluster_, cluster_, balancer_, balancer_, {&service_}}; }

  Signal answer(size_t signal, Instant now) {
    if (signal == 1) return Signal{Reading(Measured{p95_, now, std::chrono::seconds(30)})};
    if (!load_) return Signal{Reading(Missing{MissingReason::kUnreachable, {}})};
    noise_ = std::fmod(noise_ * 1.7 + 0.3, 1.0);
    Measured measured{*load_ * (0.98 + 0.04 * noise_), now, std::chrono::seconds(30)};
    measured.completeness = completeness_;
    return Signal{Reading(std::move(measured))};
  }
  void live(Duration time) {
    for (Duration gone{0}; gone < time; gone += std::chrono::minutes(1)) {
      const auto minute = std::chrono::floor<std::chrono::minutes>(clock_.now().time_since_epoch());
      load_ = minute.count() % 60 < 20 ? 1800 : 600;
      if (!loop_) start(dry_run_);
      clock_.advance(std::chrono::minutes(1));
      last_ = loop_->tick();
    }
  }
  void live_until_minute(int64_t minute) {
    while (std::chrono::floor<std::chrono::minutes>(clock_.now().time_since_epoch()).count() % 60 !=
           minute) {
      live(std::chrono::minutes(1));
    }
  }
  const WorkloadTick& shop() const { return last_->workloads[0]; }
  const Prediction& prediction() const { return shop().workload.predictions.at(0); }
  const Proposal& proposal() const { return shop().decision.proposals.at(1); }

  bool dry_run_ = false;
  double p95_ = 0.2;
  double completeness_ = 1;
  double noise_ = 0.5;
  FakeSource service_{
      [this](const WorkloadQuery&, size_t signal, Instant now) { return answer(signal, now); }};
};

TEST_F(ForecastingLoop, LaunchesBeforeTheHourOnceItHasShownWhatItIsWorth) {
  live(std::chrono::hours(20));
  EXPECT_EQ(prediction().gate, Gate::kLearning);
  EXPECT_EQ(proposal().abstain, AbstainReason::kGateLearning);
  live(std::chrono::hours(52));
  ASSERT_EQ(prediction().gate, Gate::kOpen)
      << *prediction().loss_ratio << " " << *prediction().coverage;
  live_until_minute(59);
  EXPECT_GE(shop().decision.to, 12) << "twice what is needed now, on the way to 18";
  EXPECT_EQ(shop().decision.bound_by, 1);
}

TEST_F(ForecastingLoop, WhatIsLearnedSurvivesARestartAndAKill) {
  live(std::chrono::hours(30));
  const Prediction before = prediction();
  loop_.reset();  // killed: the last checkpoint is up to a quarter of an hour old
  live(std::chrono::minutes(2));
  EXPECT_TRUE(loop_->not_restored().empty());
  EXPECT_GE(prediction().judged, before.judged - 20) << "the journal's demand fills the gap";
  EXPECT_EQ(prediction().peak, before.peak);
  ASSERT_TRUE(prediction().lead_highest);
}

// From when on it was asked for demand.
class AskedJournal : public MemoryJournal {
 public:
  Status demand(const std::optional<std::string>&, Instant from, Instant,
                const std::function<bool(const DemandRow&)>&) override {
    asked.push_back(from);
    return Done{};
  }
  std::vector<Instant> asked;
};

TEST_F(ForecastingLoop, AReloadReadsNoDemandThatIsLearned) {
  AskedJournal journal;
  ASSERT_TRUE(Learning(config_).restore(journal, clock_.now()).ok());
  live(std::chrono::minutes(30));
  ASSERT_TRUE(loop_->end().ok());
  const auto learned = journal_->learned();
  ASSERT_TRUE(learned.ok() && journal.checkpoint(learned->rows, clock_.now()).ok());
  ASSERT_TRUE(Learning(config_).restore(journal, clock_.now()).ok());
  ASSERT_EQ(journal.asked.size(), 2u);
  EXPECT_EQ(journal.asked[0], kStart - std::chrono::hours(24 * 14));
  EXPECT_GE(journal.asked[1], clock_.now() - std::chrono::minutes(2));
}

TEST_F(ForecastingLoop, TheFirstTimeItLearnsFromTheDemandThatTheJournalHas) {
  config_.workloads[0].spec.policies.pop_back();
  live(std::chrono::hours(30));
  config_ = parsed(kForecasting);
  loop_.reset();
  live(std::chrono::minutes(2));
  EXPECT_GE(prediction().judged, 29 * 60) << "two minutes look ahead, and a few are under way";
}

TEST_F(ForecastingLoop, WhatCannotBeReadIsNamedAndLearnedAgain) {
  live(std::chrono::hours(1));
  ASSERT_TRUE(loop_->end().ok());
  const LearnedRow other[] = {{"shop", "forecast:predict-rps", 999, "from another version"},
                              {"shop", "budget", 1, "short"}};
  ASSERT_TRUE(journal_->checkpoint(other, clock_.now()).ok());
  loop_.reset();
  live(std::chrono::minutes(2));
  EXPECT_THAT(loop_->not_restored(),
              testing::UnorderedElementsAre("shop/forecast:predict-rps", "shop/budget"));
}

TEST_F(ForecastingLoop, NothingIsLearnedOfAMinuteWithoutAReading) {
  live(std::chrono::hours(2));
  const Instant before = *prediction().at;
  for (int i = 0; i < 4; ++i) {
    load_.reset();
    clock_.advance(std::chrono::minutes(1));
    last_ = loop_->tick();
  }
  EXPECT_LE(*prediction().at - before, std::chrono::minutes(1));
}

TEST_F(ForecastingLoop, AJumpIsForecastFromBeforeItsMinuteIsOver) {
  live(std::chrono::hours(2));
  const Prediction before = prediction();
  ASSERT_LT(before.lead_highest->at(3), 2500);
  load_ = 5000;
  clock_.advance(std::chrono::seconds(30));
  last_ = loop_->tick();
  EXPECT_GT(prediction().lead_highest->at(3), 2500);
  EXPECT_EQ(prediction().at, before.at);
}

TEST_F(ForecastingLoop, ADoubtfulReadingIsNoLoad) {
  live(std::chrono::hours(2));
  const Prediction before = prediction();
  completeness_ = 0.3;
  live(std::chrono::minutes(4));
  EXPECT_LE(*prediction().at - *before.at, std::chrono::minutes(1));
}

TEST_F(ForecastingLoop, DecisionsAreRecordedWithTheirForecastAndReplayToTheSameBytes) {
  live(std::chrono::hours(50));
  ASSERT_EQ(prediction().gate, Gate::kOpen);
  int forecasts = 0;
  for (const std::string& text : documents()) {
    auto document = nlohmann::json::parse(text);
    const auto decision = document["decision"].dump();
    document.erase("decision");
    document.erase("outcome");
    const auto snapshot = parse_snapshot(document.dump());
    ASSERT_TRUE(snapshot.ok()) << snapshot.error().message;
    const Decision again = evaluate(snapshot->config.spec, snapshot->workload, snapshot->signals,
                                    snapshot->recent, snapshot->now);
    ASSERT_EQ(decision_json(snapshot->config.spec, again).dump(), decision);
    forecasts += again.proposals[1].replicas ? 1 : 0;
  }
  EXPECT_GT(forecasts, 100);
}

TEST_F(ForecastingLoop, DryRunForecastsToo) {
  dry_run_ = true;
  live(std::chrono::hours(50));
  EXPECT_EQ(prediction().gate, Gate::kOpen);
  EXPECT_TRUE(proposal().replicas);
}

TEST_F(ForecastingLoop, ViolationsMoveThePriceOnlyWhileAForecastActs) {
  p95_ = 0.5;
  live(std::chrono::hours(2));
  EXPECT_EQ(shop().workload.budget->price, 3.004166) << "not yet";
  EXPECT_TRUE(shop().workload.budget->frozen);
  EXPECT_LT(shop().workload.budget->left, 1);
  EXPECT_GT(shop().workload.budget->burn_rate, 50);
  p95_ = 0.2;
  live(std::chrono::hours(48));
  ASSERT_TRUE(proposal().replicas);
  const double before = shop().workload.budget->price;
  EXPECT_LT(before, 3);
  p95_ = 0.5;
  live(std::chrono::minutes(3));
  EXPECT_GT(shop().workload.budget->price, before);
}

TEST_F(ForecastingLoop, ABadDeployMovesNoPrice) {
  config_ = parsed(
      std::string(kForecasting)
          .replace(std::string(kForecasting).find("guards: none"), 12, "guards: {badDeploy: 20%}"));
  live(std::chrono::hours(48));
  live_until_minute(40);
  ASSERT_TRUE(proposal().replicas);
  const double before = shop().workload.budget->price;
  p95_ = 0.9;
  live(std::chrono::minutes(9));
  ASSERT_TRUE(shop().decision.suspicion);
  EXPECT_TRUE(shop().workload.budget->frozen);
  const double suspected = shop().workload.budget->price;
  live(std::chrono::minutes(3));
  EXPECT_EQ(shop().workload.budget->price, suspected);
  EXPECT_LT(suspected, 5 * before) << "of the minutes before it was seen";
}

TEST_F(ForecastingLoop, AtTheMaximumThePriceDoesNotWindUp) {
  live(std::chrono::hours(48));
  ASSERT_TRUE(proposal().replicas);
  config_.workloads[0].spec.bounds = {2, 3};
  ASSERT_TRUE(loop_->end().ok());
  loop_.reset();
  live(std::chrono::minutes(5));
  const double before = shop().workload.budget->price;
  p95_ = 0.5;
  live(std::chrono::minutes(30));
  ASSERT_EQ(shop().workload.size, 3);
  ASSERT_TRUE(proposal().replicas);
  EXPECT_LE(shop().workload.budget->price, before);
}

}  // namespace
}  // namespace autoscaler
