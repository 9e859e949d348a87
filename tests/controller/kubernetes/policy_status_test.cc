#include "controller/kubernetes/policy_status.h"

#include "controller/kubernetes/hand_over_json.h"
#include "controller/kubernetes/state_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;

const Instant kNow{std::chrono::hours(24 * 365 * 56)};
constexpr const char* kNowText = "2025-12-18T00:00:00Z";

class PolicyStatusTest : public testing::Test {
 protected:
  PolicyStatusTest() {
    const WorkloadResult read = parse_workload(R"(
name: shop
replicas: {min: 2, max: 20}
signals: {cpu: {source: kubernetes, resource: cpu}}
policies: [{track: {signal: cpu, target: 65%}}]
)",
                                               "test");
    for (const ConfigProblem& problem : read.problems) ADD_FAILURE() << describe(problem);
    config_ = *read.workload;
    config_.object = PolicyObject{"store", "shop", "u", 3};
    tick_.config = &config_;
    tick_.workload.status_size = 4;
    decide(4, 6, Reason::kScaleOut);
  }
  void decide(int32_t from, int32_t to, Reason reason) {
    tick_.decision = {};
    tick_.decision.from = from;
    tick_.decision.to = tick_.decision.combined = to;
    tick_.decision.reason = reason;
    tick_.decision.bound_by = 0;
    tick_.decision.proposals.push_back({.policy = 0, .signal = 0, .current = 0.91, .target = 0.65});
    tick_.decision.proposals[0].replicas = to;
    tick_.outcome = from == to ? Outcome::kHeld : Outcome::kApplied;
  }
  json status(const json& before = json::object()) const {
    return status_after(before, policy_status(tick_, kNow, json::object()));
  }
  json condition(const std::string& type) const {
    const json conditions = status()["conditions"];
    for (const json& each : conditions) {
      if (each["type"] == type) return each;
    }
    return json();
  }

  WorkloadConfig config_;
  WorkloadTick tick_;
};

TEST_F(PolicyStatusTest, AResizeIsThereWithItsReasons) {
  const json now = status();
  EXPECT_EQ(now["observedGeneration"], 3);
  EXPECT_EQ(now["currentReplicas"], 4);
  EXPECT_EQ(now["desiredReplicas"], 6);
  EXPECT_EQ(now["lastScaleTime"], kNowText);
  const json& decision = now["lastDecision"];
  EXPECT_EQ(decision["from"], 4);
  EXPECT_EQ(decision["to"], 6);
  EXPECT_EQ(decision["reason"], "scale_out");
  EXPECT_EQ(decision["outcome"], "applied");
  EXPECT_THAT(decision["message"],
              HasSubstr("shop 4 -> 6: track-cpu wants 6 (cpu 91% of target 65%"));
  EXPECT_EQ(decision["policy"], "track-cpu");
  ASSERT_EQ(decision["policies"].size(), 1u);
  EXPECT_EQ(decision["policies"][0]["replicas"], 6);
  EXPECT_EQ(condition("AbleToScale")["reason"], "SucceededRescale");
  EXPECT_EQ(condition("AbleToScale")["status"], "True");
  EXPECT_EQ(condition("ScalingActive")["reason"], "ValidMetricFound");
  EXPECT_EQ(condition("ScalingLimited")["reason"], "DesiredWithinRange");
  EXPECT_EQ(condition("Accepted")["status"], "True");
  EXPECT_EQ(condition("Paused")["status"], "False");
}

TEST_F(PolicyStatusTest, AHeldSizeSaysByWhat) {
  decide(4, 4, Reason::kCooldown);
  tick_.decision.adjustments.push_back({Rule::kCooldownOut, 6, 4});
  EXPECT_EQ(condition("AbleToScale")["status"], "False");
  EXPECT_EQ(condition("AbleToScale")["reason"], "BackoffUpscale");
  EXPECT_EQ(status()["lastDecision"]["rule"], "cooldown_out");
  EXPECT_FALSE(status().contains("lastScaleTime"));
  decide(4, 4, Reason::kBadDeploy);
  EXPECT_EQ(condition("AbleToScale")["reason"], "BadDeploy");
  decide(4, 20, Reason::kScaleOut);
  tick_.decision.combined = 30;
  EXPECT_EQ(condition("ScalingLimited")["reason"], "TooManyReplicas");
}

