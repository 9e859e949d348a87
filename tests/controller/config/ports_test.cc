#include "controller/config/config.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace autoscaler {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Part {
  const char* name;
  const char* host;
  const char* ports;
};

// One line a workload, the first on line 3.
std::vector<ConfigProblem> problems_of(const char* listen, const std::vector<Part>& parts) {
  std::string text = std::string("controller: {listen: \"") + listen + "\"}\nworkloads:\n";
  for (const Part& part : parts) {
    text += std::string("  - {name: ") + part.name +
            ", replicas: {min: 1, max: 1}, target: {process: {command: [a, \"{port}\"], host: \"" +
            part.host + "\", ports: " + part.ports + "}}}\n";
  }
  return parse_config(text, "ports.yaml").problems;
}

std::vector<std::string> paths_of(const std::vector<ConfigProblem>& problems) {
  std::vector<std::string> paths;
  for (const ConfigProblem& problem : problems) paths.push_back(problem.path);
  return paths;
}

constexpr const char* kApart = "127.0.0.1:8080";

TEST(Ports, OverlapThoughAnotherAddressBeginsInBetween) {
  const auto problems = problems_of(kApart, {{"a", "127.0.0.1", "9000-9100"},
                                             {"b", "127.0.0.2", "9010-9020"},
                                             {"c", "127.0.0.1", "9050-9060"}});
  ASSERT_THAT(paths_of(problems), ElementsAre("workloads[2].target.process.ports"));
  EXPECT_THAT(problems[0].message, HasSubstr("overlaps 9000-9100 of the workload 'a' (line 3)"));
}

TEST(Ports, OverlapWithTheWidestThoughANarrowOneBeginsInBetween) {
  const auto problems = problems_of(kApart, {{"a", "127.0.0.1", "9000-9100"},
                                             {"b", "127.0.0.1", "9010-9020"},
                                             {"c", "127.0.0.1", "9050-9060"}});
  EXPECT_THAT(paths_of(problems), ElementsAre("workloads[1].target.process.ports",
                                              "workloads[2].target.process.ports"));
}

TEST(Ports, OverlapIsToldAtTheOneThatStandsLater) {
  const auto problems =
      problems_of(kApart, {{"c", "127.0.0.1", "9050-9060"}, {"a", "localhost", "9000-9100"}});
  ASSERT_THAT(paths_of(problems), ElementsAre("workloads[1].target.process.ports"));
  EXPECT_THAT(problems[0].message, HasSubstr("'c' (line 3)"));
}

TEST(Ports, OverlapOfAddressesInAnotherSpelling) {
  EXPECT_THAT(
      paths_of(problems_of(kApart, {{"a", "::1", "9000-9009"}, {"b", "0:0::1", "9009-9019"}})),
      ElementsAre("workloads[1].target.process.ports"));
}

TEST(Ports, AreFreeOnAnotherAddressAndBesideEachOther) {
  EXPECT_THAT(problems_of(kApart, {{"a", "127.0.0.1", "9000-9009"},
                                   {"b", "127.0.0.2", "9000-9009"},
                                   {"c", "127.0.0.1", "9010-9019"},
                                   {"d", "::1", "9000-9019"}}),
              IsEmpty());
}

TEST(Ports, HoldOurOwnWhenItListensThereOrEverywhere) {
  const std::vector<Part> part = {{"a", "127.0.0.2", "8080-8089"}};
  EXPECT_THAT(problems_of("127.0.0.1:8080", part), IsEmpty());
  for (const char* listen : {"127.0.0.2:8080", ":8080", "[::]:8080"}) {
    EXPECT_THAT(paths_of(problems_of(listen, part)),
                ElementsAre("workloads[0].target.process.ports"))
        << listen;
  }
}

}  // namespace
}  // namespace autoscaler
