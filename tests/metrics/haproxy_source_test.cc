#include "metrics/haproxy_source.h"

#include "tests/metrics/scraped.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <mutex>
#include <set>
#include <string>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using What = BalancerRead::What;

constexpr Instant kStart{std::chrono::hours(500'000)};

struct Backend {
  int queued = 0;
  int sessions = 0;
  int ok = 0;
  int failed = 0;
  int response_ms = 0;
};

std::string stat_of(const std::string& name, const Backend& b) {
  const auto text = [](int n) { return std::to_string(n) + ","; };
  return "# pxname,svname,qcur,scur,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,"
         "req_tot,rtime,\n" +
         name + ",BACKEND," + text(b.queued) + text(b.sessions) + "0," + text(b.ok) + "0,0," +
         text(b.failed) + "0," + text(b.ok + b.failed) + text(b.response_ms) + "\n\n";
}

// One workload "shop" with its backend "app" behind the socket "/s".
class HaproxySourceTest : public testing::Test {
 protected:
  HaproxySourceTest()
      : source_({{"shop", "/s", "app"}},
                [this](const std::string&, std::string_view, Duration) { return answer; }) {}

  void read(const std::vector<What>& whats, int64_t second) {
    std::vector<SignalQuery> signals;
    for (const What what : whats) signals.push_back({BalancerRead{what, seconds(30)}});
    const std::string workload = "shop";
    const WorkloadQuery query{&workload, signals, {}};
    answers_.assign(1, Signals(signals.size()));
    errors.clear();
    source_.read({&query, 1}, kStart + seconds(second), answers_, errors);
  }
  const Reading& reading(size_t i = 0) const { return std::get<Reading>(answers_[0][i].readings); }

  Result<std::string> answer = std::string();
  std::vector<ReadError> errors;

  std::vector<Signals> answers_;
  HaproxySource source_;
};

TEST_F(HaproxySourceTest, AnotherListKeepsTheWindowsOfWhatStandsInBoth) {
  answer = stat_of("app", {.ok = 100});
  read({What::kRequestRate}, 0);
  source_.follow({{"api", "/s", "api"}, {"shop", "/s", "app"}});
  answer = stat_of("app", {.ok = 200});
  read({What::kRequestRate}, 10);
  EXPECT_EQ(shown(reading()), "10");
  source_.follow({{"shop", "/s", "other"}});
  answer = stat_of("other", {.ok = 300});
  read({What::kRequestRate}, 20);
  EXPECT_EQ(shown(reading()), "too_few_samples") << "another backend";
  source_.follow({});
  read({What::kRequestRate}, 30);
  EXPECT_EQ(shown(reading()), shown(Reading{})) << "left to the next source";
}

TEST_F(HaproxySourceTest, TellsWhatTheBalancerKnows) {
  const std::vector<What> all = {What::kRequestRate, What::kQueue, What::kResponseTime,
                                 What::kErrors, What::kSessions};
  answer = stat_of("app", {.queued = 3, .sessions = 7, .ok = 80, .failed = 20, .response_ms = 250});
  read(all, 0);
  EXPECT_EQ(shown(reading(0)), "too_few_samples");
  EXPECT_EQ(shown(reading(1)), "3");
  EXPECT_EQ(shown(reading(2)), "0.25/1");
  EXPECT_EQ(shown(reading(3)), "too_few_samples");
  EXPECT_EQ(shown(reading(4)), "7");
  answer =
      stat_of("app", {.queued = 0, .sessions = 0, .ok = 170, .failed = 30, .response_ms = 300});
  read(all, 10);
  EXPECT_EQ(shown(reading(0)), "10");
  EXPECT_EQ(shown(reading(1)), "0");
  EXPECT_EQ(shown(reading(2)), "0.3/1");
  EXPECT_EQ(shown(reading(3)), "1/10");
  EXPECT_EQ(shown(reading(4)), "0");
  EXPECT_EQ(std::get<Measured>(reading(0)).window, Duration(seconds(10)));
  EXPECT_THAT(errors, IsEmpty());
}

TEST_F(HaproxySourceTest, CountsFromZeroAfterARestart) {
  const std::vector<What> rates = {What::kRequestRate, What::kErrors};
  answer = stat_of("app", {.ok = 900, .failed = 100});
  read(rates, 0);
  // 5xx is higher than before and has still begun at 0 with the others.
  answer = stat_of("app", {.ok = 10, .failed = 110});
  read(rates, 10);
  EXPECT_EQ(shown(reading(0)), "12");
  EXPECT_EQ(shown(reading(1)), "11/12");
}

TEST_F(HaproxySourceTest, HasNoResponseTimeWhileTheFirstRequestIsInFlight) {
  answer = stat_of("app", {.sessions = 1});
  read({What::kResponseTime}, 0);
  EXPECT_EQ(shown(reading()), "too_few_samples");
  // Below a millisecond it is 0, and measured.
  answer = stat_of("app", {.ok = 1, .response_ms = 0});
  read({What::kResponseTime}, 5);
  EXPECT_EQ(shown(reading()), "0/1");
}

TEST_F(HaproxySourceTest, HasNoResponseTimeToTellWithoutTraffic) {
  answer = stat_of("app", {});
  read({What::kResponseTime}, 0);
  EXPECT_EQ(shown(reading()), "0/0") << "nobody has asked anything";
  answer = stat_of("app", {.ok = 5, .response_ms = 900});
  read({What::kResponseTime}, 5);
  read({What::kResponseTime}, 34);
  EXPECT_EQ(shown(reading()), "0.9/1") << "the window is 30 s";
  EXPECT_EQ(std::get<Measured>(reading()).at, kStart + seconds(34));
  read({What::kResponseTime}, 35);
  EXPECT_EQ(shown(reading()), "0/0");
  EXPECT_EQ(std::get<Measured>(reading()).at, kStart + seconds(35));
}

TEST_F(HaproxySourceTest, LetsTheResponseTimeGrowOldWhileNothingIsAnswered) {
  answer = stat_of("app", {.ok = 5, .response_ms = 900});
  read({What::kResponseTime}, 0);
  answer = stat_of("app", {.sessions = 3, .ok = 5, .response_ms = 900});
  read({What::kResponseTime}, 60);
  EXPECT_EQ(std::get<Measured>(reading()).at, kStart);
  answer = stat_of("app", {.ok = 6, .response_ms = 800});
  read({What::kResponseTime}, 65);
  EXPECT_EQ(std::get<Measured>(reading()).at, kStart + seconds(65));
}

TEST_F(HaproxySourceTest, SaysWhyItCannotKnow) {
  const std::pair<Result<std::string>, const char*> table[] = {
      {Error{Code::kUnavailable, "no such socket"}, "unreachable"},
      {Error{Code::kDenied, "permission"}, "unreachable"},
      {Error{Code::kTimeout, "late"}, "timeout"},
      {Error{Code::kTooLarge, "big"}, "too_large"},
      {std::string("Permission denied\n\n"), "malformed"},
      {stat_of("other", {}), "no_series"},
  };
  for (const auto& [given, expected] : table) {
    answer = given;
    read({What::kQueue, What::kRequestRate}, 0);
    EXPECT_EQ(shown(reading(0)), expected);
    EXPECT_EQ(shown(reading(1)), expected);
    ASSERT_THAT(errors, SizeIs(1));
    EXPECT_EQ(errors[0].workload, "shop");
    EXPECT_EQ(errors[0].instance, "");
    EXPECT_EQ(errors[0].detail, detail_of(reading()));
  }
}

TEST_F(HaproxySourceTest, KnowsThatATcpBackendCountsNoRequests) {
  answer = std::string(
      "# pxname,svname,qcur,scur,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,"
      "req_tot,rtime,\napp,BACKEND,0,2,,,,,,,,0,\n\n");
  for (const What what : {What::kRequestRate, What::kErrors, What::kResponseTime}) {
    read({what}, 0);
    EXPECT_EQ(shown(reading()), "no_series");
    EXPECT_THAT(detail_of(reading()), HasSubstr("HTTP mode"));
  }
  read({What::kSessions}, 0);
  EXPECT_EQ(shown(reading()), "2");
}

TEST_F(HaproxySourceTest, BeginsAnewWhenASignalComesToMeanAnotherThing) {
  answer = stat_of("app", {.ok = 100});
  read({What::kRequestRate}, 0);
  answer = stat_of("app", {.ok = 200});
  read({What::kErrors}, 10);
  EXPECT_EQ(shown(reading()), "too_few_samples");
}

TEST(HaproxySource, AsksEachSocketOnceAndAllAtTheSameTime) {
  // Every call waits for the two others: it would hang if they came one after the other.
  std::barrier together(3);
  std::mutex mutex;
  std::multiset<std::string> asked;
  HaproxySource source({{"a", "/1", "a"}, {"b", "/1", "b"}, {"c", "/2", "c"}, {"d", "/3", "d"}},
                       [&](const std::string& socket, std::string_view, Duration) {
                         together.arrive_and_wait();
                         const std::lock_guard lock(mutex);
                         asked.insert(socket);
                         const std::string backend = socket == "/2" ? "c" : "a";
                         return Result<std::string>(stat_of(backend, {.queued = 4}));
                       });
  const std::vector<std::string> names = {"a", "b", "c", "d", "elsewhere"};
  const std::vector<SignalQuery> signals = {{BalancerRead{What::kQueue}}};
  std::vector<WorkloadQuery> queries;
  for (const std::string& name : names) queries.push_back({&name, signals, {}});
  std::vector<Signals> answers(5, Signals{Signal{Missing{MissingReason::kStale, "untouched"}}});
  std::vector<ReadError> errors;
  source.read(queries, kStart, answers, errors);
  EXPECT_THAT(asked, ElementsAre("/1", "/2", "/3"));
  std::vector<std::string> readings;
  for (const Signals& s : answers) readings.push_back(shown(std::get<Reading>(s[0].readings)));
  EXPECT_THAT(readings, ElementsAre("4", "no_series", "4", "no_series", "stale"));
}

TEST(HaproxySource, AsksNobodyWhenNoSignalWantsIt) {
  HaproxySource source({{"a", "/1", "a"}},
                       [](const std::string&, std::string_view, Duration) -> Result<std::string> {
                         ADD_FAILURE() << "asked";
                         return std::string();
                       });
  const std::string name = "a";
  const std::vector<SignalQuery> signals = {{ScrapeRead{GaugeOf{{"m", {}}}}}};
  const WorkloadQuery query{&name, signals, {}};
  std::vector<Signals> answers(1, Signals(1));
  std::vector<ReadError> errors;
  source.read({&query, 1}, kStart, answers, errors);
  EXPECT_THAT(errors, IsEmpty());
}

}  // namespace
}  // namespace autoscaler