TEST_F(PolicyStatusTest, TroubleWithTheTargetNamesIt) {
  tick_.outcome = Outcome::kFailed;
  tick_.target_errors = {{Code::kConflict, "sized by HorizontalPodAutoscaler store/shop too"}};
  EXPECT_EQ(condition("AbleToScale")["reason"], "OtherAutoscaler");
  EXPECT_THAT(condition("AbleToScale")["message"], HasSubstr("HorizontalPodAutoscaler store/shop"));
  tick_.target_errors.clear();
  tick_.changes.push_back({Resize{"shop", 4, 6, "1", {}}, false, Error{Code::kDenied, "no right"}});
  EXPECT_EQ(condition("AbleToScale")["reason"], "FailedUpdateScale");
  EXPECT_EQ(condition("AbleToScale")["message"], "no right");
  tick_.cluster_error = Error{Code::kNotFound, "there is none of this name"};
  EXPECT_EQ(condition("AbleToScale")["reason"], "FailedGetScale");
  EXPECT_FALSE(status().contains("currentReplicas")) << "it is not known";
  tick_.cluster_error = Error{Code::kConflict, "pods of another workload"};
  EXPECT_EQ(condition("ScalingActive")["status"], "False");
  EXPECT_EQ(condition("ScalingActive")["reason"], "AmbiguousSelector");
}

TEST_F(PolicyStatusTest, MissingSignalsMakeScalingInactiveAndSilenceDoesNot) {
  decide(4, 4, Reason::kNoAnswer);
  tick_.decision.proposals[0].replicas.reset();
  tick_.decision.proposals[0].abstain = AbstainReason::kNoInRule;
  EXPECT_EQ(condition("ScalingActive")["status"], "True");
  tick_.decision.proposals[0].missing = MissingReason::kUnreachable;
  EXPECT_EQ(condition("ScalingActive")["status"], "False");
  EXPECT_EQ(condition("ScalingActive")["reason"], "FailedGetResourceMetric");
}

TEST_F(PolicyStatusTest, APauseIsACondition) {
  tick_.workload.orders.pause = Pause{Pause::Direction::kIn, kNow + 1h};
  EXPECT_EQ(condition("Paused")["status"], "True");
  EXPECT_THAT(condition("Paused")["message"], HasSubstr("no scale-in until 2025-12-18T01:00:00Z"));
}

TEST_F(PolicyStatusTest, ATransitionHasItsTimeAndASameStatusKeepsIt) {
  const json before = status();
  PolicyStatus later = policy_status(tick_, kNow + 1h, json::object());
  for (Condition& each : later.conditions) {
    if (each.type == "AbleToScale") each.status = false;
  }
  const json conditions = status_after(before, later)["conditions"];
  ASSERT_EQ(conditions.size(), 5u);
  for (const json& each : conditions) {
    EXPECT_EQ(each["lastTransitionTime"],
              each["type"] == "AbleToScale" ? "2025-12-18T01:00:00Z" : kNowText);
  }
}

TEST_F(PolicyStatusTest, WhatIsNotKnownNowStays) {
  const json before = status();
  tick_.cluster_error = Error{Code::kUnavailable, "no answer"};
  const json now = status(before);
  EXPECT_EQ(now["lastDecision"], before["lastDecision"]);
  EXPECT_EQ(now["lastScaleTime"], kNowText);
  EXPECT_EQ(now["conditions"].size(), 5u) << "the others stay";
}

TEST_F(PolicyStatusTest, ARefusedSpecNamesPlaceAndRemedy) {
  PolicyState state{.object = *config_.object, .workload = "shop"};
  state.standing = PolicyState::Standing::kInvalid;
  state.problems = {{"", 0, 0, "spec.replicas.max", "1 is less than min 2: raise it"}};
  state.last_good_runs = true;
  const json now = status_after(status(), policy_status(state, kNow + 1h));
  for (const json& each : now["conditions"]) {
    if (each["type"] != "Accepted") continue;
    EXPECT_EQ(each["status"], "False");
    EXPECT_EQ(each["reason"], "InvalidSpec");
    EXPECT_EQ(each["message"],
              "spec.replicas.max: 1 is less than min 2: raise it; its last good spec runs on");
    EXPECT_EQ(each["lastTransitionTime"], "2025-12-18T01:00:00Z");
  }
  EXPECT_EQ(now["desiredReplicas"], 6) << "of the decisions that go on";
  state.standing = PolicyState::Standing::kTargetTaken;
  EXPECT_EQ(accepted(state).reason, "TargetTaken");
  state.standing = PolicyState::Standing::kTooMany;
  EXPECT_EQ(accepted(state).reason, "TooMany");
}

