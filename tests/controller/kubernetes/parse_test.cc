#include "controller/kubernetes/api_error.h"
#include "controller/kubernetes/cache.h"
#include "controller/kubernetes/label_selector.h"
#include "controller/kubernetes/objects.h"
#include "controller/kubernetes/token_bucket.h"
#include "controller/kubernetes/unbase64.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace autoscaler {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

TEST(LabelSelector, SelectsByEveryOperator) {
  const Labels labels{{"app", "web"}, {"tier", "front"}};
  const std::vector<std::pair<const char*, bool>> cases = {{"app=web", true},
                                                           {"app==web", true},
                                                           {"app=api", false},
                                                           {"app!=api", true},
                                                           {"app!=web", false},
                                                           {"other!=x", true},
                                                           {"app in (api, web)", true},
                                                           {"app in (api)", false},
                                                           {"app notin (api),tier", true},
                                                           {"app notin (web)", false},
                                                           {"tier", true},
                                                           {"zone", false},
                                                           {"!zone", true},
                                                           {"!tier", false},
                                                           {"app=web,tier=front", true},
                                                           {"app=web,tier=back", false},
                                                           {"app.k8s.io/name=x", false},
                                                           {"app=", false}};
  for (const auto& [text, wanted] : cases) {
    const auto selector = LabelSelector::parse(text);
    ASSERT_TRUE(selector.ok()) << text << ": " << selector.error().message;
    EXPECT_EQ(selector->selects(labels), wanted) << text;
  }
}

TEST(LabelSelector, RefusesWhatWouldSelectEverythingOrIsNone) {
  for (const char* text :
       {"", " ", "app=web,", "=web", "app in web", "app in (web", "a b", "app=w b"}) {
    EXPECT_FALSE(LabelSelector::parse(text).ok()) << text;
  }
}

TEST(Objects, KeepsOfAPodWhatCounts) {
  const auto pod = read_pod(json::parse(R"({
    "metadata": {"name": "p", "namespace": "shop", "labels": {"b": "2", "a": "1"},
      "creationTimestamp": "2026-01-02T03:04:05Z", "deletionTimestamp": "2026-01-02T03:05:05Z",
      "annotations": {"prometheus.io/port": "9100"}},
    "spec": {"containers": [{"name": "app", "ports": [{"name": "http", "containerPort": 80}],
      "resources": {"requests": {"cpu": "250m"}}}]},
    "status": {"phase": "Running", "podIP": "10.0.0.1",
      "conditions": [{"type": "Ready", "status": "True"}]}})"));
  ASSERT_TRUE(pod.ok());
  EXPECT_EQ(pod->name_space + "/" + pod->name, "shop/p");
  EXPECT_EQ(*pod->labels, (Labels{{"a", "1"}, {"b", "2"}}));
  EXPECT_TRUE(pod->facts->deleting);
  EXPECT_EQ(pod->facts->ready, true);
  EXPECT_EQ(pod->facts->containers.at(0).requests_milli.at(0).second, 250);
  EXPECT_EQ(pod->exposed->ports.at(0), (std::pair<std::string, int32_t>("http", 80)));
  EXPECT_EQ(pod->exposed->scrape_port, "9100");
}

json labelled_pod(const std::string& name, const std::string& app, int port = 80,
                  const std::string& cpu = "250m") {
  const json container{{"name", "app"},
                       {"ports", {{{"containerPort", port}}}},
                       {"resources", {{"requests", {{"cpu", cpu}}}}}};
  return {{"metadata", {{"name", name}, {"namespace", "shop"}, {"labels", {{"app", app}}}}},
          {"spec", {{"containers", {container}}}}};
}

TEST(ObjectCacheTest, WhatPodsOfOneTemplateSayIsThereOnce) {
  ObjectCache<PodRecord> cache(read_pod, [] { return Instant{}; });
  cache.begin_list();
  for (const char* name : {"web-b", "web-a"})
    ASSERT_TRUE(cache.list(labelled_pod(name, "web")).ok());
  ASSERT_TRUE(cache.list(labelled_pod("web-c", "web", 90)).ok());
  ASSERT_TRUE(cache.list(labelled_pod("db-a", "db")).ok());
  cache.end_list();
  cache.put(labelled_pod("web-aa", "web"));
  cache.put(labelled_pod("web-b", "web"));
  cache.put(labelled_pod("web-d", "web", 80, "500m"));
  const auto pods = **cache.objects(Duration{0});
  ASSERT_EQ(pods.size(), 6u);
  const auto& [db, a, aa, b, c, d] = std::tie(pods[0], pods[1], pods[2], pods[3], pods[4], pods[5]);
  EXPECT_EQ(a->name + " " + aa->name + " " + b->name + " " + c->name, "web-a web-aa web-b web-c");
  for (const auto& other : {aa, b, c}) EXPECT_EQ(&*other->labels, &*a->labels);
  for (const auto& other : {aa, b, c}) {
    EXPECT_TRUE(other->facts->containers.is_same(a->facts->containers)) << other->name;
  }
  EXPECT_EQ(d->facts->containers.at(0).requests_milli.at(0).second, 500);
  EXPECT_EQ(c->facts->containers.at(0).requests_milli.at(0).second, 250);
  for (const auto& other : {db, aa, b, c, d})
    EXPECT_EQ(&other->name_space.str(), &a->name_space.str());
  for (const auto& other : {aa, b}) EXPECT_EQ(&*other->exposed, &*a->exposed);
  EXPECT_EQ(*db->labels, (Labels{{"app", "db"}}));
  EXPECT_EQ(c->exposed->ports.at(0).second, 90);
}

