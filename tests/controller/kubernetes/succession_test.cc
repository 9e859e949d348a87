#include "tests/controller/kubernetes/succession_fixture.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

INSTANTIATE_TEST_SUITE_P(Server, SuccessionTest, kBothServers, server_name);

TEST_P(SuccessionTest, OneStatusForEachChangeNoneAtRestAndAHeartbeat) {
  stand_in_an_object();
  const auto leader = controller();
  ASSERT_TRUE(take_over(*leader).ok());
  const Instant begin = wall_clock();
  leader->succession->publish(tick(begin, 2, 5));
  flushed(*leader);
  EXPECT_EQ(status()["desiredReplicas"], 5);
  EXPECT_EQ(status()["conditions"].size(), 5u);
  const std::string once = version();
  leader->succession->publish(tick(begin + 5s, 5, 5));
  flushed(*leader);
  EXPECT_EQ(version(), once) << "that pods have come can wait";
  leader->succession->publish(tick(begin + 31s, 5, 5));
  flushed(*leader);
  EXPECT_EQ(status()["currentReplicas"], 5);
  const json at_rest = status();
  const std::string twice = version();
  for (int i = 7; i < 65; ++i) leader->succession->publish(tick(begin + i * 5s, 5, 5));
  flushed(*leader);
  EXPECT_EQ(version(), twice);
  leader->succession->publish(tick(begin + 340s, 5, 5));
  flushed(*leader);
  EXPECT_NE(version(), twice) << "the heartbeat";
  EXPECT_EQ(status()["conditions"], at_rest["conditions"]);
  EXPECT_EQ(status()["lastScaleTime"], at_rest["lastScaleTime"]);
}

TEST_P(SuccessionTest, WhoStandsByWritesNothing) {
  stand_in_an_object();
  const auto standby = controller();  // whose requests nothing would hold back
  ASSERT_TRUE(take_over(*standby).ok());
  standby->succession->publish(tick(wall_clock(), 2, 5, false));
  flushed(*standby);
  EXPECT_EQ(status(), json::object());
  // Nor does who ceases to lead between the tick and the send.
  const auto late = controller();
  ASSERT_TRUE(take_over(*late).ok());
  late->leads = false;
  late->succession->publish(tick(wall_clock(), 2, 5));
  late->succession->leave(config_, Experience{{3s}, {}});
  flushed(*late);
  EXPECT_EQ(status(), json::object());
  EXPECT_TRUE(state().is_null());
  EXPECT_THAT(late->reported(), IsEmpty());
}

TEST_P(SuccessionTest, ASleeperThatWakesUpLateChangesNothing) {
  stand_in_an_object();
  const auto sleeper = controller();
  ASSERT_TRUE(take_over(*sleeper).ok());
  sleeper->succession->publish(tick(wall_clock(), 2, 5));
  flushed(*sleeper);
  const auto successor = controller();
  ASSERT_TRUE(take_over(*successor).ok());
  successor->succession->publish(tick(wall_clock(), 5, 8));
  flushed(*successor);
  const std::string version_then = version();
  // It asked before it was stopped, and sends now.
  sleeper->succession->publish(tick(wall_clock(), 5, 3));
  ASSERT_TRUE(eventually([&] {
    const json audit = json::parse(server_->audit());
    return std::any_of(audit.begin(), audit.end(), [&](const json& each) {
      return each["status"] == 409 && each["path"] == policy_path(*config_.object) + "/status";
    });
  }));
  EXPECT_EQ(version(), version_then);
  EXPECT_EQ(status()["desiredReplicas"], 8);
}

TEST_P(SuccessionTest, AfterAConflictTheNextTickWritesWhatHoldsThen) {
  stand_in_an_object();
  const auto leader = controller();
  ASSERT_TRUE(take_over(*leader).ok());
  ASSERT_TRUE(
      admin_->merge_patch(policy_path(*config_.object), R"({"spec":{"replicas":{"max":30}}})")
          .ok());
  const Instant begin = wall_clock();
  leader->succession->publish(tick(begin, 2, 5));
  flushed(*leader);
  EXPECT_EQ(status(), json::object()) << "409";
  ASSERT_TRUE(eventually([&] {
    leader->succession->publish(tick(begin + 1s, 5, 5));  // nothing to be said for its own sake
    return status().contains("lastScaleTime");
  }));
  EXPECT_EQ(status()["desiredReplicas"], 5);
}

