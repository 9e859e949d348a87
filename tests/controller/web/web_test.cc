#include "controller/web/web.h"

#include "base/fetch.h"
#include "tests/controller/telemetry/full_record.h"
#include "tests/controller/web/child_process.h"
#include "tests/fakes/free_port.h"
#include "tests/fakes/temp_directory.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

namespace autoscaler {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using testing::HasSubstr;

ControllerSpec listening_at(uint16_t port) {
  ControllerSpec controller;
  controller.listen_port = port;
  return controller;
}

class WebTest : public testing::Test {
 protected:
  WebTest() {
    auto web = Web::start(listening_at(0), {telemetry_, [] { return kTen; }});
    CHECK(web.ok());
    web_ = std::move(*web);
  }

  void tick(const std::shared_ptr<const TickRecord>& record) {
    telemetry_.observe(record);
    web_->publish(record);
  }

  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(web_->port()) + path;
  }

  Result<FetchResponse> get(const std::string& path) {
    const std::vector<FetchRequest> requests = {{url(path), {}}};
    return fetcher_.fetch(requests).at(0);
  }

  Telemetry telemetry_;
  std::unique_ptr<Web> web_;
  Fetcher fetcher_{FetchLimits{.deadline = seconds(10)}};
};

TEST_F(WebTest, AnswersARealClient) {
  EXPECT_EQ(get("/readyz")->status, 503);
  tick(full_record({"cart", "checkout"}));
  EXPECT_EQ(get("/readyz")->status, 200);
  EXPECT_EQ(get("/healthz")->status, 200);
  EXPECT_THAT(get("/metrics")->body, HasSubstr("autoscaler_wanted_replicas{workload=\"cart\"} 5"));
  EXPECT_EQ(json::parse(get("/api/v1/workloads")->body)["workloads"].size(), 2u);
  EXPECT_EQ(json::parse(get("/api/v1/decisions?workload=c%61rt&limit=5")->body)["decisions"].size(),
            1u);
  EXPECT_EQ(get("/nothing")->status, 404);
}

TEST_F(WebTest, APortThatIsTakenIsNamedByItsKeyInTheConfig) {
  const auto second = Web::start(listening_at(web_->port()), {telemetry_, [] { return kTen; }});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, Code::kConflict);
  EXPECT_THAT(second.error().message, HasSubstr("controller.listen"));
}

TEST_F(WebTest, PagesAreReadWhileTicksArePublished) {
  std::atomic<bool> stop{false};
  std::thread loop([&] {
    for (uint64_t number = 1; !stop; ++number) {
      const auto record = full_record({"cart", "checkout"});
      record->number = number;
      record->workloads[0].decision.to = static_cast<int32_t>(number % 7);
      tick(record);
    }
  });
  while (get("/readyz")->status != 200) {
  }
  for (int round = 0; round < 20; ++round) {
    for (const char* path : {"/metrics", "/healthz", "/api/v1/workloads", "/api/v1/workloads/cart",
                             "/api/v1/decisions?limit=100"}) {
      const auto response = get(path);
      ASSERT_TRUE(response.ok()) << response.error().message;
      EXPECT_EQ(response->status, 200) << path;
    }
  }
  stop = true;
  loop.join();
}

std::string contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST_F(WebTest, PrometheusScrapesIt) {
  tick(full_record({"a \"quoted\"\nback\\slash \xc3\xa4", "checkout"}));
  TempDirectory directory;
  std::ofstream(directory / "prometheus.yml")
      << "global: {scrape_interval: 200ms, scrape_timeout: 200ms}\n"
      << "scrape_configs:\n  - job_name: autoscaler\n    static_configs:\n"
      << "      - targets: ['127.0.0.1:" << web_->port() << "']\n";
  const std::string address = "127.0.0.1:" + std::to_string(free_port());
  ChildProcess prometheus(
      {"prometheus", "--config.file=" + (directory / "prometheus.yml"),
       "--storage.tsdb.path=" + (directory / "data"), "--web.listen-address=" + address},
      directory / "log");

  // The value of a query's only series, once it has one.
  const auto query = [&](const std::string& expression) -> std::optional<std::string> {
    const std::vector<FetchRequest> requests = {
        {"http://" + address + "/api/v1/query?query=" + expression, {}}};
    const auto response = fetcher_.fetch(requests).at(0);
    if (!response || response->status != 200) return std::nullopt;
    const json result = json::parse(response->body)["data"]["result"];
    if (result.size() != 1) return std::nullopt;
    return result[0]["value"][1].get<std::string>();
  };
  const auto deadline = std::chrono::steady_clock::now() + seconds(60);
  while (query("up") != "1" ||
         query("autoscaler_wanted_replicas%7Bworkload=%22checkout%22%7D") != "5") {
    ASSERT_FALSE(prometheus.ended()) << contents(directory / "log");
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << contents(directory / "log");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(query("count(autoscaler_wanted_replicas)"), "2");
  // Every series of the page arrived.
  int series = 0;
  std::istringstream page(get("/metrics")->body);
  for (std::string line; std::getline(page, line);) series += line.starts_with('#') ? 0 : 1;
  EXPECT_EQ(query("count(%7B__name__=~%22autoscaler_.*%22%7D)"), std::to_string(series));
}

}  // namespace
}  // namespace autoscaler
