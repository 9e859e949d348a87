// A pod's life, and what a scale says.
#include "controller/pods.h"

#include "controller/scale.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Instant kNow{std::chrono::hours(24 * 365 * 50)};

InstanceObservation pod(const std::string& name, Duration age = minutes(10)) {
  InstanceObservation seen{.workload = "shop", .instance = name, .started = kNow - age};
  seen.pod.emplace();
  seen.pod.edit().started = kNow - age;
  seen.pod.edit().ready = true;
  seen.pod.edit().ready_changed = kNow - age;
  seen.revision = "v1";
  return seen;
}

class PodsTest : public testing::Test {
 protected:
  PodsTest() {
    config_.spec.name = "shop";
    config_.spec.warmup = seconds(30);
    config_.target = KubernetesTarget{.name_space = "store", .name = "shop"};
    scale_.workload = "shop";
    scale_.spec_replicas = 3;
    scale_.status_replicas = 2;
    scale_.resource_version = "17";
  }
  FleetWorkload join(SharedList<InstanceObservation> pods, Instant now = kNow) {
    scale_.pods = std::move(pods);
    return join_pods(config_, scale_, now, seen_, memory_);
  }
  Lifecycle life_of(const InstanceObservation& one) {
    return join({one}).instances.at(0).lifecycle;
  }

  WorkloadConfig config_;
  ScaleObservation scale_;
  SeenPods seen_;
  WorkloadMemory memory_;
};

TEST_F(PodsTest, a_life_is_what_the_pod_shows) {
  InstanceObservation one = pod("a");
  EXPECT_EQ(life_of(one), Lifecycle::kInService);
  one.pod.edit().ready_changed = kNow - seconds(29);
  EXPECT_EQ(life_of(one), Lifecycle::kWarming);
  one.pod.edit().ready_changed = kNow - seconds(30);
  EXPECT_EQ(life_of(one), Lifecycle::kInService);
  one.pod.edit().ready = false;
  EXPECT_EQ(life_of(one), Lifecycle::kLaunching);
  one.pod.edit().ready.reset();
  EXPECT_EQ(life_of(one), Lifecycle::kLaunching);
  one.pod.edit().ready = true;
  one.pod.edit().phase = PodFacts::Phase::kPending;
  EXPECT_EQ(life_of(one), Lifecycle::kLaunching);
  one.pod.edit().deleting = true;
  EXPECT_EQ(life_of(one), Lifecycle::kTerminating);
}

TEST_F(PodsTest, ended_pods_are_left_out_but_for_the_classes_of_the_hpa) {
  InstanceObservation failed = pod("a");
  failed.pod.edit().phase = PodFacts::Phase::kFailed;
  InstanceObservation succeeded = pod("b");
  succeeded.pod.edit().phase = PodFacts::Phase::kSucceeded;
  EXPECT_THAT(join({failed, succeeded}).instances, IsEmpty());
  config_.spec.hpa = HpaFlags{};
  const FleetWorkload fleet = join({failed, succeeded});
  const Workload workload = workload_of_pods(fleet, memory_, true);
  ASSERT_THAT(workload.instances, SizeIs(2));
  EXPECT_EQ(workload.instances[0].lifecycle, Lifecycle::kFailed);
  EXPECT_EQ(workload.instances[0].pod->phase, PodFacts::Phase::kFailed);
  EXPECT_EQ(workload.instances[1].lifecycle, Lifecycle::kGone);
}

TEST_F(PodsTest, the_size_is_that_of_the_scale_and_not_the_number_of_pods) {
  take_scale(config_.spec, scale_, false, kNow, memory_);
  const Workload workload = workload_of_pods(join({pod("a")}), memory_, true);
  EXPECT_EQ(workload.size, 3);
  EXPECT_EQ(workload.status_size, 2);
  EXPECT_FALSE(workload.instances[0].pod) << "not needed, and not journalled";
}

TEST_F(PodsTest, a_pod_that_starts_is_awaited_since_it_was_made) {
  InstanceObservation one = pod("a", seconds(40));
  one.pod.edit().ready = false;
  const Workload workload = workload_of_pods(join({one}), memory_, true);
  EXPECT_EQ(workload.instances[0].ordered, kNow - seconds(40));
}

TEST_F(PodsTest, a_rolling_update_is_a_deploy_while_two_templates_run) {
  InstanceObservation fresh = pod("b", seconds(5));
  fresh.revision = "v2";
  const FleetWorkload fleet = join({pod("a"), fresh, pod("c")});
  EXPECT_TRUE(fleet.instances[0].outdated);
  EXPECT_FALSE(fleet.instances[1].outdated);
  EXPECT_EQ(fleet.revision, "v1") << "of most";
  EXPECT_EQ(memory_.deployed, kNow);
  EXPECT_TRUE(memory_.rolling);
  join({pod("a"), pod("c")});
  EXPECT_FALSE(memory_.rolling);
}

TEST_F(PodsTest, what_was_made_of_a_list_stands_until_the_list_or_time_makes_it_another) {
  InstanceObservation warms = pod("b");
  warms.pod.edit().ready_changed = kNow - seconds(10);
  const SharedList<InstanceObservation> pods{pod("a"), warms};
  const auto at = [&](Duration later) { return join(pods, kNow + later).instances; };
  const SharedList<FleetInstance> first = at(seconds(0));
  EXPECT_TRUE(at(seconds(19)).is_same(first));
  EXPECT_EQ(first[1].lifecycle, Lifecycle::kWarming);
  const SharedList<FleetInstance> warm = at(seconds(20));
  EXPECT_EQ(warm[1].lifecycle, Lifecycle::kInService) << "30 s of warm-up";
  EXPECT_FALSE(warm[1].is_stable);
  EXPECT_TRUE(at(seconds(49)).is_same(warm));
  const SharedList<FleetInstance> stable = at(seconds(50));
  EXPECT_TRUE(stable[1].is_stable);
  EXPECT_TRUE(at(minutes(1000)).is_same(stable));
  EXPECT_EQ(at(seconds(0))[1].lifecycle, Lifecycle::kWarming) << "the clock was set back";
  EXPECT_FALSE(join({pod("a"), warms}).instances.is_same(stable)) << "another list";
}

