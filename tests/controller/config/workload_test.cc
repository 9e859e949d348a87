#include "controller/config/config.h"
#include "tests/controller/config/print_config.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using ::testing::HasSubstr;

TEST(Workload, OfADecideDocumentNeedsNoTargetAndNoSources) {
  const WorkloadResult result = parse_workload(
      R"({"name": "shop", "replicas": {"min": 0, "max": 9},
          "signals": {"cpu": {"counter": "cpu", "capacity": 1}, "queue": {}, "rps": {"value": "requestRate"}},
          "policies": [{"track": {"signal": "cpu", "target": 0.65}}, {"track": {"signal": "queue", "target": 3}}]})",
      "decide.json");
  ASSERT_TRUE(result.workload) << problems_text(result.problems);
  EXPECT_EQ(result.workload->spec.bounds.max, 9);
  EXPECT_TRUE(result.workload->spec.signals.at(0).is_utilization);
  EXPECT_TRUE(std::holds_alternative<BalancerRead>(result.workload->queries.at(2).how));
}

TEST(Workload, IsOneDocument) {
  EXPECT_THAT(problems_text(parse_workload("", "x").problems), HasSubstr("found 0 documents"));
  EXPECT_THAT(problems_text(parse_workload("{}\n---\n{}\n", "x").problems),
              HasSubstr("found 2 documents"));
  EXPECT_THAT(problems_text(parse_workload("{\"name\": 5}", "x").problems),
              HasSubstr("x:1:1: replicas: missing"));
}

}  // namespace
}  // namespace autoscaler
