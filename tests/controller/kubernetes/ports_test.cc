#include "tests/controller/kubernetes/ports_fixture.h"
#include "tests/fakes/eventually.h"

namespace autoscaler {
namespace {

using nlohmann::json;

constexpr const char* kMayRead =
    R"([{"apiGroups":[""],"resources":["pods"],"verbs":["get","list","watch"]},
        {"apiGroups":["apps"],"resources":["deployments"],"verbs":["get","list","watch"]},
        {"apiGroups":["autoscaling"],"resources":["horizontalpodautoscalers"],
         "verbs":["get","list","watch"]}])";

INSTANTIATE_TEST_SUITE_P(Server, PortsTest, kBothServers, server_name);

// One that comes in the midst of a tick too: what the tick then lets go of is where the next list
// is made.
TEST_P(PortsTest, SeesEveryChangeWheneverItComes) {
  make_deployment("web", 1);
  target("web");
  start();
  for (int size = 2; size <= 40; ++size) {
    const std::string body = R"({"spec":{"replicas":)" + std::to_string(size) + "}}";
    ASSERT_TRUE(admin_->merge_patch(path("deployments", "web") + "/scale", body).ok());
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (scale_of("web").spec_replicas != size) {
      ASSERT_LT(std::chrono::steady_clock::now(), end) << size;
    }
  }
}

TEST_P(PortsTest, ShowsTheScaleAndThePodsThatItSelects) {
  const std::string version =
      make_deployment("web", 3, R"(,"annotations":{"autoscaler.io/paused":"true"})");
  make_pod("web-1", "web", "Running", "True");
  make_pod("web-2", "web", "Pending", "False");
  make_pod("other", "api", "Running", "True");
  target("web");
  start();
  const ClusterObservation seen = observe();
  ASSERT_EQ(seen.scales.size(), 1u);
  EXPECT_EQ(seen.scales[0]->workload, "web");
  EXPECT_EQ(seen.scales[0]->spec_replicas, 3);
  EXPECT_EQ(seen.scales[0]->resource_version, version);
  EXPECT_EQ(seen.scales[0]->selector, "app=web");
  EXPECT_EQ(seen.scales[0]->paused, "true");
  EXPECT_EQ(seen.scales[0]->owned_by_other, "");
  ASSERT_EQ(seen.scales[0]->pods.size(), 2u);
  const InstanceObservation& first = seen.scales[0]->pods[0];
  EXPECT_EQ(first.instance, "web-1");
  EXPECT_EQ(first.address, "10.1.2.3:8080");
  EXPECT_EQ(first.healthy, true);
  EXPECT_EQ(first.revision, "abc");
  EXPECT_EQ(first.page, "");
  ASSERT_TRUE(first.pod.has_value());
  EXPECT_TRUE(first.pod->started.has_value());
  EXPECT_EQ(first.pod->containers.at(0).requests_milli.at(0).second, 250);
  EXPECT_EQ(seen.scales[0]->pods[1].healthy, false);
  EXPECT_EQ(seen.scales[0]->pods[1].pod->phase, PodFacts::Phase::kPending);
}

TEST_P(PortsTest, WritesTheSizeOfTheVersionThatWasSeenAndShowsItAtOnce) {
  make_deployment("web", 2);
  target("web");
  start();
  for (int32_t size = 3; size < 8; ++size) {
    ASSERT_EQ(apply(resize("web", size)), std::nullopt);
    EXPECT_EQ(observe().scales.at(0)->spec_replicas, size);
  }
  EXPECT_EQ(size_of("web"), 7);
}

TEST_P(PortsTest, ASizeThatSomebodyElseHasWrittenSinceStays) {
  make_deployment("web", 2);
  target("web");
  start();
  const Resize decided = resize("web", 5);
  ASSERT_TRUE(
      admin_->merge_patch(path("deployments", "web") + "/scale", R"({"spec":{"replicas":9}})")
          .ok());
  const auto error = apply(decided);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, Code::kConflict);
  EXPECT_EQ(size_of("web"), 9);
  ASSERT_TRUE(eventually([&] { return observe().scales.at(0)->spec_replicas == 9; }));
  EXPECT_EQ(apply(resize("web", 6)), std::nullopt);  // decided anew
  EXPECT_EQ(size_of("web"), 6);
}

