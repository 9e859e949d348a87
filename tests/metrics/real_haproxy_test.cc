#include "base/fetch.h"
#include "metrics/haproxy_source.h"
#include "metrics/haproxy_stat.h"
#include "tests/base/raw_server.h"
#include "tests/fakes/eventually.h"
#include "tests/fakes/haproxy_process.h"
#include "tests/metrics/scraped.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <semaphore>
#include <string>
#include <thread>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using What = BalancerRead::What;

constexpr Instant kStart{std::chrono::hours(500'000)};
constexpr Duration kTimeout = seconds(2);

// Answers /.../bad with 500, /.../slow when a test lets it, and all others at once.
class Origin {
 public:
  Origin() : server_([this](RawConnection& c) { serve(c); }) {}

  std::string address() const { return "127.0.0.1:" + std::to_string(server_.port()); }
  void let_go(int requests) { slow_.release(requests); }

 private:
  void serve(RawConnection& connection) {
    while (connection.read_request()) {
      const bool bad = connection.request().find("/bad ") != std::string::npos;
      if (connection.request().find("/slow ") != std::string::npos) slow_.acquire();
      connection.send(std::string("HTTP/1.1 ") + (bad ? "500 Broken" : "200 OK") +
                      "\r\nContent-Length: 0\r\n\r\n");
    }
  }

  std::counting_semaphore<> slow_{0};
  RawServer server_;
};

class RealHaproxyTest : public testing::Test {
 protected:
  RealHaproxyTest()
      : haproxy(
            "frontend web\n  bind 127.0.0.1:{port}\n  use_backend %[path,field(2,/)]\n"
            "backend app\n  timeout queue 30s\n  server s1 " +
            origin.address() + " maxconn 1\nbackend none\n"),
        source_({{"app", haproxy.socket(), "app", kTimeout},
                 {"none", haproxy.socket(), "none", kTimeout}}) {}

  std::string read(const std::string& workload, What what, int64_t second) {
    const std::vector<SignalQuery> signals = {{BalancerRead{what, seconds(60)}}};
    const WorkloadQuery query{&workload, signals, {}};
    std::vector<Signals> answers(1, Signals(1));
    std::vector<ReadError> errors;
    source_.read({&query, 1}, kStart + seconds(second), answers, errors);
    return shown(std::get<Reading>(answers[0][0].readings));
  }

  void get(const std::string& path, int expected_status) const {
    Fetcher fetcher(FetchLimits{.deadline = seconds(20)});
    const FetchRequest request{"http://127.0.0.1:" + std::to_string(haproxy.port()) + "/" + path,
                               {}};
    const auto responses = fetcher.fetch({&request, 1});
    ASSERT_TRUE(responses[0].ok()) << responses[0].error().message;
    EXPECT_EQ(responses[0]->status, expected_status);
  }

  // HAProxy counts a response after it has sent it. Waits until it has counted so many since it
  // started.
  void wait_for_responses(const std::string& backend, double count) const {
    EXPECT_TRUE(eventually([&] {
      const auto stats = parse_haproxy_stat(haproxy.ask("show stat"));
      if (!stats.ok()) return false;
      return std::any_of(stats->begin(), stats->end(), [&](const HaproxyBackendStat& stat) {
        return stat.name == backend && stat.requests == count && stat.responses == count;
      });
    }));
  }

  Origin origin;
  HaproxyProcess haproxy;

 private:
  HaproxySource source_;
};

TEST_F(RealHaproxyTest, CountsRequestsThroughARestart) {
  EXPECT_EQ(read("app", What::kRequestRate, 0), "too_few_samples");
  for (int i = 0; i < 6; ++i) get("app", 200);
  wait_for_responses("app", 6);
  EXPECT_EQ(read("app", What::kRequestRate, 5), "1.2");
  haproxy.stop();
  EXPECT_EQ(read("app", What::kRequestRate, 10), "unreachable");
  haproxy.start();
  for (int i = 0; i < 4; ++i) get("app", 200);
  wait_for_responses("app", 4);
  EXPECT_EQ(read("app", What::kRequestRate, 20), "0.5");  // 6 before, 4 since
}

TEST_F(RealHaproxyTest, CountsTheServersErrors) {
  EXPECT_EQ(read("app", What::kErrors, 0), "too_few_samples");
  for (int i = 0; i < 3; ++i) get("app", 200);
  get("app/bad", 500);
  wait_for_responses("app", 4);
  EXPECT_EQ(read("app", What::kErrors, 4), "0.25/1");
}

// What makes the balancer worth asking: it counts where no instance is left to do so.
TEST_F(RealHaproxyTest, KnowsTheDemandOnAServiceWithoutInstances) {
  EXPECT_EQ(read("none", What::kRequestRate, 0), "too_few_samples");
  for (int i = 0; i < 5; ++i) get("none", 503);
  wait_for_responses("none", 5);
  EXPECT_EQ(read("none", What::kRequestRate, 5), "1");
}

TEST_F(RealHaproxyTest, CountsItsOwnErrorsWhereThereIsNoInstance) {
  EXPECT_EQ(read("none", What::kErrors, 0), "too_few_samples");
  for (int i = 0; i < 5; ++i) get("none", 503);
  wait_for_responses("none", 5);
  EXPECT_EQ(read("none", What::kErrors, 5), "1/1");
}

TEST_F(RealHaproxyTest, SeesTheQueueAndTheRequestsInFlight) {
  EXPECT_EQ(read("app", What::kQueue, 0), "0");
  EXPECT_EQ(read("app", What::kSessions, 0), "0");
  std::vector<std::jthread> clients;
  for (int i = 0; i < 3; ++i) clients.emplace_back([this] { get("app/slow", 200); });
  EXPECT_TRUE(eventually([&] { return read("app", What::kQueue, 1) == "2"; }));
  EXPECT_TRUE(eventually([&] { return read("app", What::kSessions, 1) == "3"; }));
  origin.let_go(3);
  clients.clear();
  EXPECT_TRUE(eventually([&] { return read("app", What::kQueue, 2) == "0"; }));
  EXPECT_TRUE(eventually([&] { return read("app", What::kSessions, 2) == "0"; }));
}

TEST_F(RealHaproxyTest, HasAResponseTimeAfterTheFirstResponse) {
  EXPECT_EQ(read("app", What::kResponseTime, 0), "0/0");
  get("app", 200);
  EXPECT_TRUE(eventually([&] {
    const std::string seconds_shown = read("app", What::kResponseTime, 1);
    return seconds_shown.ends_with("/1") && seconds_shown.starts_with("0");  // "0.001/1"
  }));
}

TEST_F(RealHaproxyTest, SaysThatHaproxyHangsAndCarriesOnAfterwards) {
  EXPECT_EQ(read("app", What::kRequestRate, 0), "too_few_samples");
  for (int i = 0; i < 4; ++i) get("app", 200);
  wait_for_responses("app", 4);
  haproxy.pause();
  EXPECT_EQ(read("app", What::kRequestRate, 5), "timeout");
  haproxy.resume();
  EXPECT_EQ(read("app", What::kRequestRate, 8), "0.5");
}

}  // namespace
}  // namespace autoscaler
