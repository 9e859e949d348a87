#include "tests/metrics/kubernetes_source_fixture.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Read = KubernetesRead;

TEST_F(KubernetesSourceTest, CpuIsAShareOfTheRequestOfEachPod) {
  ask("shop", {Read::Resource{"cpu", "", true}, ""}).pods = {
      {"a", facts(500)}, {"b", PodFacts{}}, {"c", facts(500)}};
  api_.pages[kPodsPath] = pod_list({usage("b", "100m"), usage("a", "250m"), usage("z", "1")});
  read();
  ASSERT_THAT(each(), SizeIs(3)) << "one for each pod of its own, and none of others";
  EXPECT_DOUBLE_EQ(number(each()[0].reading), 0.5);
  const auto& measured = std::get<Measured>(each()[0].reading);
  EXPECT_EQ(measured.at, kNow - seconds(20)) << "as old as its timestamp";
  EXPECT_EQ(measured.window, std::chrono::milliseconds(15500));
  EXPECT_EQ(std::get<Missing>(each()[1].reading).reason, MissingReason::kNoRequest);
  EXPECT_EQ(std::get<Missing>(each()[2].reading).reason, MissingReason::kNoSeries);
}

TEST_F(KubernetesSourceTest, MemoryIsInBytesWhereItIsNoShare) {
  ask("shop", {Read::Resource{"memory", "app", false}, ""}).pods = {{"a", facts(500)}};
  api_.pages[kPodsPath] = pod_list({usage("a", "250m")});
  read();
  EXPECT_EQ(number(each()[0].reading), 64.0 * 1024 * 1024);
}

TEST_F(KubernetesSourceTest, ForTheRulesOfTheHpaUsageIsExactAndPodsWithoutASampleAreAbsent) {
  Asker& asker = ask("shop", {Read::Resource{"cpu", "", true}, "", true});
  asker.pods = {{"a", facts(500)}, {"b", facts(500)}};
  api_.pages[kPodsPath] = pod_list({usage("a", "1500001n")});
  read();
  ASSERT_THAT(each(), SizeIs(1));
  const auto& containers =
      std::get<ContainerUsage>(std::get<Measured>(each()[0].reading).value).containers;
  ASSERT_THAT(containers, SizeIs(1));
  EXPECT_EQ(containers[0].first, "app");
  EXPECT_EQ(containers[0].second, 2) << "milli-units, rounded up";
}

TEST_F(KubernetesSourceTest, ANamespaceIsReadOnceATickWhoeverAsks) {
  for (const char* name : {"one", "two", "three"}) {
    ask(name, {Read::Resource{"cpu", "", true}, ""}).pods = {{name, facts(500)}};
  }
  ask("two-memory", {Read::Resource{"memory", "", false}, ""}).pods = {{"two", facts(500)}};
  ask("far", {Read::Resource{"cpu", "", true}, ""}, "elsewhere");
  api_.pages[kPodsPath] = pod_list({usage("one", "1"), usage("two", "2"), usage("three", "3")});
  read();
  EXPECT_THAT(api_.asked(),
              ElementsAre("/apis/metrics.k8s.io/v1beta1/namespaces/elsewhere/pods", kPodsPath));
  EXPECT_DOUBLE_EQ(number(each(1)[0].reading), 4);
  read(kNow + seconds(5));
  EXPECT_THAT(api_.asked(), SizeIs(2));
}

std::string value(const std::string& object, const std::string& quantity) {
  return R"({"describedObject":{"kind":"Pod","namespace":"store","name":")" + object +
         R"("},"metric":{"name":"qps","selector":null},"timestamp":"2026-09-21T14:13:10Z",)"
         R"("windowSeconds":30,"value":")" +
         quantity + R"("})";
}
std::string values(const std::vector<std::string>& items,
                   const std::string& kind = "MetricValueList") {
  std::string text = R"({"kind":")" + kind + R"(","items":[)";
  for (const std::string& item : items) text += (text.back() == '[' ? "" : ",") + item;
  return text + "]}";
}

