#include "controller/kubernetes/scale_events.h"

#include "tests/controller/kubernetes/on_both_servers.h"
#include "tests/fakes/eventually.h"

namespace autoscaler {
namespace {

using nlohmann::json;

class ScaleEventsTest : public OnBothServers {
 protected:
  void SetUp() override {
    OnBothServers::SetUp();
    if (IsSkipped()) return;
    KubernetesTarget target;
    target.name_space = space_;
    target.name = "web";
    config_.spec.name = "shop";
    config_.target = target;
    ScaleRecord scale;
    scale.uid = "8c1f3c1e-0000-4000-8000-000000000001";
    written_.wrote("shop", scale);
    start("admin-token");
  }
  void start(const std::string& token) {
    events_.reset();
    client_ = client(token);
    events_ =
        std::make_unique<ScaleEvents>(*client_, written_, wall_clock, [this](const Error& error) {
          const std::lock_guard lock(mutex_);
          failures_.push_back(error.message);
        });
  }
  // The tick at which the size became another one.
  static TickRecord tick(const WorkloadConfig& config, int32_t from, int32_t to) {
    TickRecord record;
    record.now = wall_clock();
    WorkloadTick& workload = record.workloads.emplace_back();
    workload.config = &config;
    workload.decision.from = from;
    workload.decision.to = to;
    if (from != to) workload.changes.push_back({Resize{"shop", from, to, "1", {}}, false, {}});
    return record;
  }
  void resized(int32_t from, int32_t to) { events_->publish(tick(config_, from, to)); }
  std::vector<json> seen() const {
    const json list = json::parse(admin_->get(path("events")).body);
    return {list["items"].begin(), list["items"].end()};
  }
  size_t failures() {
    const std::lock_guard lock(mutex_);
    return failures_.size();
  }

  WorkloadConfig config_;
  WrittenScales written_;
  std::mutex mutex_;  // guards failures_
  std::vector<std::string> failures_;
  std::unique_ptr<ApiClient> client_;
  std::unique_ptr<ScaleEvents> events_;
};
INSTANTIATE_TEST_SUITE_P(Server, ScaleEventsTest, kBothServers, server_name);

TEST_P(ScaleEventsTest, ChangesOfOneKindAreOneEventThatCounts) {
  for (int32_t size = 2; size < 7; ++size) resized(size, size + 1);
  resized(7, 5);
  ASSERT_TRUE(eventually([&] { return seen().size() == 2; }));
  const std::vector<json> events = seen();
  const json& out = events[0]["reason"] == "ScaledOut" ? events[0] : events[1];
  const json& in = events[0]["reason"] == "ScaledOut" ? events[1] : events[0];
  EXPECT_EQ(out["count"], 5);
  EXPECT_NE(out["message"].get<std::string>().find("6 -> 7"), std::string::npos) << out["message"];
  EXPECT_EQ(out["involvedObject"]["name"], "web");
  EXPECT_EQ(out["involvedObject"]["uid"], "8c1f3c1e-0000-4000-8000-000000000001");
  EXPECT_EQ(in["reason"], "ScaledIn");
  EXPECT_EQ(in["count"], 1);
}

TEST_P(ScaleEventsTest, AnEventThatTheServerHasForgottenIsMadeAnew) {
  resized(2, 3);
  ASSERT_TRUE(eventually([&] { return seen().size() == 1; }));
  admin_->remove(path("events", seen()[0]["metadata"]["name"]));
  resized(3, 4);
  ASSERT_TRUE(eventually([&] { return seen().size() == 1; }));
  EXPECT_EQ(seen()[0]["count"], 1);
}

TEST_P(ScaleEventsTest, WhatWasNotWrittenIsNoEvent) {
  resized(2, 2);
  TickRecord skipped = tick(config_, 2, 5);
  skipped.workloads[0].changes[0].skipped = true;
  events_->publish(skipped);
  TickRecord refused = tick(config_, 2, 6);
  refused.workloads[0].changes[0].error = Error{Code::kConflict, "somebody else was first"};
  events_->publish(refused);
  TickRecord dry = tick(config_, 2, 7);
  dry.dry_run = true;
  events_->publish(dry);
  resized(2, 3);
  ASSERT_TRUE(eventually([&] { return !seen().empty(); }));
  EXPECT_EQ(seen().size(), 1u);
  EXPECT_EQ(seen()[0]["count"], 1);
}

TEST_P(ScaleEventsTest, AFailureIsReportedOnce) {
  start("writer-token");  // who may do nothing here
  for (int32_t size = 2; size < 6; ++size) resized(size, size + 1);
  ASSERT_TRUE(eventually([&] { return failures() == 1; }));
  allow("writer", R"([{"apiGroups":[""],"resources":["events"],"verbs":["create","patch"]}])");
  ASSERT_TRUE(eventually([&] {
    resized(2, 3);
    return !seen().empty();
  }));
  EXPECT_EQ(failures(), 1u);
}

}  // namespace
}  // namespace autoscaler
