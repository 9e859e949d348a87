#include "controller/backtest/trace.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

TEST(Trace, IsReadFromCsvAndTheStepIsTheSmallestDistance) {
  const auto trace = parse_trace("shop", "timestamp,value\n0,1\n60,0\n300,2.5\n");
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_EQ(trace->step_s, 60);
  ASSERT_EQ(trace->rows.size(), 3u);
  EXPECT_EQ(trace->rows[2].at_s, 300);
  EXPECT_DOUBLE_EQ(trace->rows[2].value, 2.5);
}

TEST(Trace, IsLinearBetweenRowsAndLevelBeyondThem) {
  const auto trace = parse_trace("shop", "timestamp,value\n60,1\n120,3\n");
  size_t cursor = 0;
  EXPECT_DOUBLE_EQ(value_at(*trace, 0, cursor), 1);
  EXPECT_DOUBLE_EQ(value_at(*trace, 75, cursor), 1.5);
  EXPECT_DOUBLE_EQ(value_at(*trace, 119, cursor), 1 + 2 * 59 / 60.0);
  EXPECT_DOUBLE_EQ(value_at(*trace, 500, cursor), 3);
}

TEST(Trace, AFaultNamesTheLineAndWhatIsExpected) {
  const auto complaint = [](const char* csv) { return parse_trace("shop", csv).error().message; };
  EXPECT_EQ(complaint("time,value\n1,2\n"),
            "shop:1: the first row must name 'timestamp' and 'value'");
  EXPECT_EQ(complaint("timestamp,value\n1,2\nx,2\n"),
            "shop:3: timestamp: whole unix seconds are expected");
  EXPECT_EQ(complaint("timestamp,value\n1,-2\n"), "shop:2: value: a number from 0 up is expected");
  EXPECT_EQ(complaint("timestamp,value\n1,nan\n"), "shop:2: value: a number from 0 up is expected");
  EXPECT_EQ(complaint("timestamp,value\n60,2\n60,2\n"), "shop:3: timestamps must ascend");
  EXPECT_EQ(complaint("timestamp,value\n60,2\n"), "shop:2: needs two rows at least");
}

TEST(Trace, AFileThatIsNotThereIsNamed) {
  EXPECT_EQ(read_trace("/no/such.csv").error().message,
            "/no/such.csv: cannot be read, or is no file");
}

TEST(Trace, AQuantileIsOneOfTheValues) {
  EXPECT_EQ(quantile_of({5, 1, 4, 2, 3}, 0.5), 3);
  EXPECT_EQ(quantile_of({5, 1, 4, 2, 3}, 1), 5);
  EXPECT_EQ(quantile_of({5, 1, 4, 2, 3}, 0), 1);
}

}  // namespace
}  // namespace autoscaler
