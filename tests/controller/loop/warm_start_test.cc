#include "controller/warm_start.h"

#include "metrics/prometheus_history.h"
#include "tests/controller/loop/loop_fixture.h"
#include "tests/fakes/eventually.h"
#include "tests/fakes/prometheus_process.h"

#include <atomic>
#include <cmath>

namespace autoscaler {
namespace {

constexpr const char* kForecasting = R"(
controller: {interval: 1m}
sources: {prometheus: {url: "http://127.0.0.1:1"}}
workloads:
  - name: shop
    target: {process: {command: [/bin/shop, "{port}"], ports: 9000-9199}}
    loadBalancer: {haproxy: {socket: /run/none.sock, backend: shop}}
    replicas: {min: 2, max: 40}
    signals:
      rps: {source: prometheus, query: 'sum(rate(requests_total[1m]))'}
    policies:
      - track: {signal: rps, perInstance: 100}
      - predict: {signal: rps, perInstance: 100, mode: full, lead: 2m}
    guards: none
)";

// Jumps at every full hour from 600/s to 1800/s for twenty minutes.
double load_at(Instant at) {
  const auto minute = std::chrono::floor<std::chrono::minutes>(at.time_since_epoch()).count();
  return (minute % 60 < 20 ? 1800 : 600) * (1 + 0.02 * std::sin(static_cast<double>(minute)));
}

// A server that kept the load for so long, and may be sick or have no such past.
class FakePast : public HistorySource {
 public:
  Result<std::vector<HistoryPoint>> history(const SignalQuery&, Instant from, Instant to,
                                            Duration step, const std::stop_token& stop) override {
    ++asked;
    while (blocks && !stop.stop_requested()) std::this_thread::yield();
    if (stop.stop_requested()) return Error{Code::kUnavailable, "stopped"};
    if (sick.exchange(false)) return Error{Code::kUnavailable, "connection refused"};
    if (refuses) return Error{Code::kInvalid, "parse error"};
    std::vector<HistoryPoint> points;
    for (Instant at = std::max(from, to - kept); at <= to; at += step) {
      points.push_back({at, load_at(at)});
    }
    return points;
  }
  std::atomic<int> asked = 0;
  std::atomic<bool> blocks = false;
  std::atomic<bool> sick = false;
  std::atomic<bool> refuses = false;
  Duration kept = std::chrono::hours(24 * 20);
};

class WarmStartOfALoop : public LoopTest {
 protected:
  WarmStartOfALoop() : LoopTest(kForecasting) {}
  Ports ports() override {
    return {clock_,      cluster_, cluster_, balancer_, balancer_,
            {&service_}, nullptr,  nullptr,  &start_};
  }
  void live(int minutes) {
    for (int i = 0; i < minutes; ++i) {
      if (!loop_) start();
      clock_.advance(std::chrono::minutes(1));
      last_ = loop_->tick();
    }
  }
  const Prediction& prediction() const { return last_->workloads[0].workload.predictions.at(0); }

