#include "policies/capacity_curve.h"

#include <boost/container/static_vector.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace autoscaler {
namespace {

constexpr size_t kFewestSamples = 3;   // of a point
constexpr size_t kFewestPoints = 3;    // of a curve
constexpr int32_t kFewestInAll = 30;   // samples of a curve
constexpr double kLeastRise = 1.2;     // of p95 over the loads seen
constexpr double kLeastCertainty = 4;  // standard errors
constexpr double kFurthest = 1.3;      // times the highest safe load
constexpr double kNormalP90 = 1.2816;  // 90th percentile of a normal distribution
constexpr double kLeastSpread = 0.02;  // of the median: what looks steadier is short of samples
constexpr double kChiSquare = 2.7055;  // 90th percentile of one degree: 95 %, one-sided
constexpr double kWidest = 4;          // largest saturation looked at, times the highest load
constexpr int kSteps = 40;             // between it and the smallest

double quantile_of_sorted(std::span<const float> sorted, double quantile) {
  const double rank = std::ceil(quantile * static_cast<double>(sorted.size()) - 1e-9);
  return sorted[static_cast<size_t>(std::max(1.0, rank)) - 1];
}

using Sorted = boost::container::static_vector<float, 64>;

Sorted sorted(std::span<const float> p95) {
  Sorted result(p95.begin(), p95.end());
  std::sort(result.begin(), result.end());
  return result;
}

template <typename Of>
double median(std::span<const CurvePoint> points, Of of) {
  boost::container::static_vector<double, 64> values;
  for (const CurvePoint& point : points) values.push_back(of(point));
  const auto half = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), half, values.end());
  return *half;
}

// The spread at most loads, as a share of p95. One point's own is unsure where it has few samples,
// and wide where the curve is steep.
double usual_spread(std::span<const CurvePoint> points) {
  return median(points, [](const CurvePoint& point) { return point.spread / point.middle; });
}

double weight_of(const CurvePoint& point, double spread) {
  return point.samples / (spread * spread);
}

// y = level + slope * x by weighted least squares.
struct Line {
  double level = 0;
  double slope = 0;
  double slope_error = 0;  // standard, taking the spreads as they are
  double misfit = 0;       // weighted sum of squares
};

template <typename X, typename Y, typename Spread>
Line fit_line(std::span<const CurvePoint> points, X x, Y y, Spread spread) {
  double sum = 0;
  double mean_x = 0;
  double mean_y = 0;
  for (const CurvePoint& point : points) {
    const double weight = weight_of(point, spread(point));
    sum += weight;
    mean_x += weight * x(point);
    mean_y += weight * y(point);
  }
  mean_x /= sum;
  mean_y /= sum;
  double xx = 0;
  double xy = 0;
  for (const CurvePoint& point : points) {
    const double off = x(point) - mean_x;
    xx += weight_of(point, spread(point)) * off * off;
    xy += weight_of(point, spread(point)) * off * (y(point) - mean_y);
  }
  Line line;
  line.slope = xx > 0 ? xy / xx : 0;
  line.slope_error = xx > 0 ? 1 / std::sqrt(xx) : 0;
  line.level = mean_y - line.slope * mean_x;
  for (const CurvePoint& point : points) {
    const double off = y(point) - line.level - line.slope * x(point);
    line.misfit += weight_of(point, spread(point)) * off * off;
  }
  return line;
}

// A curve that never falls, the nearest one to `y`: neighbours that fall are taken together (pool
// adjacent violators; Ayer et al., 1955).
using Rising = std::array<double, 64>;

template <typename Y>
Rising rising(std::span<const CurvePoint> points, Y y) {
  struct Pool {
    double value;
    double weight;
    size_t points;
  };
  boost::container::static_vector<Pool, 64> pools;
  for (const CurvePoint& point : points) {
    pools.push_back({y(point), point.samples, 1});
    while (pools.size() > 1 && pools[pools.size() - 2].value > pools.back().value) {
      const Pool last = pools.back();
      pools.pop_back();
      Pool& before = pools.back();
      const double weight = before.weight + last.weight;
      before.value = (before.value * before.weight + last.value * last.weight) / weight;
      before.weight = weight;
      before.points += last.points;
    }
  }
  Rising curve{};
  size_t i = 0;
  for (const Pool& pool : pools) {
    for (size_t n = 0; n < pool.points; ++n) curve[i++] = pool.value;
  }
  return curve;
}

double middle_of(const CurvePoint& point) {
  return point.middle;
}
double upper(const CurvePoint& point) {
  return point.upper;
}

bool rises(std::span<const CurvePoint> points) {
  // Were it flat, p95 would be spread alike at all loads.
  const double spread = usual_spread(points) * median(points, middle_of);
  const Line line = fit_line(
      points, [](const CurvePoint& p) { return p.load; }, middle_of,
      [spread](const CurvePoint&) { return spread; });
  if (!(line.slope > kLeastCertainty * line.slope_error)) return false;
  const Rising curve = rising(points, middle_of);
  return curve[points.size() - 1] >= kLeastRise * curve[0];
}

