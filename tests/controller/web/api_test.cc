#include "controller/web/api.h"

#include "tests/controller/telemetry/full_record.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace autoscaler {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// The server's answers as functions of the last tick.
class Api : public testing::Test {
 protected:
  Api() {
    state_.newest = [this](const auto& workload, size_t limit) {
      return history_.newest(workload, limit);
    };
    state_.metrics = [] { return std::string("a_page 1\n"); };
    state_.started = kTen;
    state_.now = kTen;
    state_.interval = seconds(5);
  }

  void tick(std::shared_ptr<TickRecord> record) {
    history_.add(*record);
    state_.last = std::move(record);
  }

  HttpResponse get(const std::string& path,
                   std::vector<std::pair<std::string, std::string>> query = {}) {
    return answer({"GET", path, std::move(query), {}, ""}, state_);
  }

  json read(const std::string& path, std::vector<std::pair<std::string, std::string>> query = {}) {
    const HttpResponse response = get(path, std::move(query));
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.content_type, "application/json");
    return json::parse(response.body);
  }

  WebState state_;
  DecisionHistory history_;
};

TEST_F(Api, MetricsComeInPrometheusOwnTextFormat) {
  const HttpResponse response = get("/metrics");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(response.body, "a_page 1\n");
}

TEST_F(Api, HealthFailsWhenTicksStop) {
  struct Case {
    seconds interval;
    Duration since_completion;
    int status;
  };
  const Case cases[] = {
      {seconds(5), seconds(15), 200},  {seconds(5), std::chrono::milliseconds(15001), 503},
      {seconds(1), seconds(10), 200},  {seconds(1), std::chrono::milliseconds(10001), 503},
      {seconds(5), seconds(-60), 200},  // the clock was set back
  };
  for (const Case& c : cases) {
    state_.interval = c.interval;
    const auto record = full_record({"checkout"});
    record->stages.fill(seconds(2));  // completed 14 s after it began
    tick(record);
    state_.now = kTen + seconds(14) + c.since_completion;
    EXPECT_EQ(get("/healthz").status, c.status) << c.since_completion.count();
  }
  state_.interval = seconds(5);
  state_.now = kTen + seconds(14 + 20);
  EXPECT_THAT(get("/healthz").body, AllOf(HasSubstr("20.0 s"), HasSubstr("15.0 s")));
}

TEST_F(Api, HealthFailsWhenTheFirstTickNeverEnds) {
  EXPECT_EQ(get("/healthz").status, 200);
  state_.now = kTen + seconds(16);
  EXPECT_EQ(get("/healthz").status, 503);
}

TEST_F(Api, ReadyAfterTheFirstTickAndWhileTheJournalCanBeWritten) {
  EXPECT_EQ(get("/readyz").status, 503);
  EXPECT_THAT(get("/readyz").body, HasSubstr("first tick"));
  tick(full_record({"checkout"}));
  EXPECT_EQ(get("/readyz").status, 200);
  const auto record = full_record({"checkout"});
  record->journal_error = Error{Code::kExhausted, "journal autoscaler.db: the disk is full"};
  tick(record);
  EXPECT_EQ(get("/readyz").status, 503);
  EXPECT_THAT(get("/readyz").body, AllOf(HasSubstr("no scale-in"), HasSubstr("disk is full")));
  EXPECT_EQ(get("/healthz").status, 200);  // starting it anew would not help
}

TEST_F(Api, OfSeveralControllersEachSaysWhoLeads) {
  const auto record = full_record({"checkout"});
  record->shards = {{.leads = true, .lease = "scaling/autoscaler", .holder = "one"}};
  tick(record);
  EXPECT_EQ(get("/readyz").body, "ok: leads\n");
  EXPECT_EQ(read("/api/v1/workloads")["leases"][0]["leads"], true);
  const auto other = full_record({"checkout"});
  other->shards = {{.lease = "scaling/autoscaler", .holder = "one"}};
  tick(other);
  EXPECT_EQ(get("/readyz").status, 200);
  EXPECT_EQ(get("/readyz").body, "ok: stands by; one holds the lease scaling/autoscaler\n");
  EXPECT_EQ(read("/api/v1/decisions")["leases"][0]["holder"], "one");
  tick(full_record({"checkout"}));
  EXPECT_FALSE(read("/api/v1/workloads").contains("leases"));
}

