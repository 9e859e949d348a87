// The real sample service under the real load generator, on loopback. Times are real, so the bounds
// are wide: a busy machine may add tens of milliseconds.

#include "tests/base/raw_client.h"
#include "tests/e2e/child.h"
#include "tests/e2e/load/load_run.h"
#include "tests/e2e/load/sample_service.h"

#include <gmock/gmock.h>

#include <memory>

namespace autoscaler::e2e {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

int failed_connections(const json& summary) {
  int sum = 0;
  for (const char* kind : {"reset", "timeout", "closed", "garbled", "no-connection"}) {
    sum += summary.at(kind).get<int>();
  }
  return sum;
}

// 8 workers of 100 ms serve 80 requests per second.
const std::vector<std::string> kEightyPerSecond{"--workers", "8",       "--service-time",
                                                "100ms",     "--queue", "40"};

TEST(ServiceUnderLoad, AtHalfItsCapacityFailsNothingAndTakesItsServiceTime) {
  SampleService service(kEightyPerSecond);
  LoadRun load(service.url(), {"--rate", "40", "--duration", "4s"});
  json summary = load.summary();
  EXPECT_EQ(summary.at("ok"), summary.at("offered")) << summary;
  EXPECT_GE(summary.at("p50_ms"), 100) << summary;
  EXPECT_LT(summary.at("p95_ms"), 250) << summary;
  EXPECT_EQ(service.metric("http_requests_total{code=\"200\"}"), summary.at("ok"));
  EXPECT_EQ(service.metric("http_request_duration_seconds_count"), summary.at("ok"));
  EXPECT_NEAR(service.metric("process_cpu_seconds_total"), summary.at("ok").get<double>() * 0.1,
              0.01);
}

TEST(ServiceUnderLoad, AtTwiceItsCapacityIsSlowAndRefusesTheRest) {
  SampleService service(kEightyPerSecond);
  LoadRun load(service.url(), {"--rate", "160", "--duration", "4s"});
  json summary = load.summary();
  // 4 s at 80 per second, and the 40 that wait at the end.
  EXPECT_NEAR(summary.at("ok"), 360, 40) << summary;
  EXPECT_EQ(summary.at("5xx"), summary.at("offered").get<int>() - summary.at("ok").get<int>());
  EXPECT_EQ(failed_connections(summary), 0) << summary;
  // A full queue of 40 is half a second of waiting.
  EXPECT_GT(summary.at("p95_ms"), 500) << summary;
  EXPECT_EQ(service.metric("http_requests_total{code=\"503\"}"), summary.at("5xx"));
}

TEST(ServiceUnderLoad, LosesNothingItHasAcceptedWhenItIsTerminated) {
  SampleService service(kEightyPerSecond);
  LoadRun load(service.url(), {"--rate", "120", "--duration", "3s", "--fresh", "0.5"});
  for (int i = 0; i < 2; ++i) load.process().line();  // the head, and the first second
  service.process().signal(SIGTERM);
  json summary = load.summary();
  EXPECT_EQ(service.process().wait(), 0);
  EXPECT_EQ(failed_connections(summary), 0) << summary;
  EXPECT_GT(summary.at("ok"), 60) << summary;
  EXPECT_GT(summary.at("refused"), 100) << summary;
}

TEST(ServiceUnderLoad, WhileLingeringGoesOnServingButSaysThatItLeaves) {
  std::vector<std::string> flags = kEightyPerSecond;
  flags.insert(flags.end(), {"--linger", "60s"});
  SampleService service(flags);
  EXPECT_THAT(service.get("/healthz"), StartsWith("HTTP/1.1 200 "));
  RawClient kept(service.port());
  EXPECT_THAT(kept.get("/work"), EndsWith("done\n"));
  service.process().signal(SIGTERM);
  while (!service.get("/healthz").starts_with("HTTP/1.1 503 ")) {
  }
  EXPECT_THAT(kept.get("/work"), AllOf(HasSubstr("Connection: close\r\n"), EndsWith("done\n")));
  EXPECT_EQ(kept.read_to_end(), "");
  EXPECT_THAT(service.get("/work"), EndsWith("done\n"));
  service.process().signal(SIGTERM);
  EXPECT_EQ(service.process().wait(), 0);
}

TEST(SampleServiceHealth, IsBadDuringTheStartupDelayAndGoodAfterIt) {
  SampleService service({"--startup-delay", "300ms"});
  EXPECT_THAT(service.get("/healthz"), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(service.get("/work"), HasSubstr("X-Reason: starting\r\n"));
  while (!service.get("/healthz").starts_with("HTTP/1.1 200 ")) {
  }
  EXPECT_THAT(service.get("/work"), EndsWith("done\n"));
}

TEST(SampleServiceHealth, IsNeverGoodWhenToldSo) {
  SampleService service({"--fail-health"});
  EXPECT_THAT(service.get("/healthz"), StartsWith("HTTP/1.1 503 "));
}

TEST(SampleServiceDeath, IsWithoutAWordAfterTheTimeGiven) {
  SampleService service({"--exit-after", "100ms", "--service-time", "1h"});
  EXPECT_THAT(service.get("/work"), IsEmpty());
  EXPECT_EQ(service.process().wait(), 1);
}

TEST(SampleServicePort, WhenTakenIsNamed) {
  SampleService first({});
  Child second({SAMPLE_SERVICE, "--port", std::to_string(first.port())});
  EXPECT_EQ(second.line(), std::nullopt);
  EXPECT_EQ(second.wait(), 1);
}

}  // namespace
}  // namespace autoscaler::e2e