TEST_F(KubernetesSourceTest, AMetricOfPodsIsAskedForItsOwnPodsAlone) {
  Asker& asker = ask("shop", {Read::Pods{"qps", "verb in (GET,PUT)"}, ""});
  asker.pods = {{"a", PodFacts{}}, {"b", PodFacts{}}};
  asker.selector = "app=shop";
  const std::string path =
      "/apis/custom.metrics.k8s.io/v1beta2/namespaces/store/pods/*/qps"
      "?labelSelector=app%3Dshop&metricLabelSelector=verb%20in%20%28GET%2CPUT%29";
  api_.pages[path] = values({value("a", "1500m"), value("b", "2")});
  read();
  EXPECT_THAT(api_.asked(), ElementsAre(path));
  EXPECT_DOUBLE_EQ(number(each()[0].reading), 1.5);
  EXPECT_EQ(std::get<Measured>(each()[1].reading).window, seconds(30));
}

TEST_F(KubernetesSourceTest, WhatSeveralWorkloadsAskOfTheirPodsIsOneQuestion) {
  for (const char* name : {"one", "two"}) {
    Asker& asker = ask(name, {Read::Pods{"qps", ""}, ""});
    asker.pods = {{name, PodFacts{}}};
    asker.selector = std::string("app=") + name;
  }
  askers_[1].signals[0] = SignalQuery{Read{Read::Pods{"qps", ""}, "store", true}};
  api_.pages["/apis/custom.metrics.k8s.io/v1beta2/namespaces/store/pods/*/qps"] =
      values({value("two", "2"), value("one", "1")});
  read();
  EXPECT_THAT(api_.asked(), SizeIs(1));
  EXPECT_EQ(number(each(0)[0].reading), 1);
  EXPECT_THAT(std::get<Quantities>(std::get<Measured>(each(1)[0].reading).value).milli,
              ElementsAre(2000));
}

TEST_F(KubernetesSourceTest, AnAdapterThatHasTheOldVersionAloneIsFoundOnce) {
  ask("shop", {Read::Object{"services", "web", "hits", ""}, ""});
  const std::string rest = "/namespaces/store/services/web/hits";
  api_.pages["/apis/custom.metrics.k8s.io/v1beta1" + rest] = values({value("web", "12")});
  read();
  EXPECT_EQ(number(whole()), 12);
  EXPECT_THAT(api_.asked(), SizeIs(2));
  read(kNow + seconds(5));
  EXPECT_THAT(api_.asked(), ElementsAre("/apis/custom.metrics.k8s.io/v1beta1" + rest));
}

TEST_F(KubernetesSourceTest, TheSeriesOfAnExternalMetricAreAddedUp) {
  ask("shop", {Read::External{"queue", "name=mail"}, ""});
  ask("hpa", {Read::External{"queue", "name=mail"}, "", true});
  const std::string path =
      "/apis/external.metrics.k8s.io/v1beta1/namespaces/store/queue?labelSelector=name%3Dmail";
  api_.pages[path] = values(
      {R"({"metricName":"queue","metricLabels":{"name":"mail"},"timestamp":"2026-09-21T14:13:10Z","value":"20"})",
       R"({"metricName":"queue","metricLabels":{},"timestamp":"2026-09-21T14:13:15Z","window":5,"value":"500m"})"},
      "ExternalMetricValueList");
  read();
  EXPECT_THAT(api_.asked(), SizeIs(1));
  EXPECT_DOUBLE_EQ(number(whole()), 20.5);
  EXPECT_EQ(std::get<Measured>(whole()).at, kNow - seconds(5)) << "of the newest";
  EXPECT_THAT(std::get<Quantities>(std::get<Measured>(whole(1)).value).milli,
              ElementsAre(20000, 500));
}

