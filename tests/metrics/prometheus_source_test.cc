#include "metrics/prometheus_history.h"
#include "tests/base/raw_server.h"
#include "tests/fakes/eventually.h"
#include "tests/fakes/temp_directory.h"
#include "tests/metrics/asked.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <semaphore>
#include <thread>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Instant kStart{seconds(1732280400)};

std::string ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string number(const std::string& value) {
  return ok(R"({"status":"success","data":{"resultType":"scalar","result":[1732280400,")" + value +
            R"("]}})");
}

// A server of the API that keeps every request, whole, and answers by what a test says of each.
class FakeApi {
 public:
  using Answer = std::function<std::string(const std::string& request)>;
  explicit FakeApi(Answer answer)
      : answer_(std::move(answer)), server_([this](RawConnection& c) { serve(c); }) {}

  PrometheusServer config() const {
    PrometheusServer server;
    server.url = "http://127.0.0.1:" + std::to_string(server_.port());
    server.timeout = seconds(60);
    return server;
  }
  std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  size_t count() { return requests().size(); }

 private:
  void serve(RawConnection& connection) {
    while (connection.read_request()) {
      std::string request = connection.request();
      const size_t at = request.find("Content-Length:");
      if (at != std::string::npos) {
        request += connection.read_bytes(std::stoul(request.substr(at + 15)));
      }
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      if (!connection.send(answer_(request))) return;
    }
  }

  Answer answer_;
  std::mutex mutex_;  // guards requests_
  std::vector<std::string> requests_;
  RawServer server_;
};