TEST_F(PolicyStatusTest, NumbersAreNotTelling) {
  const json before = status();
  tick_.decision.proposals[0].current = 0.92;
  EXPECT_NE(status()["lastDecision"], before["lastDecision"]);
  EXPECT_EQ(telling_part(status()), telling_part(before));
  tick_.workload.status_size = 5;
  EXPECT_NE(telling_part(status()), telling_part(before));
}

TEST_F(PolicyStatusTest, APatchMakesOneOfTheOther) {
  const json before{{"a", 1}, {"b", {{"c", 1}, {"d", 2}}}, {"e", {1, 2}}, {"f", 1}};
  const json after{{"a", 1}, {"b", {{"c", 3}}}, {"e", {1}}, {"g", {{"h", 1}}}};
  const json patch = merge_patch_between(before, after);
  EXPECT_FALSE(patch.contains("a"));
  json patched = before;
  patched.merge_patch(patch);
  EXPECT_EQ(patched, after);
  EXPECT_EQ(merge_patch_between(before, before), json::object());
}

class HandOverJsonTest : public PolicyStatusTest {
 protected:
  HandOverJsonTest() {
    left_.workload = {kNow - 60s, kNow - 300s, 0};
    left_.policies = {{kNow - 60s, std::nullopt, 3}};
    left_.events = {{kNow - 60s, 2}};
    left_.turns = {kNow - 60s};
    left_.orders.pause = Pause{Pause::Direction::kOut, kNow + 1h};
    left_.ordered = kNow - 5s;
  }
  HandOver left_;
};

TEST_F(HandOverJsonTest, WhatIsReadIsWhatWasWritten) {
  const Result<HandOver> read = parse_hand_over(config_.spec, hand_over_json(config_.spec, left_));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(*read, left_);
  EXPECT_EQ(hand_over_json(config_.spec, HandOver{}), json::object());
  EXPECT_TRUE(parse_hand_over(config_.spec, json::object()).ok());
}

TEST_F(HandOverJsonTest, WhatCannotBeReadIsNamed) {
  json document = hand_over_json(config_.spec, left_);
  document["lastOut"] = "yesterday";
  EXPECT_THAT(parse_hand_over(config_.spec, document).error().message, HasSubstr("lastOut"));
  document = {{"version", 99}};
  EXPECT_THAT(parse_hand_over(config_.spec, document).error().message, HasSubstr("newer program"));
  EXPECT_FALSE(parse_hand_over(config_.spec, {{"lastOut", kNowText}}).ok()) << "no version";
  EXPECT_FALSE(parse_hand_over(config_.spec, "text").ok());
  document = hand_over_json(config_.spec, left_);
  document["policies"]["another"] = {{"lastOut", kNowText}};
  EXPECT_TRUE(parse_hand_over(config_.spec, document).ok()) << "the config has changed";
}

TEST_F(HandOverJsonTest, ExperienceIsReadBackAndDamageIsNamed) {
  Experience left{{3s, 4s}, {{"shop", "capacity:rps", 1, std::string(2000, 'x')}}};
  json document = experience_json(left);
  std::vector<std::string> lost;
  Result<Experience> read = parse_experience("shop", document, lost);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->ready_times, left.ready_times);
  ASSERT_EQ(read->learned.size(), 1u);
  EXPECT_EQ(read->learned[0].bytes, left.learned[0].bytes);
  EXPECT_LT(document.dump().size(), 200u) << "deflated";
  document["learned"]["capacity:rps"]["bytes"] = "eJxL";
  read = parse_experience("shop", document, lost);
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(read->learned.empty());
  EXPECT_THAT(lost, testing::ElementsAre("shop/capacity:rps"));
  left.learned[0].bytes = std::string(100'000, 'x');
  lost.clear();
  read = parse_experience("shop", experience_json(left), lost);
  ASSERT_TRUE(read.ok());
  EXPECT_THAT(lost, testing::ElementsAre("shop/capacity:rps")) << "no part is that long";
}

TEST_F(HandOverJsonTest, OnlyNewsIsNews) {
  HandOver next = left_;
  next.events.clear();
  next.turns.clear();
  EXPECT_FALSE(is_news(next, left_)) << "past their time";
  next = left_;
  next.events.push_back({kNow, 1});
  EXPECT_TRUE(is_news(next, left_));
  next = left_;
  next.orders = {};
  EXPECT_TRUE(is_news(next, left_));
}

TEST(StateKeyTest, IsOneThatAConfigMapTakes) {
  EXPECT_EQ(state_key("shop"), "shop");
  EXPECT_EQ(state_key("store/shop_1"), "store_2Fshop_5F1");
}

}  // namespace
}  // namespace autoscaler
