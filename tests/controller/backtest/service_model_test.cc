#include "controller/backtest/service_model.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(ServiceModel, EveryKeyIsRead) {
  const ServiceModelResult read = parse_service_model(R"(
service: {cpuTime: 12ms, waitTime: 30ms, cores: 2, cpuRequest: 500m, workers: 8, timeout: 4s, startup: 90s,
          startupTail: 20s, startupFailures: 2%, startupBurn: 10s, warmUp: 1m, coldShare: 40%,
          spread: 10%, errors: 1%, retries: 30%}
metrics: {delay: 30s, lost: 2%, cpuNoise: 5%, outages: [{after: 2d, for: 30m}]}
deploys: [1d, 3d]
p95: 250ms
price: 0.04
seed: 7
)",
                                                      "service.yaml");
  for (const ConfigProblem& problem : read.problems) ADD_FAILURE() << describe(problem);
  const ServiceModel& model = read.model;
  EXPECT_EQ(model.release.cpu_time, 12ms);
  EXPECT_EQ(model.release.wait_time, 30ms);
  EXPECT_EQ(model.release.cores, 2);
  EXPECT_EQ(model.release.cpu_request, 0.5);
  EXPECT_EQ(model.release.workers, 8);
  EXPECT_EQ(model.release.timeout, 4s);
  EXPECT_EQ(model.release.startup, 90s);
  EXPECT_EQ(model.release.startup_tail, 20s);
  EXPECT_EQ(model.release.startup_failures, 0.02);
  EXPECT_EQ(model.release.startup_burn, 10s);
  EXPECT_EQ(model.release.warm_up, 1min);
  EXPECT_EQ(model.release.cold_share, 0.4);
  EXPECT_EQ(model.release.spread, 0.1);
  EXPECT_EQ(model.release.error_ratio, 0.01);
  EXPECT_EQ(model.retries, 0.3);
  EXPECT_EQ(model.metric_delay, 30s);
  EXPECT_EQ(model.lost, 0.02);
  EXPECT_EQ(model.cpu_noise, 0.05);
  ASSERT_EQ(model.outages.size(), 1u);
  EXPECT_EQ(model.outages[0].after, 48h);
  EXPECT_EQ(model.outages[0].lasts, 30min);
  EXPECT_EQ(model.deploys, (std::vector<Duration>{24h, 72h}));
  EXPECT_EQ(model.promise, 250ms);
  EXPECT_TRUE(model.promise_given);
  EXPECT_EQ(model.price, 0.04);
  EXPECT_EQ(model.seed, 7u);
}

TEST(ServiceModel, NothingWrittenIsAllDefaults) {
  const ServiceModelResult read = parse_service_model("", "");
  EXPECT_TRUE(read.problems.empty());
  EXPECT_FALSE(read.model.promise_given);
  EXPECT_EQ(read.model.promise, 300ms);
}

TEST(ServiceModel, ProblemsNamePlaceAndRemedy) {
  const auto problem = [](const char* yaml) {
    const ServiceModelResult read = parse_service_model(yaml, "s.yaml");
    return read.problems.empty() ? "" : describe(read.problems.front());
  };
  EXPECT_THAT(problem("service: {cputime: 3ms}"), HasSubstr("s.yaml:1:11: service.cputime"));
  EXPECT_THAT(problem("service: {cputime: 3ms}"), HasSubstr("did you mean 'cpuTime'?"));
  EXPECT_THAT(problem("service: {cores: 0}"), HasSubstr("not above 0"));
  EXPECT_THAT(problem("metrics: {outages: [{after: 2d}]}"), HasSubstr("for"));
  EXPECT_THAT(problem("{}\n---\n{}"), HasSubstr("second document"));
}

}  // namespace
}  // namespace autoscaler