TEST_F(KubernetesSourceTest, AFailureTakesThePlaceOfTheLastAnswer) {
  ask("shop", {Read::Resource{"cpu", "", true}, ""}).pods = {{"a", facts(500)}};
  api_.pages[kPodsPath] = pod_list({usage("a", "250m")});
  read();
  ASSERT_THAT(each(), SizeIs(1));
  const std::pair<Error, MissingReason> cases[] = {
      {{Code::kUnavailable, "connection refused"}, MissingReason::kUnreachable},
      {{Code::kTimeout, "no answer within 10 s"}, MissingReason::kTimeout},
      {{Code::kDenied, "pods.metrics.k8s.io: list is forbidden"}, MissingReason::kBadStatus},
      {{Code::kNotFound, "metrics.k8s.io is not served"}, MissingReason::kNoSeries}};
  for (const auto& [error, reason] : cases) {
    api_.outage = error;
    read();
    EXPECT_EQ(std::get<Missing>(whole()).reason, reason);
    ASSERT_THAT(errors_, SizeIs(1));
    EXPECT_THAT(errors_[0].detail, HasSubstr(error.message));
    EXPECT_EQ(errors_[0].from, ReadFrom::kKubernetes);
  }
}

TEST_F(KubernetesSourceTest, AnApiThatFailsAgainAndAgainIsLeftAloneAndOneThatForbidsIsNot) {
  ask("shop", {Read::External{"queue", ""}, ""});
  api_.outage = Error{Code::kDenied, "forbidden"};
  for (int i = 0; i < 5; ++i) read();
  EXPECT_THAT(api_.asked(), SizeIs(5));
  api_.outage = Error{Code::kUnavailable, "connection refused"};
  for (int i = 0; i < 5; ++i) read();
  EXPECT_THAT(api_.asked(), SizeIs(3));
  EXPECT_EQ(source_.health().at(2).state, BreakerState::kOpen);
  EXPECT_EQ(source_.health().at(0).state, BreakerState::kClosed);
}

TEST_F(KubernetesSourceTest, WhatATenantAsksForAndIsNotAnsweredLeavesTheOthersTheirApi) {
  ask("a/shop", {Read::External{"sick", ""}, ""}, "a").signals[0].tenant = "a";
  ask("b/shop", {Read::External{"queue", ""}, ""}, "b").signals[0].tenant = "b";
  ask("shop", {Read::External{"queue", ""}, ""});
  const std::string external = "/apis/external.metrics.k8s.io/v1beta1/namespaces/";
  for (const char* space : {"b", "store"}) {
    api_.pages[external + space + "/queue"] =
        values({R"({"metricName":"queue","timestamp":"2026-09-21T14:13:10Z","value":"20"})"},
               "ExternalMetricValueList");
  }
  api_.sick = external + "a/sick";
  for (int i = 0; i < 5; ++i) {
    read();
    EXPECT_EQ(std::get<Missing>(whole(0)).reason, MissingReason::kUnreachable);
    EXPECT_EQ(number(whole(1)), 20);
    EXPECT_EQ(number(whole(2)), 20);
  }
  std::map<std::string, BreakerState> states;
  for (const SourceHealth& health : source_.health()) states[health.source] = health.state;
  EXPECT_EQ(states.at("kubernetes/external.metrics.k8s.io/a"), BreakerState::kOpen);
  EXPECT_EQ(states.at("kubernetes/external.metrics.k8s.io/b"), BreakerState::kClosed);
  EXPECT_EQ(states.at("kubernetes/external.metrics.k8s.io"), BreakerState::kClosed);
  askers_.erase(askers_.begin(), askers_.begin() + 2);
  read();
  EXPECT_THAT(source_.health(), SizeIs(3)) << "of tenants that are gone nothing is kept";
}