TEST_P(PortsTest, OfWorkloadsThatAnotherLeadsNothingIsWritten) {
  for (const char* name : {"web", "shop"}) {
    make_deployment(name, 2);
    target(name);
  }
  start();
  ApiSettings settings;
  settings.may_write_for = [](const WorkloadId& workload) {
    return std::chrono::hours(workload == "web" ? 1 : 0);
  };
  const auto fenced = client("admin-token", settings);
  KubernetesWriter writer(config_, *fenced, *names_, written_, std::chrono::seconds(10));
  const Change changes[] = {resize("web", 5), resize("shop", 5)};
  const auto results = writer.apply(changes, wall_clock());
  EXPECT_FALSE(results.at(0).skipped);
  EXPECT_TRUE(results.at(1).skipped);
  EXPECT_EQ(size_of("web"), 5);
  EXPECT_EQ(size_of("shop"), 2);
}

TEST_P(PortsTest, NamesWhoElseSizesTheTarget) {
  make_deployment("web", 2);
  const auto make_autoscaler = [&] {
    ASSERT_TRUE(admin_
                    ->create(path("horizontalpodautoscalers"),
                             R"({"metadata":{"name":"mine"},"spec":{"maxReplicas":5,
        "scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"}}})")
                    .ok());
  };
  const std::string mine = "HorizontalPodAutoscaler " + space_ + "/mine";
  make_autoscaler();
  target("web");
  start();
  EXPECT_EQ(observe().scales.at(0)->owned_by_other, mine);
  EXPECT_TRUE(admin_->remove(path("horizontalpodautoscalers", "mine")).ok());
  EXPECT_TRUE(eventually([&] { return observe().scales.at(0)->owned_by_other.empty(); }));
  make_autoscaler();
  EXPECT_TRUE(eventually([&] { return observe().scales.at(0)->owned_by_other == mine; }));
}

TEST_P(PortsTest, NamesAScaledObjectWithoutAnAutoscalerOfItsOwn) {
  define_scaled_objects();
  make_deployment("web", 2);
  make_deployment("free", 2);
  ASSERT_TRUE(admin_
                  ->create(path("scaledobjects"),
                           R"({"apiVersion":"keda.sh/v1alpha1","kind":"ScaledObject",
      "metadata":{"name":"mine","annotations":{"autoscaling.keda.sh/paused":"true"}},
      "spec":{"scaleTargetRef":{"name":"web"},"triggers":[]}})")
                  .ok());
  target("free");
  target("web");
  start();
  EXPECT_EQ(scale_of("web").owned_by_other, "ScaledObject " + space_ + "/mine");
  EXPECT_EQ(scale_of("free").owned_by_other, "");
  EXPECT_TRUE(admin_->remove(path("scaledobjects", "mine")).ok());
  EXPECT_TRUE(eventually([&] { return scale_of("web").owned_by_other.empty(); }));
  remove_scaled_objects();
}

TEST_P(PortsTest, WithoutTheRightToSeeOtherAutoscalersSizesAreReadAndNoneIsWritten) {
  make_deployment("web", 2);
  make_pod("web-1", "web", "Running", "True");
  allow("reader", R"([{"apiGroups":[""],"resources":["pods"],"verbs":["get","list","watch"]},
      {"apiGroups":["apps"],"resources":["deployments"],"verbs":["get","list","watch"]}])");
  target("web");
  ASSERT_TRUE(eventually([&] { return client("reader-token")->get(path("pods")).ok(); }));
  start("reader-token");
  EXPECT_EQ(pods().size(), 1u);
  const auto unknown = scale_of("web").others_unknown;
  ASSERT_TRUE(unknown.has_value());
  EXPECT_EQ(unknown->code, Code::kDenied);
  EXPECT_NE(
      unknown->message.find("User \"reader\" cannot list resource \"horizontalpodautoscalers\""),
      std::string::npos)
      << unknown->message;
}

TEST_P(PortsTest, AKindThatCannotBeListedHoldsUpNoOther) {
  make_deployment("web", 2);
  allow("reader", kMayRead);
  target("web");
  target("base", "StatefulSet");
  ASSERT_TRUE(eventually([&] { return client("reader-token")->get(path("pods")).ok(); }));
  start("reader-token");
  const ClusterObservation seen = observe();
  EXPECT_EQ(seen.scales.size(), 1u);
  ASSERT_EQ(seen.unreadable.size(), 1u);
  EXPECT_NE(seen.unreadable[0].second.message.find("cannot list resource \"statefulsets\""),
            std::string::npos)
      << seen.unreadable[0].second.message;
}

