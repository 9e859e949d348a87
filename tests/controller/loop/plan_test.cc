#include "controller/plan.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

class PlanTest : public testing::Test {
 protected:
  PlanTest() {
    config_.spec.name = "shop";
    config_.balancer.emplace();
    config_.drain_deadline = seconds(30);
    fleet_.config = &config_;
  }

  FleetInstance& add(const InstanceId& id, Lifecycle lifecycle) {
    InstanceMemory memory{.instance = id, .requested = now_};
    if (lifecycle == Lifecycle::kDraining) memory.draining = now_;
    if (lifecycle == Lifecycle::kTerminating) memory.terminating = now_;
    if (lifecycle == Lifecycle::kFailed) memory.failed = true;
    memory_.instances.push_back(memory);
    memory_.next_instance = static_cast<int64_t>(memory_.instances.size()) + 1;
    FleetInstance instance{.instance = id, .lifecycle = lifecycle};
    instance.address = "127.0.0.1:9000";
    instance.exists = lifecycle != Lifecycle::kRequested;
    instance.registered = instance.serving =
        lifecycle == Lifecycle::kWarming || lifecycle == Lifecycle::kInService;
    fleet_.instances.push_back(instance);
    return fleet_.instances.edit().back();
  }
  void in_service(int count) {
    for (int i = 1; i <= count; ++i) add("shop-" + std::to_string(i), Lifecycle::kInService);
  }

  std::vector<std::string> steps(int32_t target) {
    std::vector<std::string> names;
    for (const Change& change : plan(fleet_, target, limits_, now_, memory_)) {
      names.push_back(std::string(change_name(change)) + " " + change_instance(change));
    }
    return names;
  }

