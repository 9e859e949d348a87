#include "controller/kubernetes/kubernetes_succession.h"
#include "tests/controller/kubernetes/on_both_servers.h"
#include "tests/controller/kubernetes/scaling_policies.h"
#include "tests/fakes/eventually.h"

#include <gmock/gmock.h>

#include <atomic>

namespace autoscaler {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class SuccessionTest : public OnBothServers {
 protected:
  void SetUp() override {
    OnBothServers::SetUp();
    if (IsSkipped()) return;
    admin_->create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", kPolicyDefinition);
    const WorkloadResult read = parse_workload(R"(
name: shop
replicas: {min: 2, max: 20}
signals: {cpu: {source: kubernetes, resource: cpu}}
policies: [{track: {signal: cpu, target: 65%}}]
)",
                                               "test");
    ASSERT_TRUE(read.workload);
    config_ = *read.workload;
    KubernetesTarget target;
    target.name_space = space_;
    target.name = "shop";
    config_.target = target;
    ASSERT_TRUE(eventually([&] {
      return admin_->get("/apis/autoscaler.io/v1alpha1/namespaces/" + space_ + "/scalingpolicies")
          .ok();
    }));
    left_.workload = {wall_clock() - 60s, std::nullopt, 0};
    left_.policies.resize(1);
    left_.orders.pause = Pause{};
    left_.ordered = wall_clock() - 5s;
  }
  // A ScalingPolicy of this name, that the workload is written in.
  void stand_in_an_object() {
    const std::string list =
        "/apis/autoscaler.io/v1alpha1/namespaces/" + space_ + "/scalingpolicies";
    const ApiAnswer made =
        admin_->create(list, R"({"apiVersion":"autoscaler.io/v1alpha1","kind":"ScalingPolicy",)"
                             R"("metadata":{"name":"shop"},"spec":{"replicas":{"max":20}}})");
    ASSERT_TRUE(made.ok()) << made.error->error.message;
    config_.object = PolicyObject{space_, "shop", "", 1};
  }

  // A controller, with its own client.
  struct Controller {
    std::unique_ptr<ApiClient> client;
    std::unique_ptr<KubernetesSuccession> succession;
    std::atomic<bool> leads{true};
    std::mutex mutex;  // guards reports
    std::vector<std::string> reports;
    std::vector<std::string> reported() {
      const std::lock_guard lock(mutex);
      return reports;
    }
  };
  std::unique_ptr<Controller> controller(const std::string& token = "admin-token") {
    auto made = std::make_unique<Controller>();
    Controller& it = *made;
    ApiSettings settings;
    // Who leads one shard leads not all: a write says whose it is.
    settings.may_write_for = [&it](const WorkloadId& workload) {
      return std::chrono::hours(it.leads.load() && !workload.empty() ? 1 : 0);
    };
    it.client = client(token, settings);
    const auto report = [&it](const Error& error) {
      const std::lock_guard lock(it.mutex);
      it.reports.push_back(error.message);
    };
    KubernetesSuccession::Maps maps;
    const auto clock = [this] { return wall_clock() + later_.load(); };
    maps.push_back(
        std::make_unique<StateMap>(*it.client, space_, "autoscaler-state", clock, report));
    it.succession = std::make_unique<KubernetesSuccession>(
        *it.client, *it.client, std::move(maps), clock,
        [&it](const WorkloadId&) { return it.leads.load(); }, report);
    return made;
  }
  Result<std::vector<Succession::Left>> take_over(Controller& from, uint64_t term = 1) {
    const std::vector<Succession::Heir> heirs{{&config_, from.leads, term}};
    return from.succession->left(heirs);
  }

  TickRecord tick(Instant now, int32_t from, int32_t to, bool leads = true) const {
    TickRecord record;
    record.now = now;
    WorkloadTick& workload = record.workloads.emplace_back();
    workload.config = &config_;
    workload.leads = leads;
    workload.workload.status_size = from;
    workload.decision.from = from;
    workload.decision.to = workload.decision.combined = to;
    workload.decision.reason = from == to ? Reason::kOnTarget : Reason::kScaleOut;
    workload.outcome = from == to ? Outcome::kHeld : Outcome::kApplied;
    return record;
  }
  static TickRecord tick_at(Instant now) {
    TickRecord record;
    record.now = now;
    return record;
  }
  json status() const {
    const json object = json::parse(admin_->get(policy_path(*config_.object)).body);
    return object.contains("status") ? object["status"] : json::object();
  }
  std::string version() const {
    return resource_version(admin_->get(policy_path(*config_.object)).body);
  }
  static std::string resource_version(const std::string& body) {
    return json::parse(body)["metadata"]["resourceVersion"];
  }
  json state() const {
    const ApiAnswer answer = admin_->get(path("configmaps", "autoscaler-state"));
    return answer.ok() ? json::parse(answer.body) : json();
  }
  static void flushed(Controller& of) { of.succession->flush(5s); }

  // As often as it takes until they are known or given up.
  Result<std::vector<Succession::Left>> insist(Controller& from) {
    auto left = take_over(from);
    for (int tries = 1; !left && tries < 10; ++tries) {
      later_ = later_.load() + 2s;
      left = take_over(from);
    }
    return left;
  }

  std::atomic<Duration> later_{0s};
  WorkloadConfig config_;
  HandOver left_;
};
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

TEST_P(SuccessionTest, WithoutTheRightItIsSaidOnceAndCountsAsNothing) {
  stand_in_an_object();
  const auto leader = controller("writer-token");  // who may do nothing here
  const auto left = insist(*leader);
  ASSERT_TRUE(left.ok());
  for (int i = 0; i < 3; ++i) {
    leader->succession->publish(tick(wall_clock() + i * 400s, 2 + i, 5 + i));
    flushed(*leader);
  }
  ASSERT_THAT(leader->reported(), SizeIs(3)) << "reading the object and the map, and writing";
  EXPECT_THAT(leader->reported()[2], HasSubstr("cannot"));
}

TEST_P(SuccessionTest, AServerThatRefusesAtItsStartIsAskedAgain) {
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
  const auto left = insist(*next);
  ASSERT_TRUE(left.ok()) << left.error().message;
  EXPECT_TRUE(left->at(0).hand_over.orders.pause);
  EXPECT_THAT(next->reported(), IsEmpty());
}

TEST_P(SuccessionTest, OfARefusedObjectTheMapCountsAllTheSame) {
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
  const std::vector<Succession::Heir> both{{&config_, true, 1}, {&of_the_file, true, 1}};
  auto left = next->succession->left(both);
  for (int tries = 1; !left && tries < 10; ++tries) {
    later_ = later_.load() + 2s;
    left = next->succession->left(both);
  }
  ASSERT_TRUE(left.ok()) << left.error().message;
  EXPECT_FALSE(left->at(0).hand_over.orders.pause);
  EXPECT_TRUE(left->at(1).hand_over.orders.pause);
}

TEST_P(SuccessionTest, WhatCannotBeWrittenIsCounted) {
  stand_in_an_object();
  const auto nobody = controller("reader-token");
  nobody->succession->leave(config_, left_);
  nobody->succession->send();
  std::vector<Code> failures;
  ASSERT_TRUE(eventually([&] { return !(failures = nobody->succession->failures()).empty(); }));
  EXPECT_EQ(failures.front(), Code::kDenied);
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

TEST_P(SuccessionTest, ARefusalThatCouldNotBeWrittenIsSaidAgain) {
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
