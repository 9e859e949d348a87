#include "tests/controller/kubernetes/ports_fixture.h"

namespace autoscaler {
namespace {

using nlohmann::json;

class CustomResourceTest : public PortsTest {
 protected:
  // A Crawler of size 2 with one pod.
  void make_crawler() {
    ASSERT_TRUE(admin_
                    ->create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", R"({
      "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
      "metadata": {"name": "crawlers.)" + group() + R"("},
      "spec": {"group": ")" + group() + R"(", "scope": "Namespaced",
        "names": {"plural": "crawlers", "singular": "crawler", "kind": "Crawler", "listKind": "CrawlerList"},
        "versions": [{"name": "v1", "served": true, "storage": true,
          "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
          "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.replicas",
            "statusReplicasPath": ".status.replicas", "labelSelectorPath": ".status.selector"}}}]}})")
                    .ok());
    make_bot(2);
    make_pod("bot-1", "bot", "Running", "True");
    target("bot", "Crawler", group() + "/v1");
  }
  void make_bot(int replicas) {
    ASSERT_TRUE(eventually([&] {
      return admin_
          ->create(crawlers(), R"({"apiVersion":")" + group() + R"(/v1","kind":"Crawler",
          "metadata":{"name":"bot"},"spec":{"replicas":)" +
                                   std::to_string(replicas) + "}}")
          .ok();
    }));
    ASSERT_TRUE(admin_
                    ->merge_patch(crawlers() + "/bot/status",
                                  R"({"status":{"replicas":2,"selector":"app=bot"}})")
                    .ok());
  }
  void annotate(const std::string& paused) {
    ASSERT_TRUE(
        admin_
            ->merge_patch(crawlers() + "/bot",
                          R"({"metadata":{"annotations":{"autoscaler.io/paused":)" + paused + "}}}")
            .ok());
  }
  // What reads them, with `verbs` on the objects themselves.
  void start_as_reader(const std::string& verbs) {
    allow("reader",
          R"([{"apiGroups":[""],"resources":["pods"],"verbs":["get","list","watch"]},
              {"apiGroups":["autoscaling"],"resources":["horizontalpodautoscalers"],
               "verbs":["get","list","watch"]},
              {"apiGroups":[")" +
              group() + R"("],"resources":["crawlers/scale"],"verbs":["get"]},
              {"apiGroups":[")" +
              group() + R"("],"resources":["crawlers"],"verbs":)" + verbs + "}]");
    ASSERT_TRUE(
        eventually([&] { return client("reader-token")->get(crawlers() + "/bot/scale").ok(); }));
    start("reader-token");
  }
  std::string group() const { return space_ + ".example.com"; }
  std::string crawlers() const {
    return "/apis/" + group() + "/v1/namespaces/" + space_ + "/crawlers";
  }
  size_t questions() const { return asked("reader", "/scale 200").size(); }
};
INSTANTIATE_TEST_SUITE_P(Server, CustomResourceTest, kBothServers, server_name);

TEST_P(CustomResourceTest, IsScaledAsWhateverHasAScale) {
  make_crawler();
  start();
  EXPECT_EQ(pods().size(), 1u);
  EXPECT_EQ(apply(resize("bot", 4)), std::nullopt);
  EXPECT_EQ(json::parse(admin_->get(crawlers() + "/bot").body)["spec"]["replicas"], 4);
  EXPECT_EQ(observe().scales.at(0)->spec_replicas, 4);
}

TEST_P(CustomResourceTest, IsAskedForItsScaleOnceItHasChangedAndNotBefore) {
  make_crawler();
  start_as_reader(R"(["list","watch"])");
  EXPECT_EQ(observe().scales.at(0)->spec_replicas, 2);
  ASSERT_TRUE(eventually([&] {
    const size_t before = questions();
    observe();
    return questions() == before;
  }));
  const size_t before = questions();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(observe().scales.at(0)->status_replicas, 2);
  EXPECT_EQ(questions(), before);
  ASSERT_TRUE(admin_->merge_patch(crawlers() + "/bot", R"({"spec":{"replicas":3}})").ok());
  EXPECT_TRUE(eventually([&] { return observe().scales.at(0)->spec_replicas == 3; }));
  EXPECT_EQ(questions(), before + 1);
}

