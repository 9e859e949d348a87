#include "controller/learning.h"

#include "policies/queueing.h"
#include "tests/controller/loop/loop_fixture.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace autoscaler {
namespace {

constexpr const char* kLearning = R"(
workloads:
  - name: shop
    target: {process: {command: [/bin/shop, "{port}"], ports: 9000-9199}}
    loadBalancer: {haproxy: {socket: /run/none.sock, backend: shop}}
    replicas: {min: 2, max: 40}
    signals:
      rps: {source: balancer, value: requestRate}
      latency: {source: json, url: "http://127.0.0.1:1/p95", pointer: "", unit: seconds}
    slo: {signal: latency, p95: 300ms}
    policies: [{track: {signal: rps, perInstance: learned}}]
    behavior: {scaleDown: {stabilizationWindowSeconds: 60}}
)";

// Instances of 5 workers and 50 ms: each carries 86.3/s within 300 ms.
class LearningTest : public LoopTest {
 protected:
  LearningTest() : LoopTest(kLearning) {}

  Ports ports() override { return {clock_, cluster_, cluster_, balancer_, balancer_, {&service_}}; }

  // p95 as instances of the formula have it, with a little noise that repeats.
  Signal answer(size_t signal, Instant now) {
    if (signal == 0) return Signal{Reading(Measured{*load_, now, std::chrono::seconds(30)})};
    const auto serving = std::max<size_t>(1, cluster_.instances.size());
    const double utilisation = utilisation_of(kShop, *load_ / static_cast<double>(serving));
    const double p95 = std::min(p95_seconds(kShop, utilisation), 3.0);
    noise_ = std::fmod(noise_ * 1.7 + 0.3, 1.0);
    return Signal{Reading(Measured{p95 * (0.97 + 0.06 * noise_), now, std::chrono::seconds(30)})};
  }
  // Hours of a load that goes up and down every hour.
  void live(int hours) {
    for (int i = 0; i < hours * 720; ++i) {
      load_ = 1000 + 800 * std::sin(2 * M_PI * i / 720);
      tick();
    }
  }
  // Four instances whatever happens, so that their load goes to its end.
  void learn_at_a_fixed_size() {
    config_.workloads[0].spec.bounds = {14, 14};
    load_ = 600;
    start();
    live(3);
  }
  const Capacity& capacity() const { return last_->workloads[0].workload.capacities.at(0); }

  static constexpr Station kShop{5, 0.05, 0.11, 1};
  double noise_ = 0.5;
  FakeSource service_{
      [this](const WorkloadQuery&, size_t signal, Instant now) { return answer(signal, now); }};
};

LearnedRow with_sample_at(Instant at) {
  CapacityState state;
  state.last_sample_ms = at.time_since_epoch().count();
  return {"shop",
          "capacity:rps",
          kCapacityVersion,
          {reinterpret_cast<const char*>(&state), sizeof state}};
}

TEST_F(LearningTest, WhatAnotherHasLearnedCountsWhereItIsNewer) {
  using std::chrono::minutes;
  Learning learning(config_);
  EXPECT_TRUE(learning.left(0).empty()) << "nothing was learned";
  const LearnedRow theirs = with_sample_at(kStart - minutes(5));
  EXPECT_TRUE(learning.take_over(0, {theirs}, kStart).empty());
  ASSERT_EQ(learning.left(0).size(), 1u);
  EXPECT_EQ(learning.left(0)[0].bytes, theirs.bytes);
  learning.take_over(0, {with_sample_at(kStart - minutes(9))}, kStart);
  EXPECT_EQ(learning.left(0)[0].bytes, theirs.bytes) << "that is older";
  LearnedRow broken = theirs;
  broken.version = 99;
  EXPECT_EQ(learning.take_over(0, {broken}, kStart), std::vector<std::string>{"shop/capacity:rps"});
}

TEST_F(LearningTest, TheLoopLearnsFromBelowAndSizesByIt) {
  learn_at_a_fixed_size();
  ASSERT_EQ(capacity().evidence, CapacityEvidence::kKnee);
  EXPECT_GE(*capacity().per_instance, 0.85 * 86.3);
  EXPECT_LE(*capacity().per_instance, 86.3);

  ASSERT_TRUE(loop_->end().ok());
  config_.workloads[0].spec.bounds = {2, 40};
  start();
  load_ = 1800;
  run(std::chrono::minutes(5));
  const WorkloadTick& workload = last_->workloads[0];
  const auto wanted = static_cast<int32_t>(std::ceil(1800 / (0.97 * *capacity().per_instance)));
  EXPECT_EQ(workload.workload.size, wanted);
  EXPECT_LE(1800.0 / workload.workload.size, 86.3) << "within the SLO";
}

TEST_F(LearningTest, WhatIsLearnedSurvivesARestartAndAKill) {
  learn_at_a_fixed_size();
  const Capacity before = capacity();
  start();  // killed: nothing was written since the last turn, a quarter of an hour at most
  load_ = 1000;
  tick();
  EXPECT_TRUE(loop_->not_restored().empty());
  ASSERT_TRUE(capacity().per_instance);
  EXPECT_NEAR(*capacity().per_instance, *before.per_instance, 0.05 * *before.per_instance);
  EXPECT_GE(capacity().samples, before.samples - 30);
}

TEST_F(LearningTest, WhatCannotBeReadIsNamedAndLearnedAgain) {
  learn_at_a_fixed_size();
  ASSERT_TRUE(loop_->end().ok());
  const LearnedRow other[] = {{"shop", "capacity:rps", 999, "from another version"}};
  ASSERT_TRUE(journal_->checkpoint(other, clock_.now()).ok());
  start();
  EXPECT_THAT(loop_->not_restored(), testing::ElementsAre("shop/capacity:rps"));
  tick();
  EXPECT_EQ(capacity().evidence, CapacityEvidence::kTooFewSamples);
}

TEST_F(LearningTest, AnotherCommandIsADeploy) {
  learn_at_a_fixed_size();
  const double before = *capacity().per_instance;
  ASSERT_TRUE(loop_->end().ok());
  std::get<ProcessTarget>(config_.workloads[0].target).command.push_back("--faster");
  start();
  load_ = 1000;
  tick();
  EXPECT_LE(*capacity().per_instance, 0.9 * before);
}

TEST_F(LearningTest, DecisionsAreRecordedWithWhatWasLearned) {
  learn_at_a_fixed_size();
  const auto document = nlohmann::json::parse(documents().back());
  EXPECT_EQ(document["learned"]["capacity"]["rps"]["evidence"], "knee");
  EXPECT_NEAR(document["learned"]["capacity"]["rps"]["perInstance"].get<double>(),
              *capacity().per_instance, 5);
}

}  // namespace
}  // namespace autoscaler
