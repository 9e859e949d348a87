#include "tests/e2e/load/tally.h"

#include <gmock/gmock.h>

#include <numeric>

namespace autoscaler::e2e {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

std::optional<Duration> percentile_of(std::vector<Duration> values, double q) {
  return percentile(values, q);
}

TEST(Percentile, IsTheNearestRank) {
  std::vector<Duration> hundred;
  for (int i = 100; i >= 1; --i) hundred.push_back(std::chrono::milliseconds(i));
  EXPECT_EQ(percentile_of(hundred, 0.5), 50ms);
  EXPECT_EQ(percentile_of(hundred, 0.95), 95ms);
  EXPECT_EQ(percentile_of(hundred, 0.99), 99ms);
  EXPECT_EQ(percentile_of(hundred, 1), 100ms);
  EXPECT_EQ(percentile_of(hundred, 0), 1ms);
  EXPECT_EQ(percentile_of({3ms, 1ms, 2ms}, 0.95), 3ms);
  EXPECT_EQ(percentile_of({7ms}, 0.5), 7ms);
  EXPECT_EQ(percentile_of({}, 0.5), std::nullopt);
}

TEST(Tally, CountsByOutcomeAndTakesLatencyFromWhatWasServed) {
  Tally tally;
  auto add = [&](Outcome outcome, std::optional<int> status, Duration latency) {
    tally.sent(1ms);
    tally.add({0s, latency, status, outcome, false, false});
  };
  add(Outcome::kOk, 200, 100ms);
  add(Outcome::kOk, 200, 300ms);
  add(Outcome::kHttp, 503, 1ms);
  add(Outcome::kHttp, 404, 1ms);
  add(Outcome::kTimeout, {}, 10s);
  tally.sent(12500us);
  tally.add({0s, 1ms, {}, Outcome::kNoConnection, true, true});
  EXPECT_EQ(tally.json("\"second\":4,"),
            "{\"second\":4,\"sent\":6,\"ok\":2,\"http\":2,\"refused\":0,\"reset\":0,\"timeout\":1,"
            "\"closed\":0,\"garbled\":0,\"no-connection\":1,\"5xx\":1,\"retried\":1,"
            "\"lag_ms\":12.50,\"p50_ms\":100.00,\"p95_ms\":300.00,\"p99_ms\":300.00}\n");
}

TEST(Tally, SaysNullWhereNothingWasServed) {
  EXPECT_THAT(Tally().json(""), HasSubstr("\"p95_ms\":null"));
}

TEST(OfferedIn, CountsAnArrivalInTheSecondItFallsIn) {
  std::vector<Duration> times{0ms, 999ms, 1000ms, 2500ms};
  EXPECT_EQ(offered_in(times, 0), 2u);
  EXPECT_EQ(offered_in(times, 1), 1u);
  EXPECT_EQ(offered_in(times, 2), 1u);
  EXPECT_EQ(offered_in(times, 3), 0u);
}

TEST(CsvLine, LeavesOutAStatusThatThereIsNot) {
  EXPECT_EQ(csv_line({1500ms, 50250us, 200, Outcome::kOk, false, true}),
            "1500.000,50.250,200,ok,kept,1\n");
  EXPECT_EQ(csv_line({0ms, 1ms, {}, Outcome::kNoConnection, true, false}),
            "0.000,1.000,,no-connection,fresh,0\n");
}

}  // namespace
}  // namespace autoscaler::e2e
