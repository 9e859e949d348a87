#include "policies/histogram.h"

#include <gtest/gtest.h>

#include <limits>

namespace autoscaler {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

struct Case {
  const char* name;
  std::vector<double> bounds;
  std::vector<double> rates;
  double quantile;
  std::optional<double> want;
};

// The expected numbers were worked out by hand from the rules of PromQL's histogram_quantile.
TEST(Histogram, QuantilesFollowPrometheus) {
  const Case cases[] = {
      {"within a middle bucket", {0.1, 0.5, kInf}, {50, 40, 10}, 0.8, 0.4},
      {"within the first bucket, which starts at 0", {0.1, 0.5, kInf}, {50, 40, 10}, 0.25, 0.05},
      {"exactly on a bucket's edge", {0.1, 0.5, kInf}, {50, 40, 10}, 0.5, 0.1},
      {"in the +Inf bucket: the highest finite bound", {0.1, 0.5, kInf}, {50, 40, 10}, 0.95, 0.5},
      {"a first bucket at or below 0 is its bound", {0, 1, kInf}, {10, 0, 0}, 0.5, 0.0},
      {"empty buckets in between are passed over", {1, 2, 3, kInf}, {10, 0, 10, 0}, 0.75, 2.5},
      {"everything in one bucket", {1, 2, kInf}, {0, 4, 0}, 0.95, 1.95},
      {"quantile 1 ends the last filled bucket", {1, 2, kInf}, {4, 4, 0}, 1.0, 2.0},
      {"nothing observed", {1, 2, kInf}, {0, 0, 0}, 0.95, std::nullopt},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto got = quantile_of(c.bounds, c.rates, c.quantile);
    ASSERT_EQ(got.has_value(), c.want.has_value());
    if (got) {
      EXPECT_NEAR(*got, *c.want, 1e-12);
    }
  }
}

TEST(Histogram, IsReadOnlyWhenBoundsAscendToInfinity) {
  EXPECT_TRUE(well_formed({{1, kInf}, {0, 0}}));
  EXPECT_FALSE(well_formed({{kInf}, {0}})) << "one bucket has no finite bound";
  EXPECT_FALSE(well_formed({{1, 2}, {0, 0}})) << "no +Inf";
  EXPECT_FALSE(well_formed({{2, 1, kInf}, {0, 0, 0}}));
  EXPECT_FALSE(well_formed({{1, 1, kInf}, {0, 0, 0}}));
  EXPECT_FALSE(well_formed({{1, kInf}, {0}})) << "a rate is missing";
}

}  // namespace
}  // namespace autoscaler
