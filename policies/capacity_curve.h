#pragma once

#include "policies/capacity.h"

#include <optional>
#include <span>

namespace autoscaler {

// What the samples of one load say together.
struct CurvePoint {
  double load = 0;
  double middle = 0;  // median of p95
  double upper = 0;   // 90th percentile of p95: what an SLO has to bear
  double spread = 0;  // standard deviation of p95, by its median and 90th percentile
  double samples = 0;
};

// nullopt: fewer than 3 samples.
std::optional<CurvePoint> point_of(double load, std::span<const float> p95);
// Their 90th percentile; of 10 to 16 samples the second largest. At least one sample.
double upper_of(std::span<const float> p95);

// Reads the capacity off a curve of p95 over load, `points` by ascending load:
// - It has to rise: by a fifth over the loads seen, and by 4 standard errors. Otherwise what is
//   seen is no effect of load (kLatencyFlat).
// - The knee is the smallest load whose upper p95 is past the SLO; between it and the load before
// it
//   the curve is taken to be straight. A queue's is bent downwards, so that this is on the safe
//   side.
// - Without a knee the curve is drawn on as that of a queue, p95 = a + c / (1 - load / saturation).
//   Every saturation that the points do not rule out (chi^2 of one degree, 95 % one-sided) gives a
//   capacity, and the smallest counts. `saturation` of the CPU, if known, is the largest.
// - Never more than 1.3 times the highest load that was seen to be safe.
//   a queue of 5 workers, 50 ms, SLO 300 ms: seen up to 70/s, capacity 78/s; up to 80/s, 84/s;
//   truth 86.2/s
void read_curve(std::span<const CurvePoint> points, double slo, double saturation, Capacity& to);

}  // namespace autoscaler
