#include "metrics/histogram_reader.h"

#include "metrics/series_fault.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace autoscaler {
namespace {

std::optional<double> parse_bound(std::string_view text) {
  if (text == "+Inf" || text == "Inf" || text == "inf" || text == "+inf") {
    return std::numeric_limits<double>::infinity();
  }
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  double bound = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), bound);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(bound)) return std::nullopt;
  return bound;
}

// All labels but `le`, as one text.
void labels_without_bound(const ExpositionSample& sample, std::string& key) {
  key.clear();
  for (const ExpositionLabel& label : sample.labels) {
    if (label.name == "le") continue;
    key.append(label.name).append("=\"").append(label.raw).append("\",");
  }
}

}  // namespace

void HistogramReader::begin() {
  std::erase_if(sets_, [](const auto& entry) { return entry.second.window.samples() == 0; });
  for (auto& [labels, set] : sets_) set.page.clear();
  buckets_on_page_ = 0;
  fault_.reset();
}

void HistogramReader::take(const ExpositionSample& sample, Instant at) {
  if (!fault_) fault_ = put(sample, at);
}

std::optional<Missing> HistogramReader::put(const ExpositionSample& sample, Instant at) {
  labels_without_bound(sample, key_);
  auto found = sets_.find(key_);
  if (found == sets_.end()) {
    if (!plan_.of.matches(sample)) return std::nullopt;
    found = sets_.emplace(key_, LabelSet{}).first;
  }
  if (++buckets_on_page_ > kMaxSeries) return too_many_series(plan_.metric);
  const auto le = std::find_if(sample.labels.begin(), sample.labels.end(),
                               [](const ExpositionLabel& label) { return label.name == "le"; });
  if (le == sample.labels.end()) return bad_histogram(sample, "a bucket without le");
  const std::optional<double> bound = parse_bound(le->raw);
  if (!bound) return bad_histogram(sample, "le is not a number");
  if (!std::isfinite(sample.value)) return not_finite(plan_.metric);
  if (sample.value < 0) return negative_counter(sample);
  LabelSet& set = found->second;
  set.page.push_back({*bound, sample.value});
  set.at = at;
  return std::nullopt;
}

std::optional<Missing> HistogramReader::check_buckets(const std::vector<Bucket>& buckets,
                                                      std::string_view labels) const {
  const auto fault = [&](const std::string& why) {
    ExpositionSample sample;
    sample.name = plan_.metric;
    sample.label_text = labels;
    return bad_histogram(sample, why);
  };
  if (std::isfinite(buckets.back().bound)) return fault("no bucket le=\"+Inf\"");
  for (size_t i = 1; i < buckets.size(); ++i) {
    if (buckets[i].bound == buckets[i - 1].bound) return fault("a bucket occurs twice");
    if (buckets[i].count < buckets[i - 1].count) return fault("its buckets are not cumulative");
  }
  return std::nullopt;
}

std::optional<Missing> HistogramReader::count_page(LabelSet& set, std::string_view labels) {
  std::sort(set.page.begin(), set.page.end(),
            [](const Bucket& a, const Bucket& b) { return a.bound < b.bound; });
  if (std::optional<Missing> fault = check_buckets(set.page, labels)) return fault;
  std::vector<double> bounds;
  std::vector<double> counts;
  for (const Bucket& bucket : set.page) {
    bounds.push_back(bucket.bound);
    counts.push_back(bucket.count);
  }
  // Another layout is another histogram: nothing of the old one can be compared with it.
  if (bounds != set.bounds) {
    set.window = CounterWindow(bounds.size());
    set.bounds = std::move(bounds);
  }
  set.window.add(set.at, counts, span_of(plan_.read));
  return std::nullopt;
}

void HistogramReader::forget() {
  for (auto& [labels, set] : sets_) set.window.clear();
}

Reading HistogramReader::finish() {
  if (fault_) return *fault_;
  std::erase_if(sets_, [](const auto& entry) { return entry.second.page.empty(); });
  if (sets_.empty()) return no_series(plan_.metric);
  for (auto& [labels, set] : sets_) {
    if (std::optional<Missing> fault = count_page(set, labels); fault && !fault_) fault_ = fault;
  }
  if (fault_) return *fault_;

  const std::vector<double>& bounds = sets_.begin()->second.bounds;
  std::vector<double> rates(bounds.size(), 0.0);
  std::optional<WindowQuality> all;
  for (const auto& [labels, set] : sets_) {
    if (set.bounds != bounds) {
      return Missing{MissingReason::kMixedBuckets, plan_.metric + ": its series differ in buckets"};
    }
    const std::optional<WindowQuality> one = set.window.add_rates(rates, span_of(plan_.read));
    if (!one) continue;
    if (all) {
      all->join(*one);
    } else {
      all = one;
    }
  }
  if (!all || all->samples < plan_.read.samples) return too_few_samples(plan_);
  for (size_t i = 1; i < rates.size(); ++i) rates[i] = std::max(rates[i], rates[i - 1]);
  if (!std::isfinite(rates.back())) return not_finite(plan_.metric);
  for (size_t i = rates.size() - 1; i > 0; --i) rates[i] -= rates[i - 1];
  return measured(BucketRates{bounds, std::move(rates)}, *all);
}

}  // namespace autoscaler
