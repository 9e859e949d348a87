#include "policies/forecast/period.h"

#include <cmath>

namespace autoscaler {
namespace {

constexpr int64_t kDay = 1440;
constexpr int64_t kEvery = 5;  // of the minutes, one in five
constexpr double kLeast = 0.3;
constexpr double kAboveNeighbours = 0.01;

// Correlation between the last day and itself `lag` minutes before.
double autocorrelation(const MinuteRing& ring, const LogScale& scale, int64_t lag) {
  double count = 0;
  double sum_a = 0;
  double sum_b = 0;
  double sum_aa = 0;
  double sum_bb = 0;
  double sum_ab = 0;
  for (int64_t ago = 0; ago + lag < kDay; ago += kEvery) {
    const auto a = ring.at(scale, ago);
    const auto b = ring.at(scale, ago + lag);
    if (!a || !b) continue;
    count += 1;
    sum_a += *a;
    sum_b += *b;
    sum_aa += *a * *a;
    sum_bb += *b * *b;
    sum_ab += *a * *b;
  }
  if (count < 24) return 0;
  const double of_a = sum_aa - sum_a * sum_a / count;
  const double of_b = sum_bb - sum_b * sum_b / count;
  if (!(of_a > 1e-9 && of_b > 1e-9)) return 0;
  return (sum_ab - sum_a * sum_b / count) / std::sqrt(of_a * of_b);
}

}  // namespace

std::optional<int64_t> period_of(const MinuteRing& ring, const LogScale& scale) {
  std::optional<int64_t> best;
  double most = kLeast;
  for (int64_t lag = 60; lag <= 720; lag += 60) {
    const double here = autocorrelation(ring, scale, lag);
    // A multiple of a period is as good as the period: the shorter one is kept.
    if (here <= most + (best ? 0.05 : 0)) continue;
    if (here <= autocorrelation(ring, scale, lag - 20) + kAboveNeighbours) continue;
    if (here <= autocorrelation(ring, scale, lag + 20) + kAboveNeighbours) continue;
    most = here;
    best = lag;
  }
  return best;
}

}  // namespace autoscaler
