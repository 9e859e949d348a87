#include "controller/backtest/demand.h"

#include "controller/backtest/fixed_world.h"
#include "controller/backtest/noise.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {

using namespace fixed_world;

int64_t Demand::at_s(size_t tick) const {
  return start_s + static_cast<int64_t>(tick) * kTickSeconds;
}

Result<Demand> demand_of(const Trace& trace) {
  std::vector<double> values;
  for (const Trace::Row& row : trace.rows) values.push_back(row.value);
  const double highest = *std::max_element(values.begin(), values.end());
  if (!(highest > 0)) return Error{Code::kInvalid, "every value is 0: there is no load in it"};
  const double usual_peak = quantile_of(std::move(values), kPeakQuantile);
  const double scale = kPeakInstances * rate_at_slo() / (usual_peak > 0 ? usual_peak : highest);

  const int64_t length = trace.rows.back().at_s + trace.step_s - trace.rows.front().at_s;
  if (length < kShortestSeconds) {
    return Error{Code::kInvalid, "it is " + std::to_string(length) + " s long, and " +
                                     std::to_string(kShortestSeconds) +
                                     " are the least: half of it is warm-up"};
  }
  const int64_t warm_up = std::min(kWarmUpSeconds, length / 2);
  const int64_t kept = std::min(length, warm_up + kLongestScoredSeconds);

  Demand demand{.name = trace.name, .start_s = trace.rows.front().at_s, .rates = {}, .in_gap = {}};
  demand.first_scored = static_cast<size_t>(warm_up / kTickSeconds);
  demand.scaled_by_peak = !(usual_peak > 0);
  Noise noise(trace.name);
  double drift = 0;  // of the logarithm of the load
  size_t cursor = 0;
  for (int64_t second = 0; second + kTickSeconds <= kept; second += kTickSeconds) {
    // A row of a short step says what its own tick had: the tick's mean.
    const int64_t stride = std::min(trace.step_s, kTickSeconds);
    double sum = 0;
    int64_t samples = 0;
    for (int64_t at = second; at < second + kTickSeconds; at += stride, ++samples) {
      sum += value_at(trace, static_cast<double>(demand.start_s + at), cursor);
    }
    drift =
        kNoiseMemory * drift + noise.normal() * kNoise * std::sqrt(1 - kNoiseMemory * kNoiseMemory);
    demand.rates.push_back(scale * sum / static_cast<double>(samples) * std::exp(drift));
    demand.in_gap.push_back(!is_recorded(trace, demand.start_s + second, cursor));
  }
  if (std::find(demand.in_gap.begin() + static_cast<std::ptrdiff_t>(demand.first_scored),
                demand.in_gap.end(), false) == demand.in_gap.end()) {
    return Error{Code::kInvalid, "nothing is recorded after the warm-up, where it would be scored"};
  }
  return demand;
}

}  // namespace autoscaler