TEST_F(KubernetesSourceTest, ATenantsQuestionHasASecondAndTheUsageOfPodsAsMuchAsItNeeds) {
  for (const std::string tenant : {"", "store"}) {
    ask("usage" + tenant, {Read::Resource{"cpu", "", true}, ""}).signals[0].tenant = tenant;
    ask("queue" + tenant, {Read::External{"queue" + tenant, ""}, ""}).signals[0].tenant = tenant;
  }
  read();
  const std::string external = "/apis/external.metrics.k8s.io/v1beta1/namespaces/store/queue";
  EXPECT_GT(api_.deadlines.at(external), seconds(20));
  EXPECT_LE(api_.deadlines.at(external + "store"), seconds(1));
  EXPECT_GT(api_.deadlines.at(kPodsPath), seconds(20));
}

TEST_F(KubernetesSourceTest, AfterAFailureNotAlwaysTheSameQuestionIsTheProbe) {
  ask("one", {Read::External{"sick", ""}, ""});
  ask("two", {Read::External{"queue", ""}, ""});
  const std::string external = "/apis/external.metrics.k8s.io/v1beta1/namespaces/store/";
  api_.outage = Error{Code::kUnavailable, "connection refused"};
  read();
  read();
  ASSERT_EQ(source_.health().at(2).state, BreakerState::kOpen);
  api_.outage.reset();
  api_.sick = external + "sick";
  api_.pages[external + "queue"] =
      values({R"({"metricName":"queue","timestamp":"2026-09-21T14:13:10Z","value":"20"})"},
             "ExternalMetricValueList");
  for (int i = 1; i <= 4; ++i) read(kNow + std::chrono::minutes(2 * i));
  EXPECT_EQ(number(whole(1)), 20) << "which is well, though the first one is not";
}

TEST_F(KubernetesSourceTest, WhatWasNotSentSaysNothingOfTheApi) {
  ask("shop", {Read::External{"queue", ""}, ""});
  api_.outage = Error{Code::kExhausted, "not sent: no turn within the deadline"};
  for (int i = 0; i < 5; ++i) read();
  EXPECT_EQ(source_.health().at(2).state, BreakerState::kClosed);
}

// "app: cpu 1, memory 2; agent:", in the order of the answer.
std::string text_of(const PodMetricsList& list, const PodMetricsList::Pod& pod) {
  std::string text;
  for (const PodMetricsList::Container& container : list.containers_of(pod)) {
    text += (text.empty() ? "" : "; ") + list.names[container.name] + ":";
    for (const auto& [resource, milli] : list.usage_of(container)) {
      text +=
          (text.back() == ':' ? " " : ", ") + list.names[resource] + " " + std::to_string(milli);
    }
  }
  return text;
}

TEST(KubernetesReply, PodsHaveTheirContainersAndTheseTheirUsage) {
  const auto list = parse_pod_metrics(R"({"kind":"PodMetricsList","items":[
    {"metadata":{"name":"none"},"window":"30s"},
    {"containers":[{"name":"app","usage":{"cpu":"1","memory":"2"}},{"name":"agent"},
                   {"usage":{"example.com/gpu":"3","cpu":"4m"},"name":"cpu"}],
     "metadata":{"name":"three"},"timestamp":"2026-09-21T14:13:00Z"},
    {"metadata":{"name":"nobody"},"containers":[]},
    {"metadata":{"name":"first"},"containers":[{"usage":{"memory":"7"}}],
     "metadata":{"name":"last"}}]})");
  ASSERT_TRUE(list.ok()) << list.error().message;
  std::vector<std::string> pods;
  for (const PodMetricsList::Pod& pod : list->pods) {
    pods.push_back(std::string(list->name_of(pod)) + " has " + text_of(*list, pod));
  }
  EXPECT_THAT(pods, ElementsAre("none has ",
                                "three has app: cpu 1000, memory 2000; agent:; "
                                "cpu: example.com/gpu 3000, cpu 4",
                                "nobody has ", "last has : memory 7000"));
  EXPECT_THAT(list->names, testing::UnorderedElementsAre("app", "agent", "cpu", "memory",
                                                         "example.com/gpu", ""));
  EXPECT_EQ(list->pods[0].window, seconds(30));
  EXPECT_EQ(list->pods[0].at, std::nullopt);
  EXPECT_EQ(list->pods[1].at, kNow - seconds(20));
  EXPECT_EQ(list->pods[1].window, std::nullopt);
}