TEST_P(SuccessionTest, ASuccessorTakesUpWhatStandsInTheStatus) {
  stand_in_an_object();
  const auto first = controller();
  ASSERT_TRUE(take_over(*first).ok());
  first->succession->leave(config_, left_);
  first->succession->leave(config_, Experience{{3s, 4s}, {}});
  first->succession->publish(tick(wall_clock(), 5, 5));
  flushed(*first);
  const auto second = controller();
  const auto left = take_over(*second);
  ASSERT_TRUE(left.ok()) << left.error().message;
  ASSERT_THAT(*left, SizeIs(1));
  EXPECT_EQ((*left)[0].hand_over, left_);
  EXPECT_THAT((*left)[0].experience.ready_times, testing::ElementsAre(3s, 4s));
  // What holds already is not written again.
  const std::string before = version();
  second->succession->leave(config_, left_);
  second->succession->publish(tick(wall_clock(), 5, 5));
  flushed(*second);
  EXPECT_EQ(version(), before);
}

TEST_P(SuccessionTest, WhatWasLeftStandsUntilItHasBeenRead) {
  stand_in_an_object();
  const auto first = controller();
  ASSERT_TRUE(take_over(*first).ok());
  first->succession->leave(config_, left_);
  first->succession->publish(tick(wall_clock(), 5, 5));
  flushed(*first);
  const auto second = controller();
  second->succession->publish(tick(wall_clock(), 5, 8));
  flushed(*second);
  EXPECT_EQ(status()["desiredReplicas"], 8);
  EXPECT_TRUE(status()["handOver"].contains("orders"));
}

TEST_P(SuccessionTest, AnOrderIsWrittenBeforeTheNextTick) {
  stand_in_an_object();
  const auto leader = controller();
  ASSERT_TRUE(take_over(*leader).ok());
  leader->succession->publish(tick(wall_clock(), 2, 5));
  flushed(*leader);
  leader->succession->leave(config_, left_);
  leader->succession->send();
  ASSERT_TRUE(eventually([&] { return status()["handOver"].contains("orders"); }));
  EXPECT_EQ(status()["desiredReplicas"], 5);
  EXPECT_EQ(status()["conditions"].size(), 5u);
}

TEST_P(SuccessionTest, OfAWorkloadOfTheFileTheConfigMapTells) {
  const auto first = controller();
  const auto nothing = take_over(*first);
  ASSERT_TRUE(nothing.ok());
  EXPECT_EQ((*nothing)[0].hand_over, HandOver{});
  first->succession->leave(config_, left_);
  first->succession->send();
  ASSERT_TRUE(eventually([&] { return !state().is_null(); }));
  const std::string once = state()["metadata"]["resourceVersion"];
  first->succession->leave(config_, left_);
  first->succession->publish(tick(wall_clock(), 5, 5));
  flushed(*first);
  EXPECT_EQ(state()["metadata"]["resourceVersion"], once) << "at rest nothing";
  const auto second = controller();
  const auto left = take_over(*second);
  ASSERT_TRUE(left.ok());
  EXPECT_EQ((*left)[0].hand_over, left_);
  // Asked once in a term, and again in the next.
  EXPECT_THAT(*take_over(*second), IsEmpty());
  EXPECT_THAT(*take_over(*second, 2), SizeIs(1));
}