  WorkloadConfig config_;
  FleetWorkload fleet_;
  WorkloadMemory memory_;
  PlanLimits limits_;
  Instant now_{std::chrono::hours(500'000)};
};

TEST_F(PlanTest, grows_by_launching_under_new_ids) {
  in_service(2);
  EXPECT_THAT(steps(4), ElementsAre("launch shop-3", "launch shop-4"));
  EXPECT_EQ(memory_.next_instance, 5);
  EXPECT_EQ(memory_.instances.size(), 4u);
}

TEST_F(PlanTest, at_its_size_nothing_is_done) {
  in_service(3);
  EXPECT_THAT(steps(3), IsEmpty());
}

TEST_F(PlanTest, load_that_returns_takes_draining_instances_back_before_it_launches) {
  in_service(1);
  FleetInstance& draining = add("shop-2", Lifecycle::kDraining);
  draining.registered = true;
  EXPECT_THAT(steps(3), ElementsAre("attach shop-2", "launch shop-3"));
  EXPECT_FALSE(memory_.instances[1].draining);
}

TEST_F(PlanTest, what_is_registered_is_drained_and_what_is_not_is_stopped) {
  in_service(2);
  add("shop-3", Lifecycle::kLaunching);
  EXPECT_THAT(steps(1), ElementsAre("drain shop-2", "terminate shop-3"));
  EXPECT_TRUE(memory_.instances[1].draining) << "the youngest in service";
  EXPECT_FALSE(memory_.instances[0].draining);
}

TEST_F(PlanTest, a_drain_goes_drain_wait_detach_terminate) {
  in_service(1);
  FleetInstance& leaving = add("shop-2", Lifecycle::kDraining);
  leaving.registered = leaving.serving = true;
  EXPECT_THAT(steps(1), ElementsAre("drain shop-2"));
  leaving.serving = false;
  leaving.in_flight = 2;
  EXPECT_THAT(steps(1), IsEmpty()) << "requests are in flight";
  leaving.in_flight = 0;
  EXPECT_THAT(steps(1), ElementsAre("detach shop-2"));
  leaving.registered = false;
  EXPECT_THAT(steps(1), ElementsAre("terminate shop-2"));
  leaving.lifecycle = Lifecycle::kTerminating;
  EXPECT_THAT(steps(1), ElementsAre("terminate shop-2")) << "again, until it is gone";
}

TEST_F(PlanTest, a_drain_past_its_deadline_is_detached_with_work_in_flight) {
  in_service(1);
  FleetInstance& leaving = add("shop-2", Lifecycle::kDraining);
  leaving.registered = true;
  leaving.in_flight = 2;
  now_ += seconds(29);
  EXPECT_THAT(steps(1), IsEmpty());
  now_ += seconds(1);
  EXPECT_THAT(steps(1), ElementsAre("detach shop-2"));
}

TEST_F(PlanTest, a_ready_instance_is_attached_and_one_that_the_balancer_lost_is_attached_again) {
  add("shop-1", Lifecycle::kReady);
  FleetInstance& lost = add("shop-2", Lifecycle::kInService);
  lost.registered = lost.serving = false;
  EXPECT_THAT(steps(2), ElementsAre("attach shop-1", "attach shop-2"));
}

TEST_F(PlanTest, a_failed_instance_leaves_the_balancer_first_and_is_replaced) {
  in_service(1);
  FleetInstance& dead = add("shop-2", Lifecycle::kFailed);
  dead.registered = dead.serving = true;
  EXPECT_THAT(steps(2), ElementsAre("launch shop-3", "detach shop-2"));
  dead.registered = dead.serving = false;
  EXPECT_THAT(steps(2), testing::Contains("terminate shop-2"));
}

TEST_F(PlanTest, while_the_balancer_is_unknown_nothing_is_drained_detached_or_stopped) {
  fleet_.balancer_known = false;
  in_service(3);
  for (FleetInstance& instance : fleet_.instances.edit())
    instance.registered = instance.serving = false;
  EXPECT_THAT(steps(2), IsEmpty());
  EXPECT_FALSE(memory_.instances[2].draining) << "its time to drain begins when it can";
}

TEST_F(PlanTest, while_the_cluster_is_unknown_nothing_is_planned) {
  in_service(2);
  fleet_.cluster_known = false;
  EXPECT_THAT(steps(5), IsEmpty());
}

TEST_F(PlanTest, without_a_journal_it_grows_but_takes_nothing_away) {
  in_service(3);
  limits_.may_remove = false;
  EXPECT_THAT(steps(1), IsEmpty());
  EXPECT_THAT(steps(4), ElementsAre("launch shop-4"));
}

TEST_F(PlanTest, after_failures_it_tries_one_at_a_time_and_only_when_the_wait_is_over) {
  in_service(1);
  memory_.backoff = {.failures = 3, .until = now_ + seconds(4)};
  EXPECT_THAT(steps(5), IsEmpty());
  now_ += seconds(4);
  EXPECT_THAT(steps(5), ElementsAre("launch shop-2"));
  add("shop-2", Lifecycle::kLaunching);
  memory_.instances.pop_back();
  EXPECT_THAT(steps(5), IsEmpty()) << "one is being tried";
}

TEST_F(PlanTest, a_launch_lost_in_a_crash_is_asked_for_again) {
  add("shop-1", Lifecycle::kRequested);
  EXPECT_THAT(steps(1), ElementsAre("launch shop-1"));
}

TEST_F(PlanTest, a_changed_command_replaces_one_at_a_time_new_before_old) {
  in_service(2);
  fleet_.instances.edit()[0].outdated = fleet_.instances.edit()[1].outdated = true;
  EXPECT_THAT(steps(2), ElementsAre("launch shop-3"));

  add("shop-3", Lifecycle::kWarming);
  memory_.instances.pop_back();
  EXPECT_THAT(steps(2), IsEmpty()) << "the new one is not in service yet";

  fleet_.instances.edit()[2].lifecycle = Lifecycle::kInService;
  memory_.instances[2].ready = now_;
  EXPECT_THAT(steps(2), IsEmpty()) << "nor has it shown for a minute that the command works";
  fleet_.instances.edit()[2].is_stable = true;
  memory_.backoff.failures = 1;
  memory_.backoff.until = now_;
  EXPECT_THAT(steps(2), IsEmpty()) << "another one failed since";
  memory_.backoff = {};
  EXPECT_THAT(steps(2), ElementsAre("drain shop-2")) << "an outdated one, the youngest of them";
}

TEST_F(PlanTest, load_that_falls_while_a_new_command_fails_takes_the_newcomers) {
  in_service(3);
  fleet_.instances.edit()[0].outdated = fleet_.instances.edit()[1].outdated = true;
  EXPECT_THAT(steps(1), ElementsAre("drain shop-3"));
}

TEST_F(PlanTest, after_a_failure_as_many_are_launched_as_have_become_ready_since) {
  in_service(5);
  memory_.backoff = {.failures = 3, .until = now_ - seconds(10)};
  for (InstanceMemory& instance : memory_.instances) {
    instance.requested = now_ - minutes(9);
    instance.ready = now_ - minutes(8);
  }
  EXPECT_THAT(steps(20), ElementsAre("launch shop-6")) << "those from before prove nothing";
  memory_.instances.pop_back();
  memory_.next_instance = 6;
  for (int i = 3; i < 5; ++i) memory_.instances[i].requested = now_ - seconds(5);
  EXPECT_THAT(steps(20), ElementsAre("launch shop-6", "launch shop-7"));
}

// Another controller's, or one whose state was lost.
TEST_F(PlanTest, what_answers_in_the_balancer_alone_is_left_alone) {
  in_service(1);
  FleetInstance& foreign = add("store-7", Lifecycle::kFailed);
  foreign.exists = false;
  foreign.registered = foreign.serving = foreign.answers = true;
  EXPECT_THAT(steps(2), ElementsAre("launch shop-3"));
  memory_.instances.pop_back();
  EXPECT_THAT(steps(1), IsEmpty());
  foreign.answers = false;
  EXPECT_THAT(steps(1), ElementsAre("detach store-7")) << "down is of no use";
}

TEST_F(PlanTest, one_that_a_reload_took_out_of_the_balancer_is_given_its_time_to_drain) {
  in_service(1);
  add("shop-2", Lifecycle::kDraining).registered = false;
  EXPECT_THAT(steps(1), IsEmpty()) << "the old HAProxy may wait for its answer";
  now_ += seconds(29);
  EXPECT_THAT(steps(1), IsEmpty());
  now_ += seconds(1);
  EXPECT_THAT(steps(1), ElementsAre("terminate shop-2")) << "drainDeadline";
}

TEST_F(PlanTest, one_that_was_detached_is_stopped_as_soon_as_it_is_out) {
  in_service(1);
  add("shop-2", Lifecycle::kDraining).registered = true;
  EXPECT_THAT(steps(1), ElementsAre("detach shop-2"));
  EXPECT_THAT(steps(1), ElementsAre("detach shop-2")) << "it is still there";
  fleet_.instances.edit()[1].registered = false;
  EXPECT_THAT(steps(1), ElementsAre("terminate shop-2"));
}

TEST_F(PlanTest, a_victim_that_a_reload_took_out_of_the_balancer_is_drained_like_the_others) {
  in_service(2);
  for (InstanceMemory& memory : memory_.instances) memory.attached = now_;
  for (FleetInstance& instance : fleet_.instances.edit())
    instance.registered = instance.serving = false;
  steps(1);
  EXPECT_TRUE(memory_.instances[1].draining);
  EXPECT_FALSE(memory_.instances[1].terminating);
}

TEST_F(PlanTest, the_same_fleet_and_memory_give_the_same_changes) {
  in_service(2);
  add("shop-3", Lifecycle::kReady);
  const WorkloadMemory before = memory_;
  const std::vector<std::string> first = steps(5);
  memory_ = before;
  EXPECT_EQ(steps(5), first);
}

}  // namespace
}  // namespace autoscaler
