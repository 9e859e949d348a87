#include "controller/backtest/trace.h"

#include <gtest/gtest.h>

#include <cmath>

namespace autoscaler {
namespace {

std::vector<int64_t> stamps_of(const Trace& trace) {
  std::vector<int64_t> stamps;
  for (const Trace::Row& row : trace.rows) stamps.push_back(row.at_s);
  return stamps;
}

// The seconds of this range, every tenth, in which nothing is recorded.
std::vector<int64_t> gaps_of(const Trace& trace, int64_t begin, int64_t end) {
  std::vector<int64_t> gaps;
  size_t cursor = 0;
  for (int64_t at_s = begin; at_s < end; at_s += 10) {
    if (!is_recorded(trace, at_s, cursor)) gaps.push_back(at_s);
  }
  return gaps;
}

TEST(Trace, IsReadFromCsvAndTheStepIsTheMedianDistance) {
  const auto trace =
      parse_trace("shop.csv", "timestamp,value\n0,1\n60,0\n300,2.5\n360,1\n361,1\n420,1\n480,1\n");
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_EQ(trace->name, "shop");
  EXPECT_EQ(trace->step_s, 60) << "one pair a second apart does not make it a second";
  ASSERT_EQ(trace->rows.size(), 7u);
  EXPECT_EQ(trace->rows[2].at_s, 300);
  EXPECT_DOUBLE_EQ(trace->rows[2].value, 2.5);
  EXPECT_EQ(trace->notes, std::vector<std::string>{});
  EXPECT_EQ(gaps_of(*trace, 0, 540).size(), 18u) << "from 120 to 300";
}

TEST(Trace, ARowMayBeLateByHalfAStepAndWhatIsLaterIsAGap) {
  const auto late = parse_trace("late", "timestamp,value\n0,1\n300,1\n601,1\n899,1\n1200,1\n");
  EXPECT_EQ(late->step_s, 300);
  EXPECT_EQ(gaps_of(*late, 0, 1500), std::vector<int64_t>{});
  const auto half = parse_trace("half", "timestamp,value\n0,1\n100,1\n200,1\n350,1\n450,1\n");
  EXPECT_EQ(gaps_of(*half, 0, 550), std::vector<int64_t>{});
  const auto more = parse_trace("more", "timestamp,value\n0,1\n100,1\n200,1\n351,1\n451,1\n");
  EXPECT_EQ(gaps_of(*more, 0, 551), (std::vector<int64_t>{300, 310, 320, 330, 340, 350}));
  EXPECT_EQ(gaps_of(*more, 500, 600), (std::vector<int64_t>{560, 570, 580, 590}))
      << "the last row stands for a step";
}

TEST(Trace, IsLinearBetweenRowsAndLevelBeyondThem) {
  const auto trace = parse_trace("shop", "timestamp,value\n60,1\n120,3\n");
  size_t cursor = 0;
  EXPECT_DOUBLE_EQ(value_at(*trace, 0, cursor), 1);
  EXPECT_DOUBLE_EQ(value_at(*trace, 75, cursor), 1.5);
  EXPECT_DOUBLE_EQ(value_at(*trace, 119, cursor), 1 + 2 * 59 / 60.0);
  EXPECT_DOUBLE_EQ(value_at(*trace, 500, cursor), 3);
}

TEST(Trace, WhatMeansTheSameIsReadTheSame) {
  const std::vector<int64_t> july{1372629600, 1372629660, 1372629720};
  for (const char* csv : {
           "timestamp,value\n1372629600,1\n1372629660,2\n1372629720,3\n",
           "timestamp,value\n1372629600.0,1\n1.37262966e9,2\n1372629720.9,3\n",
           "timestamp,value\n1372629600000,1\n1372629660000,2\n1372629720000,3\n",
           "timestamp,value\n1372629600000000,1\n1372629660000000,2\n1372629720000000000,3\n",
           "timestamp,value\n2013-06-30T22:00:00Z,1\n2013-07-01T00:01:00.5+02:00,2\n"
           "2013-06-30 22:02:00,3\n",
           "\xEF\xBB\xBFtimestamp,value\r\n1372629600,1\r\n1372629660,2\r\n1372629720,3\r\n",
           " Value ,host, TIMESTAMP\n1,a,1372629600\n 2,b, 1372629660\n3,\"c,d\",1372629720",
       }) {
    const auto trace = parse_trace("shop", csv);
    ASSERT_TRUE(trace) << trace.error().message;
    EXPECT_EQ(stamps_of(*trace), july) << csv;
    EXPECT_EQ(trace->rows[1].value, 2) << csv;
    EXPECT_EQ(trace->notes, std::vector<std::string>{}) << csv;
  }
}

TEST(Trace, WithoutAValueThereIsAGapAndTheStepIsStillThatOfTheRows) {
  std::string csv = "timestamp,value\n";
  const char* values[] = {"1", "", "2", "NaN", "3", "null", "4", "N/A", "0", " "};
  for (int i = 0; i < 10; ++i) csv += std::to_string(60 * i) + "," + values[i] + "\n";
  const auto trace = parse_trace("holes", csv);
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_EQ(stamps_of(*trace), (std::vector<int64_t>{0, 120, 240, 360, 480}));
  EXPECT_EQ(trace->step_s, 60);
  EXPECT_EQ(gaps_of(*trace, 0, 180), (std::vector<int64_t>{60, 70, 80, 90, 100, 110}));
}

TEST(Trace, RowsInDisorderAreSortedAndOfTheSameSecondTheMeanCounts) {
  const auto trace = parse_trace(
      "shop.csv", "timestamp,value\n120,5\n0,1\n60,4\n60.5,2\n60,\n180,\n180,7\n240,\n");
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_EQ(stamps_of(*trace), (std::vector<int64_t>{0, 60, 120, 180}));
  EXPECT_EQ(trace->rows[1].value, 3);
  EXPECT_EQ(trace->rows[3].value, 7);
  EXPECT_EQ(trace->notes, (std::vector<std::string>{
                              "shop.csv: its rows were not in the order of time, and are sorted",
                              "shop.csv: 3 rows have the timestamp of another: their mean "
                              "counts"}));
}

TEST(Trace, AFaultNamesTheLineAndWhatIsExpected) {
  const auto complaint = [](const char* csv) {
    const auto trace = parse_trace("a/shop.csv", csv);
    return trace ? "read" : trace.error().message;
  };
  EXPECT_EQ(complaint("time,value\n1,2\n"),
            "a/shop.csv:1: the first row must name 'timestamp' and 'value'");
  for (const char* none : {"x", "", "-60", "nan", "1e300", "2013-06-31T00:00:00Z"}) {
    EXPECT_EQ(complaint(("timestamp,value\n1,2\n" + std::string(none) + ",2\n").c_str()),
              "a/shop.csv:3: timestamp: '" + std::string(none) +
                  "' is none; write unix seconds, or a date such as 2026-11-22T10:00:00Z");
  }
  for (const char* none : {"-2", "inf", "1e999", "2x", "1.5/s"}) {
    EXPECT_EQ(complaint(("timestamp,value\n1," + std::string(none) + "\n").c_str()),
              "a/shop.csv:2: value: '" + std::string(none) +
                  "' is no load; write a number from 0 up, or nothing where none is known");
  }
  EXPECT_EQ(complaint("timestamp,value\n60,2\n"),
            "a/shop.csv:2: needs two rows with a value at least");
  EXPECT_EQ(complaint("timestamp,value\n60,2\n120,\n60,3\n"),
            "a/shop.csv:4: needs two rows with a value at least");
  EXPECT_EQ(complaint("timestamp,value\n60,2,1\n"),
            "a/shop.csv: line 2: 3 fields where the header has 2");
  EXPECT_EQ(complaint(""), "a/shop.csv:1: the first row must name 'timestamp' and 'value'");
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