TEST_F(Api, OfSeveralShardsEachIsSaid) {
  const auto record = full_record({"cart", "checkout"});
  record->shards = {{.leads = true, .lease = "scaling/autoscaler-0", .holder = "one"},
                    {.leads = false, .lease = "scaling/autoscaler-1", .holder = ""}};
  record->workloads[1].shard = 1;
  tick(record);
  EXPECT_EQ(get("/readyz").body,
            "ok: leads 1 of 2 shards\nleads scaling/autoscaler-0\n"
            "stands by; nobody holds the lease scaling/autoscaler-1\n");
  const json document = read("/api/v1/workloads");
  EXPECT_EQ(document["leases"][1]["lease"], "scaling/autoscaler-1");
  EXPECT_FALSE(document["workloads"][0].contains("shard"));
  EXPECT_EQ(document["workloads"][1]["shard"], 1);
}

TEST_F(Api, WorkloadsAreListedWithTheirSizeAndWhy) {
  tick(full_record({"cart", "checkout"}));
  const json document = read("/api/v1/workloads");
  EXPECT_EQ(document["at"], "2026-11-22T10:00:00.000Z");
  EXPECT_EQ(document["dryRun"], true);
  ASSERT_EQ(document["workloads"].size(), 2u);
  const json& cart = document["workloads"][0];
  EXPECT_EQ(cart["name"], "cart");
  EXPECT_EQ(cart["size"], 3);
  EXPECT_EQ(cart["wanted"], 5);
  EXPECT_EQ(cart["shadow"], 5);
  EXPECT_EQ(cart["min"], 2);
  EXPECT_EQ(cart["max"], 10);
  EXPECT_EQ(cart["reason"], "scale_out");
  EXPECT_EQ(cart["outcome"], "skipped");
  EXPECT_EQ(cart["instances"], json({{"in_service", 3}, {"warming", 1}}));
  EXPECT_THAT(cart["explanation"].get<std::string>(), HasSubstr("track-cpu wants 6"));
}

TEST_F(Api, OneWorkloadShowsWhatWentIntoItsDecision) {
  tick(full_record({"cart", "checkout"}));
  const json workload = read("/api/v1/workloads/checkout")["workload"];
  EXPECT_EQ(workload["name"], "checkout");
  EXPECT_EQ(workload["explained"][0], workload["explanation"]);
  EXPECT_GT(workload["explained"].size(), 2u);
  EXPECT_EQ(workload["decision"]["proposals"][2]["replicas"], 6) << "by name: track-cpu";
  EXPECT_EQ(workload["decision"]["adjustments"][0]["rule"], "rate_limit_out");
  EXPECT_EQ(workload["signals"]["cpu"]["value"], 0.91);
  EXPECT_EQ(workload["signals"]["cpu"]["ageSeconds"], 4);
  EXPECT_EQ(workload["signals"]["cpu"]["completeness"], 0.5);
  EXPECT_EQ(workload["signals"]["cpu"]["doubt"], "incomplete");
  EXPECT_EQ(workload["signals"]["latency"]["missing"], "timeout");
  EXPECT_EQ(workload["signals"]["rps"]["idle"], true);
  EXPECT_TRUE(workload["readings"].contains("cpu"));
  EXPECT_EQ(workload["cooldown"], json({{"outSecondsLeft", 90.0}, {"inSecondsLeft", 0.0}}));
  EXPECT_EQ(workload["expectedTimeToReadySeconds"], 2.5);
  EXPECT_EQ(workload["launchFailuresInARow"], 2);
  std::vector<std::string> sources;
  for (const json& error : workload["errors"]) sources.push_back(error["source"]);
  EXPECT_THAT(sources, ElementsAre("cluster", "balancer", "instance", "balancer", "drain"));
}

TEST_F(Api, InstancesAreListedOneByOne) {
  const auto record = full_record({"checkout"});
  record->workloads[0].instances.edit()[3].failure = "exit code 3";
  tick(record);
  const json document = read("/api/v1/workloads/checkout/instances");
  ASSERT_EQ(document["instances"].size(), 4u);
  EXPECT_EQ(document["instances"][0]["id"], "checkout-1");
  EXPECT_EQ(document["instances"][0]["lifecycle"], "in_service");
  EXPECT_EQ(document["instances"][0]["address"], "127.0.0.1:9001");
  EXPECT_EQ(document["instances"][3]["failure"], "exit code 3");
}

