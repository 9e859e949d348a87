#include "policies/capacity_curve.h"

#include <gtest/gtest.h>

#include <vector>

namespace autoscaler {
namespace {

// A queue that saturates at 100, of which so many samples were taken at each load; `spread` is that
// of p95, as a share of it.
std::vector<CurvePoint> curve(const std::vector<double>& loads, double level, double rise,
                              double spread, double samples) {
  std::vector<CurvePoint> points;
  for (const double load : loads) {
    const double middle = level + rise / (1 - load / 100);
    points.push_back({load, middle, middle * (1 + 1.28 * spread), middle * spread, samples});
  }
  return points;
}

Capacity read(const std::vector<CurvePoint>& points, double slo) {
  Capacity capacity;
  for (const CurvePoint& point : points) capacity.samples += static_cast<int32_t>(point.samples);
  read_curve(points, slo, 0, capacity);
  return capacity;
}

TEST(CapacityCurve, IsDrawnOnNoFurtherThanAThirdBeyondWhatWasSeenToBeSafe) {
  // 94.7 by its curve, which is seen so well that nothing below 60 is plausible.
  const Capacity capacity = read(curve({10, 20, 30, 40}, 0.05, 0.05, 0.02, 16), 1);
  EXPECT_EQ(capacity.evidence, CapacityEvidence::kFitLimited);
  EXPECT_DOUBLE_EQ(*capacity.per_instance, 1.3 * 40);
  EXPECT_GT(*capacity.likely, 60);
}

TEST(CapacityCurve, BetweenTwoLoadsFarApartItStaysNearTheSafeOne) {
  std::vector<CurvePoint> points = curve({20, 30, 40}, 0.05, 0.05, 0.02, 16);
  points.push_back({95, 1.1, 1.1, 0.02, 16});
  const Capacity capacity = read(points, 1);
  EXPECT_EQ(capacity.evidence, CapacityEvidence::kKnee);
  EXPECT_DOUBLE_EQ(*capacity.per_instance, 1.3 * 40) << "a straight line would say 90";
}

TEST(CapacityCurve, OfAllCurvesThatThePointsAllowTheOneThatEndsFirstCounts) {
  const Capacity capacity = read(curve({30, 45, 60, 70, 80}, 0.1, 0.02, 0.06, 7), 0.3);
  EXPECT_EQ(capacity.evidence, CapacityEvidence::kFit);
  EXPECT_GT(*capacity.likely, 87);
  EXPECT_LT(*capacity.per_instance, 0.97 * *capacity.likely);
  EXPECT_GE(*capacity.per_instance, 80) << "which was seen to be safe";
}

}  // namespace
}  // namespace autoscaler
