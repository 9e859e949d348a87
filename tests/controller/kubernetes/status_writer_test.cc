#include "controller/kubernetes/status_writer.h"

#include "tests/controller/kubernetes/on_both_servers.h"
#include "tests/fakes/eventually.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using Urgency = StatusWriter::Urgency;

class StatusWriterTest : public OnTheFakeServer {
 protected:
  PolicyObject object(const std::string& name) const { return {space_, name, "", 1}; }
  // Whose status was sent, in order.
  std::vector<std::string> sent() const {
    std::vector<std::string> names;
    for (const json& entry : json::parse(server_->audit())) {
      const std::string asked = entry["path"];
      if (entry["method"] != "PATCH" || asked.find(space_) == std::string::npos) continue;
      const std::string whose = asked.substr(0, asked.rfind('/'));
      names.push_back(whose.substr(whose.rfind('/') + 1));
    }
    return names;
  }
};
INSTANTIATE_TEST_SUITE_P(Server, StatusWriterTest, kFakeServer, server_name);

// Nobody serves these objects; what is asked is what is looked at.
TEST_P(StatusWriterTest, WhatWouldBeMissedMostIsSentFirst) {
  faults(R"({"latency_ms": 2000})");  // so long the first is under way
  const auto mine = client("admin-token");
  StatusWriter writer(*mine, [](const Error&) {});
  const auto put = [&](const std::string& name, Urgency urgency) {
    writer.know(object(name), "1", json::object());
    writer.put(object(name), name, PolicyStatus{wall_clock(), 1, {{"desiredReplicas", 2}}, {}},
               urgency);
  };
  put("under-way", Urgency::kTold);
  ASSERT_TRUE(eventually([&] { return sent().size() == 1; }));
  put("told", Urgency::kTold);
  put("raised", Urgency::kTold);
  put("left", Urgency::kHandOver);
  put("ordered", Urgency::kOrder);
  put("raised", Urgency::kHandOver);
  put("ordered", Urgency::kTold);
  faults(R"({"latency_ms": 0})");
  ASSERT_TRUE(writer.flush(std::chrono::seconds(30)));
  EXPECT_THAT(sent(), ElementsAre("under-way", "ordered", "left", "raised", "told"));
}

}  // namespace
}  // namespace autoscaler
