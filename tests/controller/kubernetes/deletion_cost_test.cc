#include "tests/controller/kubernetes/ports_fixture.h"
#include "tests/fakes/eventually.h"

namespace autoscaler {
namespace {

using nlohmann::json;

class DeletionCostTest : public PortsTest {};
INSTANTIATE_TEST_SUITE_P(Server, DeletionCostTest, kBothServers, server_name);

TEST_P(DeletionCostTest, MarksThePodsThatAreToGoAndNoOthers) {
  make_deployment("web", 3);
  for (const char* pod : {"web-1", "web-2", "web-3"}) make_pod(pod, "web", "Running", "True");
  target("web");
  std::get<Shared<KubernetesTarget>>(config_.workloads[0].target).edit().deletion_cost = true;
  start();
  Resize smaller = resize("web", 2);
  smaller.leaving = {"web-2"};
  ASSERT_EQ(apply(smaller), std::nullopt);
  for (const char* pod : {"web-1", "web-2", "web-3"}) {
    const bool marked =
        json::parse(admin_->get(path("pods", pod)).body)["metadata"].contains("annotations");
    EXPECT_EQ(marked, std::string(pod) == "web-2") << pod;
  }
}

// The size was not written, so that the marks that came before it say what is not so.
TEST_P(DeletionCostTest, MarksOfASizeThatWasNotWrittenAreSeenAndTakenBack) {
  make_deployment("web", 3);
  make_pod("web-2", "web", "Running", "True");
  target("web");
  start();
  Resize smaller = resize("web", 2);
  smaller.leaving = {"web-2", "web-gone"};
  ASSERT_TRUE(
      admin_->merge_patch(path("deployments", "web") + "/scale", R"({"spec":{"replicas":9}})")
          .ok());
  EXPECT_EQ(apply(smaller).value().code, Code::kConflict);
  const auto marks = [&] {
    std::string all;
    for (const InstanceObservation& pod : pods()) {
      if (pod.goes_first) all += pod.instance + " ";
    }
    return all;
  };
  ASSERT_TRUE(eventually([&] { return marks() == "web-2 "; })) << marks();
  ASSERT_TRUE(eventually([&] { return scale_of("web").spec_replicas == 9; }));
  Resize larger = resize("web", 12);
  larger.staying = {"web-2", "web-gone"};
  ASSERT_EQ(apply(larger), std::nullopt);
  EXPECT_TRUE(eventually([&] { return marks().empty(); })) << marks();
  EXPECT_EQ(size_of("web"), 12);
}

// It has asked whether it leads, and is stopped; its successor marks the pod meanwhile.
TEST_P(DeletionCostTest, AMarkOfOneWhoWakesUpLateIsRefused) {
  make_deployment("web", 3);
  make_pod("web-2", "web", "Running", "True");
  target("web");
  start();
  const auto cost = [&] {
    return json::parse(admin_->get(path("pods", "web-2")).body)["metadata"]["annotations"];
  };
  const json successors{{kDeletionCost, "-7"}};
  ApiSettings settings;
  settings.may_write_for = [&](const WorkloadId&) {
    const json mark{{"metadata", {{"annotations", successors}}}};
    EXPECT_TRUE(admin_->merge_patch(path("pods", "web-2"), mark.dump()).ok());
    return std::chrono::hours(1);
  };
  const auto sleeper = client("admin-token", settings);
  KubernetesWriter writer(config_, *sleeper, *names_, written_, std::chrono::seconds(10));
  Resize smaller = resize("web", 2);
  smaller.leaving = {"web-2"};
  const Change changes[] = {smaller};
  const auto error = writer.apply(changes, wall_clock()).at(0).error;
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Code::kExhausted) << "it is known that the size was not written";
  EXPECT_EQ(cost(), successors);
  EXPECT_EQ(size_of("web"), 3);
}

}  // namespace
}  // namespace autoscaler
