#include "controller/snapshot/decide.h"
#include "controller/snapshot/snapshot.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace autoscaler {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

// Two instances, no load, and office hours from 8 to 18 in Berlin.
Json document(const char* now) {
  Json input = Json::parse(R"({
    "policy": {"name": "shop", "replicas": {"min": 1, "max": 20}, "behavior": "none",
               "signals": {"cpu": {"source": "scrape", "gauge": "cpu", "capacity": 1}},
               "policies": [{"track": {"signal": "cpu", "target": "50%"}},
                            {"name": "office", "schedule": {"cron": "0 8 * * MON-FRI", "for": "10h",
                             "timeZone": "Europe/Berlin", "min": 12}}]},
    "instances": [{"id": "a"}, {"id": "b"}],
    "history": {"recommendations": []}})");
  input["now"] = now;
  input["signals"]["cpu"] = {{{"instance", "a"}, {"value", 0.5}},
                             {{"instance", "b"}, {"value", 0.5}}};
  return input;
}

Json decide(const Json& input) {
  const Result<std::string> decided = decide_json(input.dump());
  EXPECT_TRUE(decided.ok()) << decided.error().message;
  return decided.ok() ? Json::parse(*decided) : Json();
}

TEST(DecideSchedules, AreOpenByTheirPolicyAtNow) {
  const Json open = decide(document("2026-11-30T07:00:00Z"));
  EXPECT_EQ(open["to"], 12);
  EXPECT_EQ(open["reason"], "scheduled");
  EXPECT_EQ(open["adjustments"].back()["rule"], "schedule_min");
  EXPECT_EQ(open["adjustments"].back()["policy"], "office");
  const Json closed = decide(document("2026-11-30T06:59:59Z"));
  EXPECT_EQ(closed["to"], 2);
  EXPECT_EQ(closed["proposals"][0]["abstain"], "outside_window");
}

TEST(DecideSchedules, AreThoseOfTheDocumentWhereItTells) {
  Json input = document("2026-11-30T07:00:00Z");
  input["schedules"] = Json::object();
  EXPECT_EQ(decide(input)["to"], 2);
  input = document("2026-11-29T07:00:00Z");
  input["schedules"]["office"] = {{"opens", "2026-11-29T06:00:00Z"},
                                  {"closes", "2026-11-29T08:00:00Z"}};
  EXPECT_EQ(decide(input)["to"], 12);
}

TEST(DecideSchedules, AreRecordedAndFoundAnewUnderAnotherPolicy) {
  Json input = document("2026-11-30T07:00:00Z");
  input["schedules"] = Json::object();
  const Result<Snapshot> snapshot = parse_snapshot(input.dump());
  ASSERT_TRUE(snapshot.ok()) << snapshot.error().message;
  const std::string written = snapshot_text(
      snapshot->config, inputs_json(snapshot->config, snapshot->workload, snapshot->signals,
                                    snapshot->recent, snapshot->now));
  EXPECT_EQ(Json::parse(written)["schedules"], Json::object())
      << "what was closed stays closed in a replay";
  EXPECT_TRUE(parse_snapshot(written)->workload.windows.empty());
  EXPECT_EQ(parse_snapshot(written, UnknownNames::kDrop)->workload.windows.size(), 1u);
}

TEST(DecideSchedules, OrdersOfOperatorsCount) {
  Json input = document("2026-11-30T07:00:00Z");
  input["orders"]["pause"] = {{"direction", "out"}};
  const Json paused = decide(input);
  EXPECT_EQ(paused["to"], 2);
  EXPECT_EQ(paused["reason"], "paused");
  input["orders"] = {{"size", {{"replicas", 5}, {"until", "2026-11-30T08:00:00Z"}}}};
  EXPECT_EQ(decide(input)["to"], 5);
}

TEST(DecideSchedules, WhatIsWrongIsNamed) {
  Json input = document("2026-11-30T07:00:00Z");
  input["schedules"]["track-cpu"] = {{"opens", "2026-11-29T06:00:00Z"},
                                     {"closes", "2026-11-29T08:00:00Z"}};
  input["orders"] = {{"pause", {{"direction", "up"}}}, {"size", {{"replicas", 5}}}};
  const auto decided = decide_json(input.dump());
  ASSERT_FALSE(decided.ok());
  EXPECT_THAT(decided.error().message, HasSubstr("schedules.track-cpu: "));
  EXPECT_THAT(decided.error().message, HasSubstr("orders.pause.direction: "));
  EXPECT_THAT(decided.error().message, HasSubstr("orders.size.until: "));
}

}  // namespace
}  // namespace autoscaler
