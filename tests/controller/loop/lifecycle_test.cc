#include "controller/lifecycle.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LifecycleTest : public testing::Test {
 protected:
  LifecycleTest() {
    config_.spec.name = "shop";
    config_.spec.warmup = seconds(45);
    config_.spec.startup_deadline = seconds(60);
    config_.unhealthy_after = seconds(10);
    config_.balancer.emplace();
  }

  InstanceObservation& exists(const InstanceId& id) {
    cluster_.push_back({.workload = "shop", .instance = id, .started = now_});
    return cluster_.back();
  }
  void registered(const InstanceId& id, BackendObservation::State state) {
    backends_.push_back({.workload = "shop", .instance = id, .state = state});
  }
  void wanted(const InstanceId& id) {
    memory_.instances.push_back({.instance = id, .requested = now_});
  }

  // That many, healthy and past their warm-up.
  void serving(int count) {
    for (int i = 1; i <= count; ++i) {
      const InstanceId id = "shop-" + std::to_string(i);
      wanted(id);
      exists(id).healthy = true;
      registered(id, BackendObservation::State::kUp);
    }
    memory_.desired = count;
    join_now();
    now_ += minutes(2);
  }

  FleetWorkload join_now() {
    return join(config_, cluster_known_ ? &cluster_ : nullptr, backends_, balancer_known_, now_,
                memory_);
  }
  std::vector<Lifecycle> states() {
    std::vector<Lifecycle> states;
    for (const FleetInstance& instance : join_now().instances) states.push_back(instance.lifecycle);
    return states;
  }

  WorkloadConfig config_;
  std::vector<InstanceObservation> cluster_;
  std::vector<BackendObservation> backends_;
  bool cluster_known_ = true;
  bool balancer_known_ = true;
  WorkloadMemory memory_;
  Instant now_{std::chrono::hours(500'000)};
};

TEST_F(LifecycleTest, an_instance_lives_from_requested_to_in_service) {
  wanted("shop-1");
  EXPECT_THAT(states(), ElementsAre(Lifecycle::kRequested));

  exists("shop-1");
  now_ += seconds(1);
  EXPECT_THAT(states(), ElementsAre(Lifecycle::kLaunching));

  cluster_[0].healthy = true;
  now_ += seconds(1);
  EXPECT_THAT(states(), ElementsAre(Lifecycle::kReady)) << "healthy, not yet in the balancer";

  registered("shop-1", BackendObservation::State::kUp);
  now_ += seconds(1);
  EXPECT_THAT(states(), ElementsAre(Lifecycle::kWarming));
  now_ += seconds(44);
  EXPECT_THAT(states(), ElementsAre(Lifecycle::kWarming));
  now_ += seconds(1);
  EXPECT_THAT(states(), ElementsAre(Lifecycle::kInService)) << "45 s after it was attached";
}

TEST_F(LifecycleTest, without_a_balancer_a_healthy_instance_warms_at_once) {
  config_.balancer.reset();
  wanted("shop-1");
  exists("shop-1").healthy = true;
  EXPECT_THAT(states(), ElementsAre(Lifecycle::kWarming));
}

TEST_F(LifecycleTest, one_that_never_gets_healthy_fails_after_the_startup_deadline) {
  wanted("shop-1");
  exists("shop-1").healthy = false;
  now_ += seconds(60);
  EXPECT_THAT(states(), ElementsAre(Lifecycle::kLaunching));
  now_ += seconds(1);
  EXPECT_THAT(states(), ElementsAre(Lifecycle::kFailed));
  EXPECT_EQ(memory_.backoff.failures, 1);
  EXPECT_THAT(memory_.instances[0].failure, HasSubstr("startupDeadline"));
}

TEST_F(LifecycleTest, in_service_it_fails_only_after_unhealthy_after) {
  wanted("shop-1");
  exists("shop-1").healthy = true;
  registered("shop-1", BackendObservation::State::kUp);
  states();
  now_ += minutes(2);
  EXPECT_THAT(states(), ElementsAre(Lifecycle::kInService));

  cluster_[0].healthy = false;
  EXPECT_THAT(states(), ElementsAre(Lifecycle::kInService));
  now_ += seconds(9);
  EXPECT_THAT(states(), ElementsAre(Lifecycle::kInService));
  cluster_[0].healthy = true;
  states();
  cluster_[0].healthy = false;
  now_ += seconds(9);
  EXPECT_THAT(states(), ElementsAre(Lifecycle::kInService)) << "a good check starts it over";
  now_ += seconds(10);
  EXPECT_THAT(states(), ElementsAre(Lifecycle::kFailed));
  EXPECT_EQ(memory_.backoff.failures, 0) << "it had served for minutes: launches work";
}

TEST_F(LifecycleTest, unhealthy_ones_beside_a_healthy_one_are_all_replaced) {
  serving(3);
  cluster_[0].healthy = cluster_[1].healthy = false;
  states();
  now_ += seconds(10);
  EXPECT_THAT(states(), ElementsAre(Lifecycle::kFailed, Lifecycle::kFailed, Lifecycle::kInService));
}

TEST_F(LifecycleTest, where_none_is_healthy_they_are_replaced_one_at_a_time) {
  serving(3);
  for (InstanceObservation& seen : cluster_) seen.healthy = false;
  states();
  now_ += seconds(10);
  const auto one_failed =
      ElementsAre(Lifecycle::kFailed, Lifecycle::kInService, Lifecycle::kInService);
  EXPECT_THAT(states(), one_failed) << "what they all depend on may be at fault";
  now_ += minutes(1);
  EXPECT_THAT(states(), one_failed) << "the first is not replaced yet";

  cluster_.erase(cluster_.begin());
  backends_.erase(backends_.begin());
  wanted("shop-4");
  exists("shop-4").healthy = false;
  now_ += seconds(30);
  EXPECT_THAT(states(),
              ElementsAre(Lifecycle::kInService, Lifecycle::kInService, Lifecycle::kLaunching))
      << "its replacement has not shown yet that replacing helps";
  cluster_.back().healthy = true;
  EXPECT_THAT(states(), ElementsAre(Lifecycle::kFailed, Lifecycle::kFailed, Lifecycle::kReady));
}

TEST_F(LifecycleTest, after_a_restart_a_hung_instance_that_never_answers_fails_too) {
  memory_.instances.push_back({.instance = "shop-1",
                               .requested = now_ - minutes(9),
                               .launched = now_ - minutes(9),
                               .ready = now_ - minutes(8),
                               .attached = now_ - minutes(8)});
  exists("shop-1").healthy = std::nullopt;
  registered("shop-1", BackendObservation::State::kDown);
  EXPECT_THAT(states(), ElementsAre(Lifecycle::kInService));
  now_ += seconds(10);
  EXPECT_THAT(states(), ElementsAre(Lifecycle::kFailed));
}

TEST_F(LifecycleTest, one_that_exits_has_failed_and_says_how) {
  wanted("shop-1");
  InstanceObservation& seen = exists("shop-1");
  seen.running = false;
  seen.exit = std::string("exit code 3");
  const FleetWorkload fleet = join_now();
  EXPECT_EQ(fleet.instances[0].lifecycle, Lifecycle::kFailed);
  EXPECT_EQ(fleet.instances[0].failure, "exited: exit code 3");
}

TEST_F(LifecycleTest, each_failure_doubles_the_wait_up_to_five_minutes) {
  const std::vector<int> expected = {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300};
  for (const int wait : expected) {
    wanted("shop-1");
    forget_refused_launches(std::vector<InstanceId>{"shop-1"}, now_, memory_);
    EXPECT_EQ(*memory_.backoff.until - now_, seconds(wait));
    EXPECT_THAT(memory_.instances, IsEmpty());
  }
}

TEST_F(LifecycleTest, a_minute_of_health_of_a_later_launch_forgets_earlier_failures) {
  memory_.instances.push_back({.instance = "shop-1",
                               .requested = now_ - minutes(9),
                               .launched = now_ - minutes(9),
                               .ready = now_ - minutes(8)});
  exists("shop-1").healthy = true;
  memory_.backoff = {.failures = 4, .until = now_};
  states();
  EXPECT_EQ(memory_.backoff.failures, 4) << "one that was there before says nothing of launches";

  wanted("shop-2");
  exists("shop-2").healthy = true;
  states();
  now_ += seconds(59);
  states();
  EXPECT_EQ(memory_.backoff.failures, 4);
  now_ += seconds(1);
  states();
  EXPECT_EQ(memory_.backoff.failures, 0);
}

TEST_F(LifecycleTest, instances_unknown_to_the_memory_are_adopted) {
  exists("shop-7").healthy = true;
  cluster_[0].started = now_ - minutes(10);
  registered("shop-7", BackendObservation::State::kUp);
  EXPECT_THAT(states(), ElementsAre(Lifecycle::kInService)) << "registered and running: warm";
  EXPECT_EQ(memory_.next_instance, 8);
}

TEST_F(LifecycleTest, adopted_instances_are_wanted_and_stay_for_a_window) {
  memory_.recent.edit().first_seen = now_ - minutes(60);
  memory_.desired = 1;
  for (const char* id : {"shop-7", "shop-8"}) exists(id).healthy = true;
  states();
  EXPECT_EQ(memory_.desired, 3) << "an old journal makes no surplus of what serves";
  EXPECT_EQ(memory_.recent->first_seen, now_);
}

TEST_F(LifecycleTest, instances_that_die_together_are_one_failure_and_adopted_ones_are_none) {
  for (const char* id : {"shop-1", "shop-2", "shop-3"}) {
    wanted(id);
    exists(id).running = false;
  }
  exists("shop-9").running = false;
  EXPECT_THAT(states(), testing::Each(Lifecycle::kFailed));
  EXPECT_EQ(memory_.backoff.failures, 1);
  EXPECT_EQ(memory_.backoff.until, now_ + seconds(1));
}

TEST_F(LifecycleTest, an_id_with_an_absurd_number_does_no_harm) {
  exists("shop-99999999999999999999");
  exists("shop-9223372036854775807");
  states();
  EXPECT_GT(memory_.next_instance, 0);
}

TEST_F(LifecycleTest, a_balancer_entry_without_an_instance_is_kept_until_it_is_detached) {
  registered("shop-3", BackendObservation::State::kDown);
  const FleetWorkload fleet = join_now();
  ASSERT_EQ(fleet.instances.size(), 1u);
  EXPECT_EQ(fleet.instances[0].lifecycle, Lifecycle::kFailed);
  EXPECT_TRUE(fleet.instances[0].registered);
  backends_.clear();
  EXPECT_THAT(states(), IsEmpty());
}

TEST_F(LifecycleTest, nothing_is_concluded_from_a_cluster_that_does_not_answer) {
  wanted("shop-1");
  exists("shop-1").healthy = true;
  states();
  cluster_known_ = false;
  now_ += minutes(30);
  const std::vector<InstanceMemory> before = memory_.instances;
  const FleetWorkload fleet = join_now();
  EXPECT_FALSE(fleet.cluster_known);
  EXPECT_EQ(fleet.instances.size(), 1u);
  EXPECT_TRUE(memory_.instances == before);
}

TEST_F(LifecycleTest, a_dead_instance_is_not_forgotten_while_the_balancer_is_unknown) {
  wanted("shop-1");
  exists("shop-1").healthy = true;
  registered("shop-1", BackendObservation::State::kUp);
  states();
  cluster_.clear();
  backends_.clear();
  balancer_known_ = false;
  EXPECT_THAT(states(), ElementsAre(Lifecycle::kFailed));
  balancer_known_ = true;
  EXPECT_THAT(states(), IsEmpty());
}

TEST_F(LifecycleTest, in_service_it_stays_while_the_balancer_has_lost_it) {
  wanted("shop-1");
  exists("shop-1").healthy = true;
  registered("shop-1", BackendObservation::State::kUp);
  states();
  now_ += minutes(1);
  backends_.clear();
  const FleetWorkload fleet = join_now();
  EXPECT_EQ(fleet.instances[0].lifecycle, Lifecycle::kInService);
  EXPECT_FALSE(fleet.instances[0].registered);
}

TEST_F(LifecycleTest, a_deploy_is_when_instances_are_first_seen_to_be_outdated) {
  serving(2);
  EXPECT_FALSE(workload_of(join_now(), memory_, true).deployed);
  const Instant changed = now_;
  for (InstanceObservation& instance : cluster_) instance.outdated = true;
  EXPECT_EQ(workload_of(join_now(), memory_, true).deployed, changed);
  now_ += minutes(1);
  cluster_known_ = false;
  join_now();
  cluster_known_ = true;
  cluster_[0].outdated = false;
  EXPECT_EQ(workload_of(join_now(), memory_, true).deployed, changed) << "still under way";
  cluster_[1].outdated = false;
  EXPECT_EQ(workload_of(join_now(), memory_, true).deployed, changed) << "and remembered after it";
  now_ += minutes(1);
  cluster_[0].outdated = true;
  EXPECT_EQ(workload_of(join_now(), memory_, true).deployed, now_) << "the next one";
}

TEST_F(LifecycleTest, policies_see_since_when_what_warms_up_is_wanted_and_that_launches_fail) {
  wanted("shop-1");
  const Instant ordered = now_;
  now_ += seconds(5);
  EXPECT_EQ(workload_of(join_now(), memory_, true).instances[0].ordered, ordered);
  memory_.instances.clear();
  memory_.backoff.failures = 3;
  serving(1);
  const Workload workload = workload_of(join_now(), memory_, true);
  EXPECT_FALSE(workload.instances[0].ordered) << "in service";
  EXPECT_EQ(workload.launch_failures, 3);
}

TEST(NineInTen, is_the_time_within_which_nine_of_ten_were_ready) {
  EXPECT_FALSE(nine_in_ten({}));
  EXPECT_EQ(nine_in_ten({seconds(7)}), seconds(7));
  std::vector<Duration> times;
  for (int i = 20; i > 0; --i) times.push_back(seconds(i));
  EXPECT_EQ(nine_in_ten(times), seconds(18));
  times.resize(10);  // 20 s to 11 s
  EXPECT_EQ(nine_in_ten(times), seconds(19));
}

TEST_F(LifecycleTest, UnderCompatibilityInstancesAreSeenAsPods) {
  config_.spec.hpa = HpaFlags{};
  serving(2);
  const Instant ready = *memory_.instances[0].ready;
  cluster_[1].healthy = false;
  const Instant unhealthy = now_;
  wanted("shop-3");
  exists("shop-3");
  wanted("shop-4");
  join_now();
  now_ += seconds(5);
  const Workload workload = workload_of(join_now(), memory_, true);
  ASSERT_EQ(workload.instances.size(), 4u);
  const auto& first = *workload.instances[0].pod;
  EXPECT_EQ(first.ready, true);
  EXPECT_EQ(first.started, memory_.instances[0].launched);
  EXPECT_EQ(first.ready_changed, ready);
  EXPECT_EQ(workload.instances[1].pod->ready, false);
  EXPECT_EQ(workload.instances[1].pod->ready_changed, unhealthy);
  const auto& launching = *workload.instances[2].pod;
  EXPECT_EQ(launching.phase, PodFacts::Phase::kRunning);
  EXPECT_EQ(launching.ready, false);
  EXPECT_EQ(launching.ready_changed, launching.started) << "it never was ready";
  EXPECT_EQ(workload.instances[3].pod->phase, PodFacts::Phase::kPending);

  memory_.instances[0].draining = now_;
  memory_.instances[1].failed = true;
  const Workload leaving = workload_of(join_now(), memory_, true);
  EXPECT_TRUE(leaving.instances[0].pod->deleting);
  EXPECT_EQ(leaving.instances[1].pod->phase, PodFacts::Phase::kFailed);
  config_.spec.hpa.reset();
  EXPECT_FALSE(workload_of(join_now(), memory_, true).instances[0].pod.has_value());
}

}  // namespace
}  // namespace autoscaler