TEST_P(PortsTest, ATargetThatIsNotThereIsNamedAndHoldsUpNoOther) {
  make_deployment("web", 2);
  target("gone");
  target("web");
  start();
  const ClusterObservation seen = observe();
  ASSERT_EQ(seen.unreadable.size(), 1u);
  EXPECT_EQ(seen.unreadable[0].first, "gone");
  EXPECT_EQ(seen.unreadable[0].second.message,
            "Deployment " + space_ + "/gone: there is none of this name");
  EXPECT_EQ(seen.scales.size(), 1u);
}

// Whose load they show cannot be told. As the HPA has it, whoever selects them is left alone.
TEST_P(PortsTest, TargetsWithAPodInCommonAreNamedAndHoldUpNoOther) {
  const std::string labels = R"({"app":"web","pod-template-hash":"abc"})";
  make_deployment("web", 2);
  ASSERT_TRUE(admin_
                  ->create(path("deployments"),
                           R"({"metadata":{"name":"canary"},"spec":{"selector":{"matchLabels":)" +
                               labels + R"(},"template":{"metadata":{"labels":)" + labels +
                               R"(},"spec":{"containers":[{"name":"app","image":"none"}]}}}})")
                  .ok());
  make_deployment("mail", 2);
  for (const char* name : {"web", "canary", "mail"}) target(name);
  make_pod("mail-1", "mail", "Running", "True");
  start();
  EXPECT_EQ(observe().unreadable.size(), 0u) << "there is no such pod";
  make_pod("web-1", "web", "Running", "True");
  ASSERT_TRUE(eventually([&] { return observe().unreadable.size() == 2; }));
  const ClusterObservation seen = observe();
  ASSERT_EQ(seen.scales.size(), 1u);
  EXPECT_EQ(seen.scales[0]->workload, "mail");
  EXPECT_EQ(seen.unreadable[0].second.code, Code::kConflict);
  EXPECT_NE(seen.unreadable[0].second.message.find("the workload web selects too"),
            std::string::npos)
      << seen.unreadable[0].second.message;
  ASSERT_TRUE(admin_->remove(path("pods", "web-1") + "?gracePeriodSeconds=0").ok());
  EXPECT_TRUE(eventually([&] { return observe().unreadable.empty(); }));

  make_pod("web-2", "web", "Running", "True");
  ASSERT_TRUE(eventually([&] { return observe().unreadable.size() == 2; }));
  ASSERT_TRUE(admin_->remove(path("deployments", "web")).ok());
  ASSERT_TRUE(eventually([&] { return observe().scales.size() == 2; })) << "one of them is gone";
  EXPECT_EQ(observe().unreadable[0].first, "web");
}

TEST_P(PortsTest, ReadsAsWhoMayOnlyReadAndNamesWhatWritingNeeds) {
  make_deployment("web", 2);
  allow("reader", kMayRead);
  target("web");
  ASSERT_TRUE(eventually([&] { return client("reader-token")->get(path("pods")).ok(); }));
  start("reader-token");
  const auto error = apply(resize("web", 3));
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, Code::kDenied);
  EXPECT_NE(error->message.find("User \"reader\" cannot update resource \"deployments/scale\""),
            std::string::npos)
      << error->message;
  EXPECT_EQ(size_of("web"), 2);
}

TEST_P(PortsTest, ReadingAsksForNothingThatIsForbidden) {
  make_deployment("web", 2);
  make_pod("web-1", "web", "Running", "True");
  allow("reader", kMayRead);
  target("web");
  start("reader-token");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(pods().size(), 1u);
  EXPECT_EQ(asked("reader", " 403"), std::vector<std::string>());
  // Three lists, three watches; ticks ask nothing.
  EXPECT_TRUE(eventually([&] { return asked("reader", "GET ").size() >= 6; }));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(pods().size(), 1u);
  EXPECT_EQ(asked("reader", "GET ").size(), 6u);
  EXPECT_EQ(asked("reader", "scaledobjects"), std::vector<std::string>());  // nobody serves them
}