TEST_P(SuccessionTest, ABrokenValueIsNamedAndLeftAndTheOthersCount) {
  const auto first = controller();
  ASSERT_TRUE(take_over(*first).ok());
  first->succession->leave(config_, left_);
  flushed(*first);
  ASSERT_FALSE(state().is_null());
  const std::string broken = R"({"data":{"other":"{"}})";
  ASSERT_TRUE(admin_->merge_patch(path("configmaps", "autoscaler-state"), broken).ok());
  const auto second = controller();
  const auto left = take_over(*second);
  ASSERT_TRUE(left.ok());
  EXPECT_EQ((*left)[0].hand_over, left_);
  ASSERT_THAT(second->reported(), SizeIs(1));
  EXPECT_THAT(second->reported()[0], HasSubstr("other"));
  left_.orders = {};
  left_.ordered = wall_clock();
  second->succession->leave(config_, left_);
  flushed(*second);
  EXPECT_EQ(state()["data"]["other"], "{");
  EXPECT_THAT(state()["data"]["shop"].get<std::string>(), testing::Not(HasSubstr("orders")));
}

TEST_P(SuccessionTest, AConfigMapOfSomebodyElseIsLeftAlone) {
  ASSERT_TRUE(admin_
                  ->create(path("configmaps"), R"({"apiVersion":"v1","kind":"ConfigMap",)"
                                               R"("metadata":{"name":"autoscaler-state"},)"
                                               R"("data":{"shop":"theirs"}})")
                  .ok());
  const std::string before = state().dump();
  const auto leader = controller();
  const auto left = take_over(*leader);
  ASSERT_TRUE(left.ok());
  EXPECT_EQ((*left)[0].hand_over, HandOver{});
  ASSERT_THAT(leader->reported(), SizeIs(1));
  EXPECT_THAT(leader->reported()[0], HasSubstr("somebody else's"));
  leader->succession->leave(config_, left_);
  flushed(*leader);
  EXPECT_EQ(state().dump(), before);
}

TEST_P(SuccessionTest, ARefusedSpecIsInTheStatus) {
  stand_in_an_object();
  const auto leader = controller();
  PolicyState state{.object = *config_.object, .workload = "shop"};
  state.standing = PolicyState::Standing::kInvalid;
  state.problems = {{"", 0, 0, "spec.replicas.max", "1 is less than min 2: raise it"}};
  leader->succession->publish(PolicyStates{state});
  leader->succession->publish(TickRecord{});
  flushed(*leader);
  ASSERT_EQ(status()["conditions"].size(), 1u);
  EXPECT_EQ(status()["conditions"][0]["reason"], "InvalidSpec");
  const std::string once = version();
  leader->succession->publish(TickRecord{});
  flushed(*leader);
  EXPECT_EQ(version(), once);
}

class SuccessionFaultTest : public SuccessionTest {};
INSTANTIATE_TEST_SUITE_P(Server, SuccessionFaultTest, kFakeServer, server_name);

TEST_P(SuccessionFaultTest, WithoutAnAnswerItIsNotKnownAndAskedAgain) {
  const auto leader = controller();
  faults(R"({"fail": 3})");
  const auto left = take_over(*leader);
  ASSERT_FALSE(left.ok());
  EXPECT_THAT(left.error().message, HasSubstr("503"));
  ASSERT_TRUE(eventually([&] { return take_over(*leader).ok(); }));
}

TEST_P(SuccessionFaultTest, TooMuchForAConfigMapIsCutAndSaid) {
  const auto leader = controller();
  std::string noise;
  uint32_t random = 1;
  for (int i = 0; i < 6000; ++i) noise += static_cast<char>((random = random * 1664525 + 1) >> 24);
  const Experience much{{}, {{"shop", "capacity:rps", 1, noise}}};
  for (int i = 0; i < 200; ++i) {
    config_.spec.name = "shop-" + std::to_string(i);
    leader->succession->leave(config_, left_);
    leader->succession->leave(config_, much);
  }
  flushed(*leader);
  EXPECT_EQ(state()["data"].size(), 200u);
  EXPECT_LT(state()["data"].dump().size(), size_t{1} << 20);
  ASSERT_THAT(leader->reported(), SizeIs(1));
  EXPECT_THAT(leader->reported()[0], HasSubstr("is full"));
}

}  // namespace
}  // namespace autoscaler
