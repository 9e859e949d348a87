#include "metrics/gauge_reader.h"

#include "metrics/series_fault.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

bool names_quantile(const SignalPlan& plan) {
  const auto& matching = std::get<GaugeOf>(plan.read.what).of.matching;
  return std::any_of(matching.begin(), matching.end(),
                     [](const LabelMatcher& matcher) { return matcher.label == "quantile"; });
}

bool is_quantile(const ExpositionSample& sample) {
  return std::any_of(sample.labels.begin(), sample.labels.end(),
                     [](const ExpositionLabel& label) { return label.name == "quantile"; });
}

}  // namespace

GaugeReader::GaugeReader(const SignalPlan& plan)
    : plan_(plan), may_be_quantile_(names_quantile(plan)) {}

void GaugeReader::begin() {
  seen_.clear();
  fault_.reset();
  sum_ = 0;
  newest_ = Instant{};
  oldest_ = Instant::max();
}

void GaugeReader::take(const ExpositionSample& sample, Instant at) {
  if (fault_ || !plan_.of.matches(sample)) return;
  if (seen_.size() == kMaxSeries) {
    fault_ = too_many_series(plan_.metric);
  } else if (is_quantile(sample) && !(may_be_quantile_ && seen_.empty())) {
    fault_ = quantiles_of_summary(plan_.metric);
  } else if (!seen_.emplace(sample.label_text).second) {
    fault_ = repeated_series(sample);
  } else {
    sum_ += sample.value;
    newest_ = std::max(newest_, at);
    oldest_ = std::min(oldest_, at);
  }
}

Reading GaugeReader::finish() {
  if (fault_) return *fault_;
  if (seen_.empty()) return no_series(plan_.metric);
  const double value = sum_ / std::get<GaugeOf>(plan_.read.what).capacity;
  if (!std::isfinite(value)) return not_finite(plan_.metric);
  const WindowSpan span = span_of(plan_.read);
  window_.add(newest_, value, span);
  std::optional<GaugeWindow::Mean> mean = window_.mean(span);
  if (!mean || mean->quality.samples < plan_.read.samples) return too_few_samples(plan_);
  if (!std::isfinite(mean->value)) return not_finite(plan_.metric);
  mean->quality.at = std::min(mean->quality.at, oldest_);
  return measured(mean->value, mean->quality);
}

}  // namespace autoscaler
