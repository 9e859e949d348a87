#include "controller/backtest/synthetic.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

SyntheticLoad quiet() {
  SyntheticLoad like;
  like.noise = like.bursts = like.crowds = 0;
  return like;
}

double at(const Trace& trace, int64_t day, int64_t hour) {
  return trace.rows[static_cast<size_t>(day * 1440 + hour * 60)].value;
}

TEST(Synthetic, HasADayAWeekAndATrend) {
  SyntheticLoad like = quiet();
  like.trend = 0.1;
  const Trace load = make_load(like);
  ASSERT_EQ(load.rows.size(), 14u * 1440);
  EXPECT_GT(at(load, 0, 14), 2 * at(load, 0, 3));
  EXPECT_NEAR(at(load, 5, 14), 0.7 * at(load, 4, 14), 0.02 * at(load, 4, 14));  // Saturday
  EXPECT_NEAR(at(load, 7, 14) / at(load, 0, 14), 1.1, 0.01);
}

TEST(Synthetic, TheSeedIsAllThatIsLeftToChance) {
  SyntheticLoad like;
  const auto values = [](const Trace& trace) {
    std::vector<double> all;
    for (const auto& row : trace.rows) all.push_back(row.value);
    return all;
  };
  EXPECT_EQ(values(make_load(like)), values(make_load(like)));
  SyntheticLoad other = like;
  other.seed = 2;
  EXPECT_NE(values(make_load(like)), values(make_load(other)));
}

TEST(Synthetic, OutagesAndCrowdsComeAsOftenAsTheyAreAskedFor) {
  SyntheticLoad like = quiet();
  like.days = 100;
  like.outages = 1;
  const Trace load = make_load(like);
  const auto silent = std::count_if(load.rows.begin(), load.rows.end(),
                                    [](const auto& row) { return row.value == 0; });
  EXPECT_NEAR(static_cast<double>(silent), 100 * 20, 600);

  like.outages = 0;
  like.crowds = 1;
  const Trace crowded = make_load(like);
  const Trace calm = make_load(quiet());
  const auto [least, most] =
      std::minmax_element(calm.rows.begin(), calm.rows.end(),
                          [](const auto& a, const auto& b) { return a.value < b.value; });
  const auto beyond = std::count_if(crowded.rows.begin(), crowded.rows.end(), [&](const auto& row) {
    return row.value > 1.05 * most->value;
  });
  EXPECT_GT(beyond, 100 * 10);
}

TEST(Synthetic, MadeTheLoadOfTheDocs) {
  const auto load = read_trace(AUTOSCALER_SOURCE_DIR "/docs/shop-load.csv");
  ASSERT_TRUE(load) << load.error().message;
  const Trace made = make_load(*parse_synthetic("days=4,base=600,crowds=0.5,seed=3"));
  ASSERT_EQ(load->rows.size(), made.rows.size());
  for (size_t i = 0; i < made.rows.size(); ++i) {
    ASSERT_EQ(load->rows[i].at_s, made.rows[i].at_s);
    ASSERT_EQ(load->rows[i].value, std::round(made.rows[i].value));
  }
}

TEST(Synthetic, SaysWhatIsWrongWithItsWords) {
  const auto error = [](const char* text) { return parse_synthetic(text).error().message; };
  EXPECT_THAT(error("dys=3"), testing::HasSubstr("'dys' is none of days, base"));
  EXPECT_THAT(error("days"), testing::HasSubstr("is no name=number"));
  EXPECT_THAT(error("days=0"), testing::HasSubstr("a number from 0.1 to 400"));
  EXPECT_THAT(error("days=nan"), testing::HasSubstr("a number from"));
  EXPECT_THAT(error("seed=x"), testing::HasSubstr("has no whole number"));
  const auto good = parse_synthetic("days=3,base=20,seed=9");
  ASSERT_TRUE(good);
  EXPECT_EQ(good->days, 3);
  EXPECT_EQ(good->base, 20);
  EXPECT_EQ(good->seed, 9u);
}

}  // namespace
}  // namespace autoscaler
