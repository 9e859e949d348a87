#include "metrics/gauge_reader.h"

#include "metrics/series_fault.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {

void GaugeReader::begin() {
  seen_.clear();
  fault_.reset();
  sum_ = 0;
  newest_ = Instant{};
}

void GaugeReader::take(const ExpositionSample& sample, Instant at) {
  if (fault_ || !plan_.of.matches(sample)) return;
  if (seen_.size() == kMaxSeries) {
    fault_ = too_many_series(plan_.metric);
  } else if (!seen_.emplace(sample.label_text).second) {
    fault_ = repeated_series(sample);
  } else {
    sum_ += sample.value;
    newest_ = std::max(newest_, at);
  }
}

Reading GaugeReader::finish() {
  if (fault_) return *fault_;
  if (seen_.empty()) return no_series(plan_.metric);
  const double value = sum_ / std::get<GaugeOf>(plan_.read.what).capacity;
  if (!std::isfinite(value)) return not_finite(plan_.metric);
  return Measured{value, newest_, Duration{0}};
}

}  // namespace autoscaler
