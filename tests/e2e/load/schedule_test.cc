#include "tests/e2e/load/schedule.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

namespace autoscaler::e2e {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

auto is(Duration length, double rate) {
  return testing::AllOf(testing::Field(&Segment::length, length),
                        testing::Field(&Segment::rate, rate));
}

size_t count_between(const std::vector<Duration>& times, Duration from, Duration to) {
  return static_cast<size_t>(std::lower_bound(times.begin(), times.end(), to) -
                             std::lower_bound(times.begin(), times.end(), from));
}

TEST(Steps, AreLengthsAtRates) {
  EXPECT_THAT(*parse_steps("10s@20,500ms@0.5,1m@0"),
              ElementsAre(is(10s, 20), is(500ms, 0.5), is(1min, 0)));
}

TEST(Steps, NameTheOneThatIsWrong) {
  for (const char* bad :
       {"", "10s", "10@20", "10s@", "10s@-1", "0s@5", "10s@x", "10s@20@30", "10s@nan", "10s@1e7"}) {
    EXPECT_FALSE(parse_steps(bad).ok()) << bad;
  }
  EXPECT_THAT(parse_steps("1s@1,2s&2,3s@3").error().message, HasSubstr("'2s&2'"));
}

TEST(Trace, HoldsEachValueUntilTheNextTimestamp) {
  auto schedule = parse_trace("timestamp,value\n1000,5\n1060,7.5\r\n1180,0\n", 60, 2);
  EXPECT_THAT(*schedule, ElementsAre(is(1s, 10), is(2s, 15), is(2s, 0)));
}

TEST(Trace, NamesTheLineThatIsWrong) {
  EXPECT_THAT(parse_trace("1,1\n2,x\n", 1, 1).error().message, HasSubstr("line 2"));
  EXPECT_THAT(parse_trace("1,1\n1,2\n", 1, 1).error().message, HasSubstr("back in time"));
  EXPECT_THAT(parse_trace("1,1\n2,-2\n", 1, 1).error().message, HasSubstr("out of range"));
  EXPECT_FALSE(parse_trace("timestamp,value\n1,1\n", 1, 1).ok());
  EXPECT_FALSE(parse_trace("", 1, 1).ok());
}

TEST(UniformArrivals, AreEvenlySpacedAndCarryOnOverSteps) {
  Schedule schedule{{1s, 2}, {1s, 0}, {1s, 4}};
  EXPECT_THAT(arrivals(schedule, Spacing::kUniform, 1),
              ElementsAre(0ms, 500ms, 2000ms, 2250ms, 2500ms, 2750ms));
}

TEST(UniformArrivals, CountExactlyWhatTheStepsAskFor) {
  auto times = arrivals(*parse_steps("10s@20,20s@120,7s@33"), Spacing::kUniform, 1);
  EXPECT_EQ(count_between(times, 0s, 10s), 200u);
  EXPECT_EQ(count_between(times, 10s, 30s), 2400u);
  EXPECT_EQ(count_between(times, 30s, 37s), 231u);
  EXPECT_EQ(times.size(), 2831u);
}

TEST(UniformArrivals, CarryAFractionOfARequestIntoTheNextStep) {
  // Half a request in the first second: the second request is due after the other half.
  EXPECT_THAT(arrivals(*parse_steps("1s@0.5,1s@1"), Spacing::kUniform, 1),
              ElementsAre(0ms, 1500ms));
}

TEST(PoissonArrivals, HaveTheStatedMeanAndVarianceAndRepeatWithTheirSeed) {
  Schedule schedule{{1000s, 50}};
  auto times = arrivals(schedule, Spacing::kPoisson, 7);
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
  EXPECT_EQ(times, arrivals(schedule, Spacing::kPoisson, 7));
  EXPECT_NE(times, arrivals(schedule, Spacing::kPoisson, 8));
  EXPECT_NEAR(static_cast<double>(times.size()), 50'000, 4 * std::sqrt(50'000));
  double square_sum = 0;
  for (int s = 0; s < 1000; ++s) {
    double n = static_cast<double>(
        count_between(times, std::chrono::seconds(s), std::chrono::seconds(s + 1)));
    square_sum += (n - 50) * (n - 50);
  }
  // Variance equals the mean; the estimate's own deviation is about 50 * sqrt(2 / 1000) = 2.2.
  EXPECT_NEAR(square_sum / 1000, 50, 9);
}

TEST(PoissonArrivals, FollowTheSteps) {
  auto times = arrivals(*parse_steps("100s@10,100s@0,100s@90"), Spacing::kPoisson, 3);
  EXPECT_NEAR(static_cast<double>(count_between(times, 0s, 100s)), 1000, 130);
  EXPECT_EQ(count_between(times, 100s, 200s), 0u);
  EXPECT_NEAR(static_cast<double>(count_between(times, 200s, 300s)), 9000, 380);
}

}  // namespace
}  // namespace autoscaler::e2e