TEST_F(Api, DecisionsAreKeptWhenTheyChangeNewestFirst) {
  const auto decide = [&](int second, int from, int to, Reason reason) {
    auto record = full_record({"cart", "checkout"}, kTen + seconds(second));
    record->number = static_cast<uint64_t>(second);
    for (WorkloadTick& workload : record->workloads) {
      workload.decision.from = from;
      workload.decision.to = to;
      workload.decision.reason = reason;
    }
    record->workloads[0].decision = full_workload(*record->workloads[0].config).decision;
    tick(record);
  };
  decide(1, 3, 3, Reason::kOnTarget);
  decide(2, 3, 3, Reason::kOnTarget);
  decide(3, 3, 5, Reason::kScaleOut);
  decide(4, 5, 5, Reason::kOnTarget);

  const json of_checkout = read("/api/v1/decisions", {{"workload", "checkout"}})["decisions"];
  ASSERT_EQ(of_checkout.size(), 3u);
  EXPECT_EQ(of_checkout[0]["at"], "2026-11-22T10:00:04.000Z");
  EXPECT_EQ(of_checkout[1]["decision"]["reason"], "scale_out");
  EXPECT_EQ(of_checkout[1]["decision"]["to"], 5);
  EXPECT_EQ(of_checkout[2]["tick"], 1);  // when it first stood

  const json of_all = read("/api/v1/decisions")["decisions"];
  ASSERT_EQ(of_all.size(), 4u);  // cart said the same all along
  EXPECT_EQ(of_all[2]["workload"], "cart");
  EXPECT_EQ(read("/api/v1/decisions", {{"limit", "2"}})["decisions"].size(), 2u);
}

TEST_F(Api, SourcesAreShownWithWhetherTheyAreAsked) {
  tick(full_record({"checkout"}));
  const json sources = read("/api/v1/sources")["sources"];
  ASSERT_EQ(sources.size(), 2u);
  EXPECT_EQ(sources[0],
            json({{"source", "json/billing:80"}, {"state", "closed"}, {"failuresInARow", 0}}));
  EXPECT_EQ(sources[1]["state"], "open");
  EXPECT_EQ(sources[1]["failuresInARow"], 4);
  EXPECT_EQ(sources[1]["nextTry"], "2026-11-22T10:00:03.000Z");
}

TEST_F(Api, AHundredDecisionsOfAWorkloadAreKept) {
  for (int i = 0; i < 250; ++i) {
    auto record = full_record({"checkout"});
    record->number = static_cast<uint64_t>(i);
    record->workloads[0].decision.to = i;
    tick(record);
  }
  const json kept = read("/api/v1/decisions", {{"limit", "1000"}})["decisions"];
  ASSERT_EQ(kept.size(), 100u);
  EXPECT_EQ(kept[0]["decision"]["to"], 249);
  EXPECT_EQ(kept[99]["decision"]["to"], 150);
}

TEST_F(Api, OfManyWorkloadsFewerDecisionsAreKept) {
  std::vector<std::string> names;
  for (int i = 100; i < 500; ++i) names.push_back("shop-" + std::to_string(i));
  for (int i = 0; i < 7; ++i) {
    auto record = full_record(names);
    record->number = static_cast<uint64_t>(i);
    for (WorkloadTick& workload : record->workloads) workload.decision.to = i;
    tick(record);
  }
  const json kept = read("/api/v1/decisions", {{"workload", "shop-300"}})["decisions"];
  ASSERT_EQ(kept.size(), 5u);  // 2,000 of all 400
  EXPECT_EQ(kept[0]["decision"]["to"], 6);
  EXPECT_EQ(kept[4]["decision"]["to"], 2);
}

