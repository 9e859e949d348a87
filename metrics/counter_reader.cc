#include "metrics/counter_reader.h"

#include "metrics/series_fault.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {

void CounterReader::begin() {
  std::erase_if(series_, [](const auto& entry) { return entry.second.window.samples() == 0; });
  for (auto& [labels, series] : series_) series.on_page = false;
  on_page_ = 0;
  fault_.reset();
}

void CounterReader::take(const ExpositionSample& sample, Instant at) {
  if (fault_) return;
  auto found = series_.find(sample.label_text);
  if (found == series_.end()) {
    if (!plan_.of.matches(sample)) return;
    found = series_.emplace(sample.label_text, Series{}).first;
    found->second.in_part = plan_.part.matches(sample);
  }
  Series& series = found->second;
  if (++on_page_ > kMaxSeries) {
    fault_ = too_many_series(plan_.metric);
  } else if (series.on_page) {
    fault_ = repeated_series(sample);
  } else if (!std::isfinite(sample.value)) {
    fault_ = not_finite(plan_.metric);
  } else if (sample.value < 0) {
    fault_ = negative_counter(sample);
  }
  series.on_page = true;
  series.value = sample.value;
  series.at = at;
}

void CounterReader::forget() {
  for (auto& [labels, series] : series_) series.window.clear();
}

Reading CounterReader::finish() {
  if (fault_) return *fault_;
  std::erase_if(series_, [](const auto& entry) { return !entry.second.on_page; });
  if (series_.empty()) return no_series(plan_.metric);
  const WindowSpan span = span_of(plan_.read);
  double total = 0;
  double part = 0;
  std::optional<WindowQuality> all;
  for (auto& [labels, series] : series_) {
    series.window.add(series.at, {&series.value, 1}, span);
    double rate = 0;
    const std::optional<WindowQuality> one = series.window.add_rates({&rate, 1}, span);
    if (!one) continue;
    if (all) {
      all->join(*one);
    } else {
      all = one;
    }
    total += rate;
    if (series.in_part) part += rate;
  }
  if (!all || all->samples < plan_.read.samples) return too_few_samples(plan_);
  const RateOf* const rate = std::get_if<RateOf>(&plan_.read.what);
  if (rate != nullptr) total /= rate->capacity;
  if (!std::isfinite(total) || !std::isfinite(part)) return not_finite(plan_.metric);
  if (rate != nullptr) return measured(total, *all);
  return measured(RatioParts{part, total}, *all);
}

}  // namespace autoscaler