TEST(ObjectCacheTest, AListThatWasReadStaysAsItWas) {
  ObjectCache<PodRecord> cache(read_pod, [] { return Instant{}; });
  cache.begin_list();
  ASSERT_TRUE(cache.list(labelled_pod("a", "web")).ok());
  cache.end_list();
  const auto before = *cache.objects(Duration{0});
  EXPECT_EQ(*cache.objects(Duration{0}), before);
  cache.put(labelled_pod("b", "web"));
  cache.erase(labelled_pod("a", "web"));
  cache.erase(labelled_pod("none", "web"));
  ASSERT_EQ(before->size(), 1u);
  EXPECT_EQ(before->front()->name, "a");
  const auto after = *cache.objects(Duration{0});
  ASSERT_EQ(after->size(), 1u);
  EXPECT_EQ(after->front()->name, "b");
}

TEST(Objects, AnOddObjectIsReadAsFarAsItMakesSense) {
  const auto pod = read_pod(json::parse(
      R"({"metadata":{"name":"p","labels":[1]},"spec":{"containers":null},"status":{"phase":7,"podIP":5}})"));
  ASSERT_TRUE(pod.ok());
  EXPECT_EQ(pod->ip, "");
  EXPECT_FALSE(read_pod(json::parse("[]")).ok());
  EXPECT_FALSE(read_pod(json::parse(R"({"metadata":{"name":7}})")).ok());
}

TEST(Objects, ReadsASizeFromTheObjectOrItsScale) {
  const auto object = read_scalable(json::parse(R"({
    "metadata": {"name": "web", "namespace": "shop", "resourceVersion": "41",
      "annotations": {"autoscaler.io/paused": "true"}},
    "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}, "matchExpressions": [
      {"key": "tier", "operator": "In", "values": ["a", "b"]}, {"key": "x", "operator": "DoesNotExist"}]}},
    "status": {"replicas": 2}})"));
  ASSERT_TRUE(object.ok());
  EXPECT_EQ(object->selector, "app=web,tier in (a,b),!x");
  EXPECT_TRUE(LabelSelector::parse(object->selector).ok());
  EXPECT_EQ(object->spec_replicas, 3);
  EXPECT_EQ(object->status_replicas, 2);
  EXPECT_EQ(object->resource_version, "41");
  EXPECT_EQ(object->paused, "true");
  EXPECT_EQ(read_scalable(json::parse(R"({"metadata":{"name":"w"},"spec":{}})"))->spec_replicas, 1);
  const auto scale = read_scale(json::parse(
      R"({"metadata":{"name":"w"},"spec":{},"status":{"replicas":4,"selector":"app=w"}})"));
  EXPECT_EQ(scale->spec_replicas, 0);  // a 0 is left out there
  EXPECT_EQ(scale->selector, "app=w");
}

TEST(ApiErrorTest, TellsOneFromAnotherAndIsShort) {
  const auto reason = [](int status, const char* body) {
    return api_error("GET /x", status, body).reason;
  };
  EXPECT_EQ(reason(409, R"({"kind":"Status","reason":"AlreadyExists"})"),
            ApiReason::kAlreadyExists);
  EXPECT_EQ(reason(409, R"({"kind":"Status","reason":"Conflict"})"), ApiReason::kConflict);
  EXPECT_EQ(reason(410, ""), ApiReason::kExpired);
  EXPECT_EQ(reason(422, ""), ApiReason::kRefused);
  const ApiError error = api_error("GET /x", 500, "a\nb" + std::string(1000, 'x') + "\xc3\xa4");
  EXPECT_TRUE(error.error.message.starts_with("GET /x: 500: a bxxx"));
  EXPECT_LT(error.error.message.size(), 330u);
  EXPECT_EQ(api_error("GET /x", 503, "").error.message, "GET /x: 503: no reason given");
}

TEST(TokenBucketTest, LetsABurstThroughAndThenTheRate) {
  TokenBucket bucket(10, 3);
  const auto at = [&](int now) {
    const auto when = bucket.take(milliseconds(now), milliseconds(100'000));
    return std::chrono::duration_cast<milliseconds>(*when).count();
  };
  EXPECT_EQ(at(1000), 1000);
  EXPECT_EQ(at(1000), 1000);
  EXPECT_EQ(at(1000), 1000);
  EXPECT_EQ(at(1000), 1100);
  EXPECT_EQ(at(1000), 1200);
  EXPECT_EQ(at(1250), 1300);
  EXPECT_EQ(at(9000), 9000);  // full again
}

TEST(TokenBucketTest, RefusesWhatWouldComeTooLateAndTakesNothingForIt) {
  TokenBucket bucket(10, 1);
  EXPECT_TRUE(bucket.take(milliseconds(0), milliseconds(50)));
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(bucket.take(milliseconds(0), milliseconds(50)));
  EXPECT_EQ(bucket.take(milliseconds(0), milliseconds(150)), milliseconds(100));
}

TEST(TokenBucketTest, AllWaitWhileTheServerHasAskedThemTo) {
  TokenBucket bucket(1000, 100);
  bucket.hold(milliseconds(500));
  EXPECT_EQ(bucket.take(milliseconds(100), milliseconds(9999)), milliseconds(500));
  EXPECT_FALSE(bucket.take(milliseconds(100), milliseconds(400)));
}

TEST(Unbase64, IsTheOppositeOfBase64) {
  EXPECT_EQ(unbase64("dXNlcjpwYXNz"), "user:pass");
  EXPECT_EQ(unbase64("YWI=\n"), "ab");
  EXPECT_EQ(unbase64(""), "");
  for (const char* text : {"a", "YWI=YWI=", "YW I", "YW-_"}) EXPECT_FALSE(unbase64(text)) << text;
}

}  // namespace
}  // namespace autoscaler