TEST_F(Api, WhatIsWrongWithARequestIsSaidAsJson) {
  tick(full_record({"checkout"}));
  struct Case {
    std::string method, path;
    std::vector<std::pair<std::string, std::string>> query;
    int status;
    std::string code, says;
  };
  const Case cases[] = {
      {"GET", "/", {}, 404, "not_found", "nothing at /"},
      {"GET", "/api/v1/nothing", {}, 404, "not_found", "/api/v1/nothing"},
      {"GET", "/api/v1/workloads/", {}, 404, "not_found", "/api/v1/workloads/"},
      {"GET", "/api/v1/workloadsx", {}, 404, "not_found", "/api/v1/workloadsx"},
      {"GET", "/api/v1/workloads/cart", {}, 404, "not_found", "no workload is named cart"},
      {"GET", "/api/v1/workloads/cart/instances", {}, 404, "not_found", "named cart;"},
      {"GET", "/api/v1/decisions", {{"workload", "cart"}}, 404, "not_found", "named cart"},
      {"GET", "/api/v1/decisions", {{"limit", "0"}}, 400, "invalid", "from 1 to 1000"},
      {"GET", "/api/v1/decisions", {{"limit", "1001"}}, 400, "invalid", "limit is 1001"},
      {"GET", "/api/v1/decisions", {{"limit", "5x"}}, 400, "invalid", "limit is 5x"},
      {"POST", "/api/v1/workloads/checkout", {}, 405, "invalid", "POST is not allowed"},
      {"DELETE", "/metrics", {}, 405, "invalid", "DELETE is not allowed"},
  };
  for (const Case& c : cases) {
    const HttpResponse response = answer({c.method, c.path, c.query, {}, ""}, state_);
    EXPECT_EQ(response.status, c.status) << c.path;
    EXPECT_EQ(response.content_type, "application/json");
    const json document = json::parse(response.body);
    EXPECT_EQ(document["error"]["code"], c.code) << c.path;
    EXPECT_THAT(document["error"]["message"].get<std::string>(), HasSubstr(c.says));
  }
  EXPECT_EQ(json::parse(get("/").body)["routes"].size(), 9u);
  const HttpResponse refused = answer({"PUT", "/metrics", {}, {}, ""}, state_);
  EXPECT_THAT(refused.headers, ElementsAre(testing::Pair("Allow", "GET, HEAD")));
}

TEST_F(Api, BeforeTheFirstTickTheApiIsUnavailable) {
  for (const char* path :
       {"/api/v1/workloads", "/api/v1/workloads/checkout", "/api/v1/workloads/checkout/instances",
        "/api/v1/decisions", "/api/v1/sources", "/api/v1/config"}) {
    EXPECT_EQ(get(path).status, 503) << path;
  }
  EXPECT_EQ(get("/metrics").status, 200);
}

TEST_F(Api, TheConfigFileIsWhatRunsOrNotAndWhy) {
  tick(full_record({"checkout"}));
  state_.config = {"/etc/a.yaml", kTen, kTen + seconds(60), {"/etc/a.yaml:3:1: x: unknown key"}};
  EXPECT_EQ(json::parse(get("/api/v1/config").body),
            (json{{"file", "/etc/a.yaml"},
                  {"takenUp", "2026-11-22T10:00:00.000Z"},
                  {"read", "2026-11-22T10:01:00.000Z"},
                  {"refusedPolicies", json::array()},
                  {"runs", false},
                  {"problems", {"/etc/a.yaml:3:1: x: unknown key"}}}));
  state_.config.refused = {{"shop/checkout", {"spec.target: no"}, true}};
  EXPECT_EQ(json::parse(get("/api/v1/config").body)["refusedPolicies"],
            json::parse(R"([{"name": "shop/checkout", "problems": ["spec.target: no"],
                             "lastGoodRuns": true}])"));
  state_.config.problems.clear();
  EXPECT_EQ(json::parse(get("/api/v1/config").body)["runs"], true);
}

TEST_F(Api, TextsOfOthersThatAreNoUtf8DoNotBreakTheAnswer) {
  const auto record = full_record({"checkout"});
  record->workloads[0].instances.edit()[0].failure = "exit \xff";
  record->workloads[0].cluster_error = Error{Code::kInvalid, "bad \xc3"};
  tick(record);
  read("/api/v1/workloads/checkout");
  read("/api/v1/workloads/checkout/instances");
}

}  // namespace
}  // namespace autoscaler
