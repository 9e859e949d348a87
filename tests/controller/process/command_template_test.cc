#include "controller/process/command_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

const InstanceIdentity kIdentity{"web", "web-7", "/var/lib/autoscaler", 9003};

TEST(CommandTemplate, FillsInWhatItKnowsAndLeavesEveryOtherBrace) {
  struct Case {
    const char* text;
    const char* filled;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"", ""},
           {"plain", "plain"},
           {"{port}", "9003"},
           {"--listen=127.0.0.1:{port}", "--listen=127.0.0.1:9003"},
           {"{workload}/{instance}/{port}{port}", "web/web-7/90039003"},
           {"{\"port\": {port}}", "{\"port\": 9003}"},
           {"{unknown} {", "{unknown} {"},
           {"{{port}}", "{9003}"},
           {"${PORT}", "${PORT}"},
       }) {
    EXPECT_EQ(fill_in(c.text, kIdentity), c.filled) << c.text;
  }
}

TEST(CommandTemplate, WhatIsFilledInIsNotFilledInAgain) {
  EXPECT_EQ(fill_in("{instance}", {"web", "{port}", "/s", 1}), "{port}");
}

TEST(CommandTemplate, FillsInEveryArgument) {
  ProcessTarget target;
  target.command = {"server", "-p", "{port}"};
  EXPECT_THAT(instance_command(target, kIdentity), ElementsAre("server", "-p", "9003"));
}

TEST(CommandTemplate, TheEnvironmentIsInheritedThenTheTargetsThenTheMarkers) {
  ProcessTarget target;
  target.environment = {{"NAME", "{instance}"}, {"PATH", "/opt"}, {"AUTOSCALER_INSTANCE", "x"}};
  EXPECT_THAT(
      instance_environment(target, kIdentity,
                           {"PATH=/bin", "HOME=/root", "AUTOSCALER_STATE=/elsewhere"}),
      ElementsAre("AUTOSCALER_INSTANCE=web-7", "AUTOSCALER_STATE=/var/lib/autoscaler",
                  "AUTOSCALER_WORKLOAD=web", "HOME=/root", "NAME=web-7", "PATH=/opt", "PORT=9003"));
}

TEST(CommandTemplate, ATargetMayUsePortForItself) {
  ProcessTarget target;
  target.environment = {{"PORT", "1{port}"}};
  EXPECT_THAT(instance_environment(target, kIdentity, {}), Contains("PORT=19003"));
  EXPECT_THAT(instance_environment(target, kIdentity, {}), Not(Contains("PORT=9003")));
}

TEST(CommandTemplate, AllThreeMarkersMustAgree) {
  const auto ours = instance_environment({}, kIdentity, {});
  EXPECT_TRUE(carries_markers(ours, "web", "web-7", "/var/lib/autoscaler"));
  EXPECT_FALSE(carries_markers(ours, "api", "web-7", "/var/lib/autoscaler"));
  EXPECT_FALSE(carries_markers(ours, "web", "web-70", "/var/lib/autoscaler"));
  EXPECT_FALSE(carries_markers(ours, "web", "web", "/var/lib/autoscaler"));
  EXPECT_FALSE(carries_markers(ours, "web", "web-7", "/var/lib"));
  EXPECT_FALSE(carries_markers({}, "web", "web-7", "/var/lib/autoscaler"));
}

TEST(CommandTemplate, TheHashChangesWithWhatRunsAndWithNothingElse) {
  ProcessTarget target;
  target.command = {"server", "{port}"};
  target.environment = {{"MODE", "fast"}};
  const std::string hash = command_hash(target);
  // Known for good: a change of the algorithm would make every running instance outdated.
  EXPECT_EQ(hash, "d510d923524073a1");

  ProcessTarget other = target;
  other.stop_grace = std::chrono::seconds(1);
  other.last_port = 9;
  EXPECT_EQ(command_hash(other), hash);

  const std::function<void(ProcessTarget&)> changes[] = {
      [](ProcessTarget& t) {
        t.command = {"server", "{port}", ""};
      },
      [](ProcessTarget& t) { t.command = {"server{port}"}; },
      [](ProcessTarget& t) { t.environment["MODE"] = "slow"; },
      [](ProcessTarget& t) { t.environment.clear(); },
      [](ProcessTarget& t) { t.working_directory = "/srv"; },
  };
  for (const auto& change : changes) {
    other = target;
    change(other);
    EXPECT_NE(command_hash(other), hash);
  }
}

}  // namespace
}  // namespace autoscaler