TEST_P(CustomResourceTest, ThatIsMadeAnewIsTheNewOne) {
  make_crawler();
  annotate(R"("true")");
  start_as_reader(R"(["list","watch"])");
  EXPECT_EQ(observe().scales.at(0)->paused, "true");
  ASSERT_TRUE(admin_->remove(crawlers() + "/bot").ok());
  EXPECT_TRUE(eventually([&] { return observe().scales.empty(); }));
  make_bot(5);
  EXPECT_TRUE(eventually([&] {
    const auto scales = observe().scales;
    return scales.size() == 1 && scales[0]->spec_replicas == 5 && scales[0]->paused.empty();
  }));
}

TEST_P(CustomResourceTest, IsPausedByItsAnnotationsFromTheFirstTickOn) {
  make_crawler();
  annotate(R"("out")");
  start_as_reader(R"(["list","watch"])");
  EXPECT_EQ(observe().scales.at(0)->paused, "out");
  annotate("null");
  EXPECT_TRUE(eventually([&] { return observe().scales.at(0)->paused.empty(); }));
}

TEST_P(CustomResourceTest, ForTheNextConfigIsNotListedAgain) {
  make_crawler();
  start_as_reader(R"(["list","watch"])");
  EXPECT_EQ(observe().scales.size(), 1u);
  const auto lists = [&] { return asked("reader", "/crawlers?resourceVersion=0").size(); };
  const size_t before = lists();
  reader_ = make_reader();  // before the first is gone, as a reload has it
  EXPECT_EQ(observe().scales.size(), 1u);
  EXPECT_EQ(lists(), before);
}

TEST_P(CustomResourceTest, ThatMayNotBeListedIsAskedForInEachTick) {
  make_crawler();
  annotate(R"("true")");
  start_as_reader(R"(["get"])");
  const size_t before = questions();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(observe().scales.at(0)->paused, "");
  EXPECT_EQ(questions(), before + 3);
}

class CustomResourceFaults : public CustomResourceTest {};
INSTANTIATE_TEST_SUITE_P(Server, CustomResourceFaults, kFakeServer, server_name);

TEST_P(CustomResourceFaults, IsFollowedByItsMetadataAlone) {
  make_crawler();
  start_as_reader(R"(["list","watch"])");
  ASSERT_EQ(observe().scales.size(), 1u);
  ASSERT_TRUE(eventually([&] { return !asked("reader", "/crawlers?watch").empty(); }));
  int followed = 0;
  for (const json& entry : json::parse(server_->audit())) {
    const bool follows = entry["path"].get<std::string>().find("/crawlers?") != std::string::npos;
    if (!follows || entry["user"] != "reader") continue;
    const auto accept = entry["accept"].get<std::string>();
    EXPECT_TRUE(accept.starts_with("application/json;as=PartialObjectMetadata")) << accept;
    ++followed;
  }
  EXPECT_GE(followed, 2) << "a list and a watch";
}

TEST_P(CustomResourceFaults, WhoseAnnotationsAreNotKnownIsNotSeen) {
  make_crawler();
  annotate(R"("true")");
  server_->control("faults", R"({"no_watch": true, "pages": {")" + crawlers() + R"(":
      {"kind": "CrawlerList", "metadata": {"resourceVersion": "1"}, "items": []}}})");
  start_as_reader(R"(["list","watch"])");
  const ClusterObservation seen = observe();
  EXPECT_TRUE(seen.scales.empty());
  ASSERT_EQ(seen.unreadable.size(), 1u);
  EXPECT_EQ(seen.unreadable[0].second.message,
            "Crawler " + space_ +
                "/bot: its annotations are not known: the list of its kind does "
                "not have it yet");
}

}  // namespace
}  // namespace autoscaler