  FakePast past_;
  WarmStart start_{past_, [this] { return clock_.now(); }};
  FakeSource service_{[](const WorkloadQuery&, size_t, Instant now) {
    return Signal{Reading(Measured{load_at(now), now, std::chrono::seconds(30)})};
  }};
};

TEST_F(WarmStartOfALoop, ActsOnTheFirstDayWhereAServerKeptTheLoad) {
  EXPECT_TRUE(eventually([&] {
    live(1);
    return prediction().gate == Gate::kOpen;
  }));
  EXPECT_GE(prediction().judged, 3960) << "three days of forecasts, less six hours at most";
  EXPECT_EQ(past_.asked, 1);
  ASSERT_TRUE(loop_->end().ok());
  loop_.reset();
  live(2);
  EXPECT_EQ(past_.asked, 1) << "the journal has it now";
  EXPECT_EQ(prediction().gate, Gate::kOpen);
}

TEST_F(WarmStartOfALoop, TicksDoNotWaitForIt) {
  past_.blocks = true;
  live(10);
  EXPECT_TRUE(eventually([&] { return past_.asked == 1; }));
  EXPECT_LT(prediction().judged, 10);
}

TEST_F(WarmStartOfALoop, AnotherConfigAsksNothingAgain) {
  past_.kept = std::chrono::minutes(20);  // so little that it is cold as before
  EXPECT_TRUE(eventually([&] {
    live(1);
    return prediction().judged > 10 && past_.asked == 1;
  }));
  for (int edit = 0; edit < 3; ++edit) {
    ASSERT_TRUE(loop_->end().ok());
    loop_.reset();
    live(3);
  }
  EXPECT_EQ(past_.asked, 1);
}

TEST_F(WarmStartOfALoop, WhatIsBeingAskedGoesOnUnderAnotherConfig) {
  past_.blocks = true;
  live(2);
  EXPECT_TRUE(eventually([&] { return past_.asked == 1; }));
  ASSERT_TRUE(loop_->end().ok());
  loop_.reset();
  live(2);
  past_.blocks = false;
  EXPECT_TRUE(eventually([&] {
    live(1);
    return prediction().gate == Gate::kOpen;
  }));
  EXPECT_EQ(past_.asked, 1);
}

TEST_F(WarmStartOfALoop, AnotherQueryIsAskedForItsOwnPast) {
  past_.kept = std::chrono::minutes(20);
  live(1);
  EXPECT_TRUE(eventually([&] { return past_.asked == 1; }));
  ASSERT_TRUE(loop_->end().ok());
  loop_.reset();
  std::get<PrometheusRead>(config_.workloads[0].queries[0].how).query = "sum(other)";
  live(1);
  EXPECT_TRUE(eventually([&] { return past_.asked == 2; }));
}

TEST_F(WarmStartOfALoop, AnUnknownPastIsNoFault) {
  past_.refuses = true;
  live(5);
  EXPECT_TRUE(eventually([&] { return past_.asked == 1; }));
  live(5);
  EXPECT_EQ(prediction().gate, Gate::kLearning);
  EXPECT_EQ(past_.asked, 1) << "it is not asked again";
}

TEST_F(WarmStartOfALoop, WhatWasSeenMeanwhileIsNotLostToAShorterPast) {
  past_.kept = std::chrono::minutes(20);
  past_.blocks = true;
  live(120);
  const int32_t judged = prediction().judged;
  EXPECT_GT(judged, 60);
  past_.blocks = false;
  int ticks = 0;
  EXPECT_TRUE(eventually([&] {
    live(1);
    EXPECT_GE(prediction().judged, judged);
    return past_.asked == 1 && ++ticks == 100;
  }));
}

TEST(WarmStart, ASickServerIsAskedAgain) {
  FakePast past;
  past.sick = true;
  const Instant now{std::chrono::hours(24 * 365 * 50)};
  WarmStart start(
      past, [now] { return now; }, std::chrono::milliseconds(1));
  start.want({{"shop", "forecast:predict-rps", {}, 2, {}}});
  std::vector<WarmForecast> warm;
  EXPECT_TRUE(eventually([&] {
    EXPECT_TRUE(start.take("other").empty());
    warm = start.take("shop");
    return !warm.empty();
  }));
  EXPECT_EQ(past.asked, 2);
  ASSERT_EQ(warm.size(), 1u);
  EXPECT_EQ(warm[0].part, "forecast:predict-rps");
  EXPECT_EQ(warm[0].lookahead.forecaster.minute(), 24 * 365 * 50 * 60 - 1) << "the last whole one";
  EXPECT_TRUE(start.take("shop").empty());
}

// Left alone by everybody once the first of a round has failed, as a server is by its breaker.
class SickForOne : public HistorySource {
 public:
  Result<std::vector<HistoryPoint>> history(const SignalQuery& signal, Instant, Instant, Duration,
                                            const std::stop_token&) override {
    const bool is_first = asked_++ % 2 == 0;
    if (signal.tenant == "sick" || !is_first) return Error{Code::kUnavailable, "left alone"};
    return std::vector<HistoryPoint>{};
  }

 private:
  int asked_ = 0;
};

TEST(WarmStart, OneThatAlwaysFailsIsNotAlwaysTheFirst) {
  SickForOne past;
  WarmStart start(
      past, [] { return Instant{std::chrono::hours(24 * 365 * 50)}; },
      std::chrono::milliseconds(1));
  SignalQuery sick;
  sick.tenant = "sick";
  start.want({{"a", "part", sick, 2, {}}, {"b", "part", {}, 2, {}}});
  EXPECT_TRUE(eventually([&] { return !start.take("b").empty(); }));
}

// Two days of a load that a real server has kept, a sample a minute.
TEST(WarmStart, LearnsWhatARealPrometheusKept) {
  const Instant begin{std::chrono::seconds(1732233600)};
  constexpr int kMinutes = 2 * 1440;
  std::string samples = "# TYPE load gauge\n";
  for (int i = 0; i <= kMinutes; ++i) {
    const Instant at = begin + std::chrono::minutes(i);
    samples += "load " + std::to_string(load_at(at)) + " " +
               std::to_string(1732233600 + int64_t{60} * i) + "\n";
  }
  const PrometheusProcess process(samples + "# EOF\n");
  PrometheusServer server;
  server.url = "http://" + process.address();
  server.timeout = std::chrono::seconds(60);
  const Instant now = begin + std::chrono::minutes(kMinutes);
  PrometheusHistory past(
      {server}, [now] { return now; }, 0);
  WarmStart start(past, [now] { return now; });
  start.want({{"shop",
               "forecast:predict-load",
               {PrometheusRead{.server = server.name, .query = "sum(load)"}},
               2,
               {}}});
  std::vector<WarmForecast> warm;
  ASSERT_TRUE(eventually([&] { return !(warm = start.take("shop")).empty(); }));
  const Prediction prediction = warm[0].lookahead.predict();
  EXPECT_GT(prediction.judged, 1440);
  EXPECT_NEAR(prediction.peak, 1836, 1) << "of 1800 and two percent";
}

}  // namespace
}  // namespace autoscaler