// The load at which a curve crosses the SLO; nullopt: it does not, or is past it everywhere.
std::optional<double> crossing(std::span<const CurvePoint> points, const Rising& curve,
                               double slo) {
  for (size_t i = 1; i < points.size(); ++i) {
    if (curve[i - 1] > slo || curve[i] <= slo) continue;
    const double share = (slo - curve[i - 1]) / (curve[i] - curve[i - 1]);
    return points[i - 1].load + share * (points[i].load - points[i - 1].load);
  }
  return std::nullopt;
}

struct Drawn {
  double lowest;
  double likely;
};

// The curve of a queue drawn on to the SLO. nullopt: no such curve rises.
std::optional<Drawn> draw_on(std::span<const CurvePoint> points, double slo, double saturation) {
  struct Candidate {
    double misfit;
    double capacity;
  };
  boost::container::static_vector<Candidate, kSteps + 1> candidates;
  const double highest = points.back().load;
  double widest = kWidest * highest;
  if (saturation > highest) widest = std::min(widest, saturation);
  const double usual = usual_spread(points);
  // Even steps of the utilisation that the highest load would be.
  const double most = 0.99;
  const double least = std::min(most, highest / widest);
  for (int step = 0; step <= kSteps; ++step) {
    const double limit = highest / (least + (most - least) * step / kSteps);
    const Line line = fit_line(
        points, [limit](const CurvePoint& p) { return 1 / (1 - p.load / limit); }, upper,
        [usual](const CurvePoint& p) { return std::max(p.spread, usual * p.middle); });
    if (!(line.slope > 0)) continue;
    const double wait = (slo - line.level) / line.slope;  // 1 / (1 - utilisation) at the SLO
    candidates.push_back({line.misfit, wait > 1 ? limit * (1 - 1 / wait) : 0});
  }
  if (candidates.empty()) return std::nullopt;
  const auto best =
      *std::min_element(candidates.begin(), candidates.end(),
                        [](const Candidate& a, const Candidate& b) { return a.misfit < b.misfit; });
  const double free = std::max(1.0, static_cast<double>(points.size()) - 3);
  const double allowed = best.misfit + kChiSquare * std::max(1.0, best.misfit / free);
  Drawn drawn{best.capacity, best.capacity};
  for (const Candidate& candidate : candidates) {
    if (candidate.misfit <= allowed) drawn.lowest = std::min(drawn.lowest, candidate.capacity);
  }
  return drawn;
}

}  // namespace

double upper_of(std::span<const float> p95) {
  const Sorted values = sorted(p95);
  return quantile_of_sorted({values.data(), values.size()}, 0.9);
}

std::optional<CurvePoint> point_of(double load, std::span<const float> p95) {
  if (p95.size() < kFewestSamples) return std::nullopt;
  const Sorted values = sorted(p95);
  const std::span<const float> all{values.data(), values.size()};
  CurvePoint point;
  point.load = load;
  point.middle = quantile_of_sorted(all, 0.5);
  point.upper = quantile_of_sorted(all, 0.9);
  point.spread = std::max((point.upper - point.middle) / kNormalP90, kLeastSpread * point.middle);
  point.samples = static_cast<double>(p95.size());
  return point;
}

void read_curve(std::span<const CurvePoint> points, double slo, double saturation, Capacity& to) {
  to.evidence = CapacityEvidence::kTooFewSamples;
  if (points.size() < kFewestPoints || to.samples < kFewestInAll) return;
  const Rising uppers = rising(points, upper);
  if (uppers[0] > slo) {
    to.evidence = CapacityEvidence::kSloNotMet;
    return;
  }
  size_t safe = 0;
  while (safe + 1 < points.size() && uppers[safe + 1] <= slo) ++safe;
  to.safe_to = points[safe].load;
  if (!rises(points)) {
    to.evidence = CapacityEvidence::kLatencyFlat;
    return;
  }
  const double furthest = kFurthest * *to.safe_to;
  if (const auto knee = crossing(points, uppers, slo)) {
    to.evidence = CapacityEvidence::kKnee;
    to.per_instance = std::min(*knee, furthest);
    const auto likely = crossing(points, rising(points, middle_of), slo);
    to.likely = std::max(likely.value_or(points.back().load), *to.per_instance);
    return;
  }
  const auto drawn = draw_on(points, slo, saturation);
  if (!drawn) {
    to.evidence = CapacityEvidence::kLatencyFlat;
    return;
  }
  const bool limited = drawn->lowest > furthest;
  to.evidence = limited ? CapacityEvidence::kFitLimited : CapacityEvidence::kFit;
  to.per_instance = std::clamp(drawn->lowest, *to.safe_to, furthest);
  to.likely = std::max(drawn->likely, *to.per_instance);
}

}  // namespace autoscaler
