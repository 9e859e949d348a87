#include "tests/controller/kubernetes/succession_fixture.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class SuccessionRefusals : public SuccessionTest {};
INSTANTIATE_TEST_SUITE_P(Server, SuccessionRefusals, kBothServers, server_name);

TEST_P(SuccessionRefusals, WithoutTheRightItIsSaidOnceAndCountsAsNothing) {
  stand_in_an_object();
  const auto leader = controller("writer-token");  // who may do nothing here
  const auto left = insist(*leader, {{&config_, true, 1}});
  ASSERT_TRUE(left.ok());
  for (int i = 0; i < 3; ++i) {
    leader->succession->publish(tick(wall_clock() + i * 400s, 2 + i, 5 + i));
    flushed(*leader);
  }
  ASSERT_THAT(leader->reported(), SizeIs(3)) << "reading the object and the map, and writing";
  EXPECT_THAT(leader->reported()[2], HasSubstr("cannot"));
}

TEST_P(SuccessionRefusals, AServerThatRefusesAtItsStartIsAskedAgain) {
  const auto first = controller();
  ASSERT_TRUE(take_over(*first).ok());
  first->succession->leave(config_, left_);
  flushed(*first);
  const auto next = controller("writer-token");
  const auto refused = take_over(*next);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kDenied);
  allow("writer", R"([{"apiGroups":[""],"resources":["configmaps"],"verbs":["get"]}])");
  ASSERT_TRUE(
      eventually([&] { return next->client->get(path("configmaps", "autoscaler-state")).ok(); }));
  const auto left = insist(*next, {{&config_, true, 1}});
  ASSERT_TRUE(left.ok()) << left.error().message;
  EXPECT_TRUE(left->at(0).hand_over.orders.pause);
  EXPECT_THAT(next->reported(), IsEmpty());
}

TEST_P(SuccessionRefusals, OfARefusedObjectTheMapCountsAllTheSame) {
  stand_in_an_object();
  WorkloadConfig of_the_file = config_;
  of_the_file.object.reset();
  of_the_file.spec.name = "cart";
  const auto first = controller();
  const std::vector<Succession::Heir> heirs{{&of_the_file, true, 1}};
  ASSERT_TRUE(first->succession->left(heirs).ok());
  first->succession->leave(of_the_file, left_);
  flushed(*first);
  allow("writer", R"([{"apiGroups":[""],"resources":["configmaps"],"verbs":["get"]}])");
  const auto next = controller("writer-token");
  ASSERT_TRUE(
      eventually([&] { return next->client->get(path("configmaps", "autoscaler-state")).ok(); }));
  const auto left = insist(*next, {{&config_, true, 1}, {&of_the_file, true, 1}});
  ASSERT_TRUE(left.ok()) << left.error().message;
  EXPECT_FALSE(left->at(0).hand_over.orders.pause);
  EXPECT_TRUE(left->at(1).hand_over.orders.pause);
}

TEST_P(SuccessionRefusals, OneRefusedObjectHidesNoOther) {
  stand_in_an_object();
  const auto first = controller();
  ASSERT_TRUE(take_over(*first).ok());
  first->succession->leave(config_, left_);
  first->succession->send();
  flushed(*first);
  WorkloadConfig hidden = config_;
  hidden.spec.name = "hidden";
  hidden.object = PolicyObject{space_, "hidden", "", 1};
  allow("writer", R"([{"apiGroups":[""],"resources":["configmaps"],"verbs":["get"]},
      {"apiGroups":["autoscaler.io"],"resources":["scalingpolicies"],"verbs":["get"],
       "resourceNames":["shop"]}])");
  const auto next = controller("writer-token");
  ASSERT_TRUE(eventually([&] { return next->client->get(policy_path(*config_.object)).ok(); }));
  const auto left = insist(*next, {{&hidden, true, 1}, {&config_, true, 1}});
  ASSERT_TRUE(left.ok()) << left.error().message;
  EXPECT_FALSE(left->at(0).hand_over.orders.pause);
  EXPECT_TRUE(left->at(1).hand_over.orders.pause);
}

TEST_P(SuccessionRefusals, WhatCannotBeWrittenIsCounted) {
  stand_in_an_object();
  const auto nobody = controller("reader-token");
  nobody->succession->leave(config_, left_);
  nobody->succession->send();
  std::vector<Code> failures;
  ASSERT_TRUE(eventually([&] { return !(failures = nobody->succession->failures()).empty(); }));
  EXPECT_EQ(failures.front(), Code::kDenied);
}

TEST_P(SuccessionRefusals, ARefusalThatCouldNotBeWrittenIsSaidAgain) {
  stand_in_an_object();
  const auto leader = controller("writer-token");  // who may do nothing yet
  PolicyState state{.object = *config_.object, .workload = "shop"};
  state.standing = PolicyState::Standing::kInvalid;
  state.problems = {{"", 0, 0, "spec.replicas.max", "1 is less than min 2: raise it"}};
  leader->succession->publish(PolicyStates{state});
  leader->succession->publish(tick_at(wall_clock()));
  ASSERT_TRUE(eventually([&] { return !leader->succession->failures().empty(); }));
  allow("writer", R"([{"apiGroups":["autoscaler.io"],"resources":["scalingpolicies",
      "scalingpolicies/status"],"verbs":["get","patch"]}])");
  int beats = 0;
  EXPECT_TRUE(eventually([&] {
    leader->succession->publish(tick_at(wall_clock() + ++beats * 301s));
    flushed(*leader);
    return status().contains("conditions");
  }));
}

}  // namespace
}  // namespace autoscaler