TEST_P(PortsTest, AReaderForTheNextConfigListsNothingAgain) {
  make_deployment("web", 2);
  make_deployment("api", 3);
  target("web");
  start();
  ASSERT_EQ(observe().scales.size(), 1u);
  const size_t before = asked("admin", "GET ").size();
  target("api");
  auto next = make_reader();
  next->wait_until_known(std::chrono::seconds(0));
  reader_ = std::move(next);  // the one before goes, and what it followed stays
  EXPECT_EQ(scale_of("api").spec_replicas, 3);
  make_pod("api-1", "api", "Running", "True");
  EXPECT_TRUE(eventually([&] { return pods().size() == 1; }));
  EXPECT_LE(asked("admin", "GET ").size(), std::max(before, size_t{6}))
      << "three lists and watches";
}

TEST_P(PortsTest, EachSizeIsOneRequestAndOneThatStandsIsNone) {
  std::vector<Change> changes;
  for (int i = 10; i < 40; ++i) {
    make_deployment("web-" + std::to_string(i), 2);
    target("web-" + std::to_string(i));
  }
  start();
  for (const auto& scale : observe().scales) {
    changes.push_back(Resize{
        scale->workload, 2, scale->workload == "web-10" ? 2 : 3, scale->resource_version, {}});
  }
  ASSERT_EQ(changes.size(), 30u);
  const auto results = writer_->apply(changes, wall_clock());
  ASSERT_EQ(results.size(), 30u);
  for (size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i].error, std::nullopt);
    EXPECT_EQ(change_workload(results[i].change), change_workload(changes[i]));
  }
  EXPECT_EQ(asked("admin", "PUT ").size(), 29u);
}

class PortsFaults : public PortsTest {
 protected:
  // What is followed stays as it is now.
  void silence() {
    const std::string list = admin_->get(path("deployments")).body;
    faults(R"({"no_watch": true, "pages": {")" + path("deployments") + "\": " + list + "}}");
    server_->control("end_watches", "{}");
  }
};
INSTANTIATE_TEST_SUITE_P(Server, PortsFaults, kFakeServer, server_name);

TEST_P(PortsFaults, ASizeWhoseAnswerWasLostIsAskedForWhateverTheCacheShows) {
  make_deployment("web", 2);
  make_deployment("shop", 2);
  target("web");
  target("shop");
  start();
  const Resize change = resize("web", 4);
  silence();
  ASSERT_TRUE(
      admin_->merge_patch(path("deployments", "web") + "/scale", R"({"spec":{"replicas":4}})")
          .ok());
  EXPECT_EQ(scale_of("web").spec_replicas, 2);
  written_.lose("web");
  EXPECT_EQ(scale_of("web").spec_replicas, 4);
  EXPECT_NE(scale_of("web").resource_version, change.resource_version);
  EXPECT_EQ(scale_of("shop").spec_replicas, 2);
  EXPECT_EQ(asked("admin", "GET " + path("deployments", "web")).size(), 1u);
}

TEST_P(PortsFaults, AWriteThatIsNotAnsweredIsLostAndItsTargetNotSeenUntilItIsKnown) {
  make_deployment("web", 2);
  target("web");
  start();
  const Resize change = resize("web", 4);
  silence();
  server_->stop();
  const auto error = apply(change);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, Code::kUnavailable);
  const ClusterObservation seen = observe();
  EXPECT_TRUE(seen.scales.empty());
  ASSERT_EQ(seen.unreadable.size(), 1u);
  EXPECT_NE(seen.unreadable[0].second.message.find("whether its last size was written"),
            std::string::npos)
      << seen.unreadable[0].second.message;
  server_->start();
  EXPECT_TRUE(eventually([&] { return observe().scales.size() == 1; }));
}

TEST_P(PortsTest, WithoutTheServerWhatWasKnownCountsForAWhile) {
  make_deployment("web", 2);
  target("web");
  start();
  EXPECT_EQ(observe().scales.size(), 1u);
  server_->stop();
  EXPECT_TRUE(eventually([&] {
    ++later_;  // at some time it is found to be away, and 16 s later that is too long
    return !reader_->observe(wall_clock()).ok();
  }));
  later_ = 0;
  EXPECT_EQ(observe().scales.size(), 1u);
  const auto error = apply(Resize{"web", 2, 3, "1", {}});
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, Code::kUnavailable);
  server_->start();
  EXPECT_TRUE(eventually([&] {
    ++later_;
    return reader_->observe(wall_clock()).ok();
  }));
}

}  // namespace
}  // namespace autoscaler