TEST_F(PodsTest, a_cluster_that_does_not_answer_says_nothing) {
  memory_.desired = 5;
  const FleetWorkload fleet = join_pods(config_, {}, kNow, seen_, memory_);
  EXPECT_FALSE(fleet.cluster_known);
  EXPECT_EQ(workload_of_pods(fleet, memory_, true).size, 5);
}

TEST_F(PodsTest, the_first_time_that_a_pod_is_ready_is_measured_and_no_other) {
  InstanceObservation starts = pod("a", seconds(20));
  starts.pod.edit().ready = false;
  InstanceObservation flaps = pod("b", minutes(10));
  flaps.pod.edit().ready = false;
  flaps.pod.edit().ready_changed = kNow - seconds(5);  // it was ready before this process began
  EXPECT_THAT(join({starts, flaps}).became_ready, IsEmpty());
  for (InstanceObservation* one : {&starts, &flaps}) {
    one->pod.edit().ready = true;
    one->pod.edit().ready_changed = kNow - seconds(2);
  }
  EXPECT_THAT(join({starts, flaps}).became_ready, ElementsAre(seconds(18)));
}

Decision to(int32_t from, int32_t size) {
  Decision decision;
  decision.from = from;
  decision.to = size;
  return decision;
}

TEST_F(PodsTest, a_resize_carries_the_version_that_was_seen) {
  const std::vector<Change> changes = plan_resize(join({}), to(3, 5), {}, kNow, memory_);
  ASSERT_THAT(changes, SizeIs(1));
  const auto& resize = std::get<Resize>(changes[0]);
  EXPECT_EQ(change_subject(changes[0]), "3 -> 5");
  EXPECT_EQ(resize.resource_version, "17");
  EXPECT_THAT(resize.leaving, IsEmpty());
  EXPECT_EQ(memory_.unsettled->from, 3);
  EXPECT_THAT(plan_resize(join({}), to(3, 3), {}, kNow, memory_), IsEmpty());
}

TEST_F(PodsTest, with_a_deletion_cost_the_least_loaded_are_named_and_those_not_ready_go_anyway) {
  std::get<Shared<KubernetesTarget>>(config_.target).edit().deletion_cost = true;
  SignalSpec cpu;
  cpu.meaning = SignalSpec::Meaning::kWork;
  config_.spec.signals = {cpu};
  std::vector<InstanceReading> readings;
  for (const auto& [name, load] : {std::pair("a", 0.9), {"b", 0.2}, {"c", 0.5}}) {
    readings.push_back({name, Measured{load, kNow, seconds(30)}});
  }
  InstanceObservation starting = pod("d");
  starting.pod.edit().ready = false;
  scale_.spec_replicas = 4;
  const FleetWorkload fleet = join({pod("a"), pod("b"), pod("c"), starting});
  const auto leaving = [&](int32_t size) {
    const Signals signals{Signal{readings}};
    const auto changes = plan_resize(fleet, to(4, size), signals, kNow, memory_);
    return std::get<Resize>(changes.at(0)).leaving;
  };
  EXPECT_THAT(leaving(3), IsEmpty());
  EXPECT_THAT(leaving(2), ElementsAre("b"));
  EXPECT_THAT(leaving(1), ElementsAre("b", "c"));
  EXPECT_THAT(leaving(6), IsEmpty());
}

// "b" and "c" bear the mark of a scale-in to which it did not come.
TEST_F(PodsTest, a_mark_is_set_once_and_taken_back_where_the_pod_no_longer_leaves) {
  std::get<Shared<KubernetesTarget>>(config_.target).edit().deletion_cost = true;
  SignalSpec cpu;
  cpu.meaning = SignalSpec::Meaning::kWork;
  config_.spec.signals = {cpu};
  std::vector<InstanceReading> readings;
  for (const auto& [name, load] : {std::pair("a", 0.9), {"b", 0.2}, {"c", 0.5}, {"d", 0.3}}) {
    readings.push_back({name, Measured{load, kNow, seconds(30)}});
  }
  std::vector<InstanceObservation> pods{pod("a"), pod("b"), pod("c"), pod("d"), pod("e")};
  pods[1].goes_first = pods[2].goes_first = pods[4].goes_first = true;
  pods[4].pod.edit().deleting = true;
  scale_.spec_replicas = 4;
  const FleetWorkload fleet = join(pods);
  const auto resize = [&](int32_t size) {
    const Signals signals{Signal{readings}};
    return std::get<Resize>(plan_resize(fleet, to(4, size), signals, kNow, memory_).at(0));
  };
  EXPECT_THAT(resize(3).leaving, IsEmpty());
  EXPECT_THAT(resize(3).staying, ElementsAre("c"));
  EXPECT_THAT(resize(2).leaving, IsEmpty()) << "of more marks than one tick has time for";
  EXPECT_THAT(resize(2).staying, IsEmpty());
  EXPECT_THAT(resize(1).leaving, ElementsAre("d"));
  EXPECT_THAT(resize(1).staying, IsEmpty());
  EXPECT_THAT(resize(6).leaving, IsEmpty());
  EXPECT_THAT(resize(6).staying, ElementsAre("b", "c"));
}

}  // namespace
}  // namespace autoscaler