TEST(PrometheusSource, SaysWhatItAsksAndWhen) {
  FakeApi api([](const std::string&) { return number("1"); });
  PrometheusServer server = api.config();
  server.headers = {{"X-Scope-OrgID", "shop"}};
  Asked asked(server, {{.query = "sum(a{b=\"c d\"}) / 2", .offset = seconds(30)}});
  EXPECT_EQ(asked.read(kStart + milliseconds(250)), "1");
  const std::string request = api.requests().at(0);
  EXPECT_THAT(request, HasSubstr("POST /api/v1/query HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("X-Scope-OrgID:shop\r\n"));
  EXPECT_THAT(request, HasSubstr("Content-Type:application/x-www-form-urlencoded\r\n"));
  EXPECT_THAT(request, HasSubstr("query=sum%28a%7Bb%3D%22c%20d%22%7D%29%20%2F%202&"
                                 "time=1732280370.250&timeout="));
}

TEST(PrometheusSource, TheUrlsPathStandsBeforeTheApis) {
  FakeApi api([](const std::string&) { return number("1"); });
  PrometheusServer server = api.config();
  server.url += "/prometheus";
  Asked asked(server, {{.query = "a"}});
  EXPECT_EQ(asked.read(kStart), "1");
  EXPECT_THAT(api.requests().at(0), HasSubstr("POST /prometheus/api/v1/query HTTP/1.1\r\n"));
}

TEST(PrometheusSource, ATokenThatRotatesIsReadAnewAndNeverShown) {
  FakeApi api([](const std::string& request) {
    return request.find("Bearer second-secret") != std::string::npos
               ? number("1")
               : std::string("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
  });
  const TempDirectory directory;
  const std::string file = directory / "token";
  PrometheusServer server = api.config();
  server.bearer = SecretFile{file};
  Asked asked(server, {{.query = "a"}});
  EXPECT_EQ(asked.read(kStart), "source_error") << "no such file";
  EXPECT_THAT(detail_of(asked.reading()), HasSubstr("the file " + file + " cannot be read"));
  std::ofstream(file) << "first-secret\n";
  EXPECT_EQ(asked.read(kStart), "bad_status");
  EXPECT_THAT(detail_of(asked.reading()), HasSubstr("status 401"));
  EXPECT_THAT(detail_of(asked.reading()), Not(HasSubstr("first-secret")));
  std::ofstream(file) << "second-secret\n";
  EXPECT_EQ(asked.read(kStart), "1");
}

TEST(PrometheusSource, APasswordOrHeaderMayComeFromTheEnvironment) {
  FakeApi api([](const std::string&) { return number("1"); });
  ::setenv("AUTOSCALER_TEST_SECRET", "pass", 1);
  PrometheusServer server = api.config();
  server.basic = PrometheusServer::Basic{"user", SecretVariable{"AUTOSCALER_TEST_SECRET"}};
  server.headers = {{"X-Key", Secret(SecretVariable{"AUTOSCALER_TEST_SECRET"})}};
  Asked asked(server, {{.query = "a"}});
  EXPECT_EQ(asked.read(kStart), "1");
  EXPECT_THAT(api.requests().at(0), HasSubstr("Authorization:Basic dXNlcjpwYXNz\r\n"));
  EXPECT_THAT(api.requests().at(0), HasSubstr("X-Key:pass\r\n"));
}

TEST(PrometheusSource, WhatTwoWorkloadsAskAlikeIsAskedOnce) {
  FakeApi api([](const std::string&) { return number("7"); });
  PrometheusSource source({api.config()}, kPatient, 1);
  const std::string one = "one", two = "two";
  const std::vector<SignalQuery> signals = {{PrometheusRead{"prometheus", "a"}}};
  const WorkloadQuery queries[] = {{&one, signals, {}}, {&two, signals, {}}};
  std::vector<Signals> answers(2, Signals(1));
  std::vector<ReadError> errors;
  source.read(queries, kStart, answers, errors);
  EXPECT_EQ(shown(std::get<Reading>(answers[0][0].readings)), "7");
  EXPECT_EQ(shown(std::get<Reading>(answers[1][0].readings)), "7");
  EXPECT_EQ(api.count(), 1u);
}

// Of the config file, and of the objects of two namespaces.
std::vector<SignalQuery> of_tenants() {
  return {{PrometheusRead{.server = "prometheus", .query = "ours"}},
          {PrometheusRead{.server = "prometheus", .query = "sick"}, "a"},
          {PrometheusRead{.server = "prometheus", .query = "well"}, "b"}};
}
// The readings of one workload, as they are shown.
std::vector<std::string> read_all(PrometheusSource& source, const std::vector<SignalQuery>& all) {
  const std::string workload = "shop";
  const WorkloadQuery query{&workload, all, {}};
  std::vector<Signals> answers(1, Signals(all.size()));
  std::vector<ReadError> errors;
  source.read({&query, 1}, kStart, answers, errors);
  std::vector<std::string> texts;
  for (const Signal& each : answers[0]) texts.push_back(shown(std::get<Reading>(each.readings)));
  return texts;
}

TEST(PrometheusSource, OneTenantsQueriesThatHangTakeTheOthersNeitherTheirThreadsNorTheirServer) {
  std::counting_semaphore<> go{0};
  FakeApi api([&](const std::string& request) {
    if (request.find("sick") != std::string::npos) go.acquire();
    return number("1");
  });
  std::vector<SignalQuery> signals = of_tenants();
  for (int i = 0; i < 8; ++i) {
    signals.push_back(
        {PrometheusRead{.server = "prometheus", .query = "sick" + std::to_string(i)}, "a"});
  }
  std::swap(signals.front(), signals.back());  // they are asked first
  PrometheusSource source({api.config()}, {milliseconds(1), milliseconds(1)}, 1);
  EXPECT_TRUE(eventually([&] {
    const auto texts = read_all(source, signals);
    return texts.back() == "1" && texts[2] == "1";
  }));
  go.release(1000);
}

// Which is told to the server with each query; the config's own have what the config says, 60 s.
TEST(PrometheusSource, ATenantsQueryHasASecond) {
  FakeApi api([](const std::string&) { return number("1"); });
  PrometheusSource source({api.config()}, kPatient, 1);
  EXPECT_EQ(read_all(source, of_tenants()), (std::vector<std::string>{"1", "1", "1"}));
  ASSERT_EQ(api.count(), 3u);
  for (const std::string& request : api.requests()) {
    const int64_t given = std::stoll(request.substr(request.find("&timeout=") + 9));
    const bool is_ours = request.find("query=ours") != std::string::npos;
    EXPECT_TRUE(is_ours ? given > 30'000 : given > 0 && given <= 1'000) << request;
  }
}

TEST(PrometheusSource, AsksNoMoreAtOnceThanItMay) {
  std::atomic<int> now = 0, most = 0;
  std::counting_semaphore<> go{0};
  FakeApi api([&](const std::string&) {
    const int here = ++now;
    int before = most;
    while (before < here && !most.compare_exchange_weak(before, here)) {
    }
    go.acquire();
    --now;
    return number("1");
  });
  PrometheusServer server = api.config();
  server.concurrency = 2;
  std::vector<PrometheusRead> reads;
  for (int i = 0; i < 6; ++i) reads.push_back({.query = "q" + std::to_string(i)});
  Asked asked(server, reads, {milliseconds(1), milliseconds(1)});
  EXPECT_EQ(asked.read(kStart), "timeout timeout timeout timeout timeout timeout");
  EXPECT_THAT(detail_of(asked.reading()), HasSubstr("not answered yet"));
  EXPECT_TRUE(eventually([&] { return now == 2; }));
  go.release(1000);
  EXPECT_TRUE(eventually([&] { return asked.read(kStart) == "1 1 1 1 1 1"; }));
  EXPECT_EQ(most, 2);
}

TEST(PrometheusSource, AServerThatFailsIsLeftAloneAndProbedOnceAtATime) {
  std::atomic<bool> well = false;
  FakeApi api([&](const std::string&) {
    return well ? number("1") : std::string("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
  });
  Asked asked(api.config(), {{.query = "a"}, {.query = "b"}});
  EXPECT_EQ(asked.read(kStart), "bad_status bad_status");
  EXPECT_EQ(asked.breaker(), BreakerState::kClosed);
  EXPECT_EQ(asked.read(kStart + seconds(5)), "bad_status bad_status");
  EXPECT_EQ(asked.breaker(), BreakerState::kOpen);
  EXPECT_EQ(api.count(), 4u);
  ASSERT_EQ(asked.errors.size(), 2u);
  EXPECT_EQ(asked.errors[0].signal, 0u);
  EXPECT_EQ(asked.errors[1].signal, 1u);
  asked.read(kStart + seconds(5) + milliseconds(400));
  EXPECT_EQ(api.count(), 4u) << "it was asked within the pause";
  asked.read(kStart + seconds(6));
  EXPECT_EQ(api.count(), 5u) << "one probe";
  EXPECT_EQ(asked.breaker(), BreakerState::kOpen);
  well = true;
  EXPECT_EQ(asked.read(kStart + seconds(60)), "1 bad_status");
  EXPECT_EQ(asked.breaker(), BreakerState::kClosed);
  EXPECT_EQ(asked.read(kStart + seconds(65)), "1 1");
  EXPECT_EQ(asked.source.health().at(0).source, "prometheus/prometheus");
}

TEST(PrometheusSource, AFailureThatMayPassIsTriedAgainWithinTheDeadline) {
  std::atomic<int> times = 0;
  FakeApi api([&](const std::string&) {
    return ++times < 3 ? std::string("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
                       : number("1");
  });
  Asked asked(api.config(), {{.query = "a"}});
  EXPECT_EQ(asked.read(kStart), "1");
  EXPECT_EQ(times, 3);
}

TEST(PrometheusSource, AServerThatAsksForCalmIsNotAskedAgainAtOnce) {
  FakeApi api([](const std::string&) {
    return std::string("HTTP/1.1 429 Slow down\r\nContent-Length: 0\r\n\r\n");
  });
  Asked asked(api.config(), {{.query = "a"}});
  EXPECT_EQ(asked.read(kStart), "bad_status");
  EXPECT_EQ(api.count(), 1u);
}

TEST(PrometheusSource, ARefusedQueryNamesItsReasonAndTheQuery) {
  FakeApi api([](const std::string&) {
    const std::string body = R"({"status":"error","errorType":"bad_data","error":"no such thing"})";
    return "HTTP/1.1 400 Bad\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  });
  Asked asked(api.config(), {{.query = "foo("}});
  for (int tick = 0; tick < 5; ++tick) EXPECT_EQ(asked.read(kStart), "bad_status");
  EXPECT_EQ(detail_of(asked.reading()),
            "prometheus answered with status 400: bad_data: no such thing (query: foo()");
  EXPECT_EQ(asked.breaker(), BreakerState::kClosed);
}

TEST(PrometheusSource, ItEndsAtOnceWithAQueryUnderWay) {
  std::counting_semaphore<> go{0};
  FakeApi api([&](const std::string&) {
    go.acquire();
    return number("1");
  });
  const auto begin = std::chrono::steady_clock::now();
  {
    Asked asked(api.config(), {{.query = "a"}}, {milliseconds(1), milliseconds(1)});
    EXPECT_EQ(asked.read(kStart), "timeout");
    EXPECT_TRUE(eventually([&] { return api.count() == 1; }));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(30));
  go.release();
}

// A server's history as it is asked for at `now`.
struct AskedForThePast {
  explicit AskedForThePast(const FakeApi& api)
      : past(
            {api.config()}, [this] { return now; }, 1),
        signal{PrometheusRead{"prometheus", "a"}} {}

  // The points, or the code of the error.
  std::string ask(const SignalQuery& query, const std::stop_token& stop = {}) {
    const auto points = past.history(query, kStart, kStart + seconds(120), seconds(60), stop);
    if (!points) return code_name(points.error().code);
    std::string text;
    for (const HistoryPoint& point : *points) text += std::to_string(point.value) + " ";
    return text;
  }
  std::string ask() { return ask(signal); }

  Instant now = kStart;
  PrometheusHistory past;
  SignalQuery signal;
};

std::string range(const std::string& more = "") {
  return ok(R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":)"
            R"([[1732280400,"1"],[1732280520,"3"]]}]})" +
            more + "}");
}

TEST(PrometheusHistory, AsksForARangeOfTheSignalsQuery) {
  FakeApi api([](const std::string&) { return range(); });
  AskedForThePast asked(api);
  EXPECT_EQ(asked.ask(), "1.000000 3.000000 ");
  EXPECT_THAT(api.requests().at(0), HasSubstr("POST /api/v1/query_range"));
  EXPECT_THAT(api.requests().at(0), HasSubstr("query=a&start=1732280400.000&end=1732280520.000&"
                                              "step=60.000&timeout=60000ms"));
}

TEST(PrometheusHistory, KeepsNothingFromBeforeOrAfterWhatWasAskedFor) {
  FakeApi api([](const std::string&) {
    return ok(R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{},)"
              R"("values":[[1732280340,"1"],[1732280460,"2"],[1732280580,"3"]]}]}})");
  });
  EXPECT_EQ(AskedForThePast(api).ask(), "2.000000 ");
}

TEST(PrometheusHistory, OfWhatIsNoQueryThereIsNone) {
  FakeApi api([](const std::string&) { return range(); });
  AskedForThePast asked(api);
  EXPECT_EQ(asked.ask({ScrapeRead{}}), "invalid");
  EXPECT_EQ(asked.ask({PrometheusRead{"another", "a"}}), "invalid");
  EXPECT_EQ(api.count(), 0u);
}

TEST(PrometheusHistory, APartOfAnAnswerIsNone) {
  FakeApi api([](const std::string&) { return range(R"(,"warnings":["a store is down"])"); });
  EXPECT_EQ(AskedForThePast(api).ask(), "unavailable");
}

TEST(PrometheusHistory, AServerThatFailsIsLeftAloneForAWhile) {
  std::atomic<bool> well = false;
  FakeApi api([&](const std::string&) {
    return well ? range() : std::string("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
  });
  AskedForThePast asked(api);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(asked.ask(), "unavailable");
  EXPECT_EQ(api.count(), 3u);
  well = true;
  asked.now += seconds(2);
  EXPECT_EQ(asked.ask(), "1.000000 3.000000 ");
}

TEST(PrometheusHistory, AQueryThatIsRefusedIsNoFailureOfTheServer) {
  FakeApi api([](const std::string&) {
    return std::string("HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n");
  });
  AskedForThePast asked(api);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(asked.ask(), "invalid");
  EXPECT_EQ(api.count(), 5u);
}

TEST(PrometheusHistory, EndsWhenItIsStopped) {
  std::counting_semaphore<> go{0};
  FakeApi api([&](const std::string&) {
    go.acquire();
    return range();
  });
  AskedForThePast asked(api);
  const auto begin = std::chrono::steady_clock::now();
  std::jthread other([&](const std::stop_token& stop) {
    EXPECT_EQ(asked.ask(asked.signal, stop), "unavailable");
  });
  EXPECT_TRUE(eventually([&] { return api.count() == 1; }));
  other.request_stop();
  other.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(30));
  go.release();
}

}  // namespace
}  // namespace autoscaler
