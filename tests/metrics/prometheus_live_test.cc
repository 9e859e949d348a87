#include "base/fetch.h"
#include "base/http_server.h"
#include "metrics/page_reader.h"
#include "metrics/prometheus_reply.h"
#include "tests/fakes/eventually.h"
#include "tests/fakes/prometheus_process.h"
#include "tests/metrics/agreement.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// Asks for the samples themselves, or for one number, at one moment.
std::vector<PrometheusPoint> instant(const PrometheusProcess& process, const std::string& query,
                                     Instant at) {
  char time[32];
  std::snprintf(time, sizeof time, "%.3f",
                std::chrono::duration<double>(at.time_since_epoch()).count());
  const FetchRequest request{
      "http://" + process.address() + "/api/v1/query?time=" + time + "&query=" + escaped(query),
      {}};
  FetchLimits limits;
  limits.deadline = seconds(60);
  const auto responses = Fetcher(limits).fetch({&request, 1});
  if (!responses[0].ok()) return {};
  const auto reply = parse_prometheus_reply(responses[0]->body, ReplyLimits{});
  if (!reply.ok() || reply->series.empty()) return {};
  return reply->series.front().points;
}

Instant wall_clock() {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

// Both scrape a counter that grows by 1000 a second, each at moments of its own. A value is of a
// moment between the question and its answer, so with answers that take d at most a rate over c is
// off by d / c of it (docs/signals.md). Timestamps are whole milliseconds, and Prometheus moves its
// own by up to two to keep them even: 5 ms more.
TEST(Live, BothRatesAreWithinTheTimeThatAnAnswerTakes) {
  constexpr double kPerSecond = 1000;
  const auto begin = std::chrono::steady_clock::now();
  auto server = HttpServer::start({}, [begin](const HttpRequest&, const HttpServer::Reply& reply) {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
    reply({200,
           "text/plain; version=0.0.4",
           "c_total " + number(kPerSecond * passed.count()) + "\n",
           {}});
  });
  ASSERT_TRUE(server.ok());
  const std::string target = "127.0.0.1:" + std::to_string((*server)->port());
  const PrometheusProcess process(PrometheusProcess::Scraping{target});

  const std::vector<PlanResult> plans = {make_plan({RateOf{{"c_total", {}}, 1}, minutes(5)})};
  PageReader reader(plans);
  Fetcher fetcher(FetchLimits{});
  Reading ours = Missing{MissingReason::kTooFewSamples, ""};
  double longest = 0;  // of our answers, in seconds
  const bool enough = eventually([&] {
    const FetchRequest request{"http://" + target + "/metrics", {}};
    const auto asked = std::chrono::steady_clock::now();
    const auto responses = fetcher.fetch({&request, 1});
    const Instant arrived = wall_clock();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - asked;
    longest = std::max(longest, took.count());
    ours = reader.read(target, responses[0], arrived).readings.front();
    const auto count = instant(process, "count_over_time(c_total[5m])", wall_clock());
    return !count.empty() && count.front().value >= 12;
  });
  ASSERT_TRUE(enough);
  const auto& measured = std::get<Measured>(ours);

  const Instant now = wall_clock() - seconds(1);  // what was scraped by then is stored by now
  const Duration length = minutes(5);
  History history;
  for (const PrometheusPoint& point : instant(process, "c_total[5m]", now)) {
    history.push_back({point.at.time_since_epoch().count(), {point.value}});
  }
  const auto samples = seen(history, now, length);
  const auto rate = instant(process, "rate(c_total[5m])", now);
  const auto durations = instant(process, "max_over_time(scrape_duration_seconds[5m])", now);
  ASSERT_TRUE(samples && !rate.empty() && !durations.empty());
  const double theirs = rate.front().value / extrapolation(*samples, 0, now, length);

  const auto bound = [](double answer, Duration covered) {
    return kPerSecond * (answer + 0.005) / std::chrono::duration<double>(covered).count();
  };
  const double ours_off = bound(longest, measured.window);
  const double theirs_off = bound(durations.front().value, samples->quality.covered);
  EXPECT_NEAR(std::get<double>(measured.value), kPerSecond, ours_off);
  EXPECT_NEAR(theirs, kPerSecond, theirs_off);
  EXPECT_NEAR(std::get<double>(measured.value), theirs, ours_off + theirs_off);
  std::printf("ours %.3f, theirs %.3f, apart by %.3f of at most %.3f\n",
              std::get<double>(measured.value), theirs,
              std::abs(std::get<double>(measured.value) - theirs), ours_off + theirs_off);
}

}  // namespace
}  // namespace autoscaler
