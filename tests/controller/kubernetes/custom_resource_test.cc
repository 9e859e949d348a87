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
    ASSERT_TRUE(eventually([&] {
      return admin_
          ->create(crawlers(), R"({"apiVersion":")" + group() + R"(/v1","kind":"Crawler",
          "metadata":{"name":"bot"},"spec":{"replicas":2}})")
          .ok();
    }));
    ASSERT_TRUE(admin_
                    ->merge_patch(crawlers() + "/bot/status",
                                  R"({"status":{"replicas":2,"selector":"app=bot"}})")
                    .ok());
    make_pod("bot-1", "bot", "Running", "True");
    target("bot", "Crawler", group() + "/v1");
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

TEST_P(CustomResourceTest, IsPausedByItsAnnotationsFromTheFirstTickOn) {
  make_crawler();
  annotate(R"("out")");
  start_as_reader(R"(["list","watch"])");
  EXPECT_EQ(observe().scales.at(0)->paused, "out");
  annotate("null");
  EXPECT_TRUE(eventually([&] { return observe().scales.at(0)->paused.empty(); }));
}

TEST_P(CustomResourceTest, ThatMayNotBeListedIsAskedForInEachTick) {
  make_crawler();
  annotate(R"("true")");
  start_as_reader(R"(["get"])");
  const size_t before = questions();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(observe().scales.at(0)->paused, "");
  EXPECT_EQ(questions(), before + 3);
  EXPECT_EQ(asked("reader", "/crawlers?").size(), 1u) << "a refusal is not asked for again at once";
}

}  // namespace
}  // namespace autoscaler
