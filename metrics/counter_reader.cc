#include "metrics/counter_reader.h"

#include "metrics/series_fault.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {

void CounterReader::begin() {
  std::erase_if(series_, [](const auto& entry) { return entry.second.window.points() == 0; });
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

Reading CounterReader::finish() {
  if (fault_) return *fault_;
  std::erase_if(series_, [](const auto& entry) { return !entry.second.on_page; });
  if (series_.empty()) return no_series(plan_.metric);
  double total = 0;
  double part = 0;
  Instant newest{};
  std::optional<Duration> longest;
  for (auto& [labels, series] : series_) {
    series.window.add(series.at, {&series.value, 1}, plan_.read.window);
    newest = std::max(newest, series.at);
    double rate = 0;
    longest = std::max(longest, series.window.add_rates({&rate, 1}));
    total += rate;
    if (series.in_part) part += rate;
  }
  if (!longest) return too_few_samples(plan_.metric);
  const RateOf* const rate = std::get_if<RateOf>(&plan_.read.what);
  if (rate != nullptr) total /= rate->capacity;
  if (!std::isfinite(total) || !std::isfinite(part)) return not_finite(plan_.metric);
  if (rate != nullptr) return Measured{total, newest, *longest};
  return Measured{RatioParts{part, total}, newest, *longest};
}

}  // namespace autoscaler