TEST(KubernetesReply, AUsualPodTakesSomeHundredBytes) {
  std::vector<std::string> items;
  for (int i = 10; i < 90; ++i) {
    items.push_back(usage("shop-5d9c7b8f6d-000" + std::to_string(i), "250m"));
  }
  const auto list = parse_pod_metrics(pod_list(items));
  ASSERT_TRUE(list.ok());
  const size_t bytes = list->pods.capacity() * sizeof(PodMetricsList::Pod) +
                       list->containers.capacity() * sizeof(PodMetricsList::Container) +
                       list->usage.capacity() * sizeof(PodMetricsList::Usage) +
                       list->pod_names.capacity();
  EXPECT_LE(bytes / items.size(), 120u);
  EXPECT_THAT(list->names, SizeIs(3));
}

TEST_F(KubernetesSourceTest, OneContainerIsMeantOrAllOfAPodAndOfTwoPodsOfANameTheLast) {
  PodFacts both = facts(500);
  both.containers.push_back({"agent", {{"cpu", 500}}, true});
  const auto ask_for = [&](const char* name, const char* container) {
    ask(name, {Read::Resource{"cpu", container, true}, ""}).pods = {{"a", both}};
  };
  ask_for("all", "");
  ask_for("app", "app");
  ask_for("agent", "agent");
  ask_for("nobody", "nobody");
  std::string twice = usage("a", "250m");
  const std::string begin = R"("containers":[)";
  twice.insert(twice.find(begin) + begin.size(), R"({"name":"agent","usage":{"cpu":"150m"}},)");
  api_.pages[kPodsPath] = pod_list({usage("a", "3"), twice});
  read();
  EXPECT_DOUBLE_EQ(number(each(0)[0].reading), 0.4);
  EXPECT_DOUBLE_EQ(number(each(1)[0].reading), 0.5);
  EXPECT_DOUBLE_EQ(number(each(2)[0].reading), 0.3);
  EXPECT_EQ(std::get<Missing>(whole(3)).reason, MissingReason::kNoSeries);
}

TEST(KubernetesReply, ThatIsNoListSaysWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "no JSON"},
      {"[]", "the answer is no PodMetricsList"},
      {R"({"kind":"Status"})", "the answer is no PodMetricsList"},
      {R"({"kind":"PodMetricsList","items":[)", "no JSON"},
      {R"({"kind":"PodMetricsList","items":[{"timestamp":"noon"}]})", "at /items/*/timestamp"},
      {R"({"kind":"PodMetricsList","items":[{"containers":[{"usage":{"cpu":"many"}}]}]})",
       "at /items/*/containers/*/usage"}};
  for (const auto& [page, what] : cases) {
    const auto parsed = parse_pod_metrics(page);
    ASSERT_FALSE(parsed.ok()) << page;
    EXPECT_EQ(parsed.error().code, Code::kInvalid);
    EXPECT_THAT(parsed.error().message, HasSubstr(what));
  }
  const std::string deep(100, '[');
  EXPECT_THAT(parse_metric_values("{\"a\":" + deep).error().message, HasSubstr("64 deep"));
}

TEST_F(KubernetesSourceTest, AWorkloadWithoutPodsHasNoTargetAndNoError) {
  ask("shop", {Read::Resource{"cpu", "", true}, ""});
  api_.pages[kPodsPath] = pod_list({});
  read();
  EXPECT_EQ(std::get<Missing>(whole()).reason, MissingReason::kNoTarget);
  EXPECT_THAT(errors_, IsEmpty());
}

}  // namespace
}  // namespace autoscaler
