#include "metrics/series_fault.h"

#include "metrics/signal_reader.h"

#include <algorithm>

namespace autoscaler {
namespace {

// Labels come from the network and may be megabytes; a person needs the beginning.
std::string series_name(const ExpositionSample& sample) {
  constexpr size_t kShown = 200;
  std::string text(sample.name);
  text += '{';
  size_t length = sample.label_text.size();
  if (length > kShown) {
    length = kShown;
    // Not inside a UTF-8 sequence.
    while ((sample.label_text[length] & 0xc0) == 0x80) --length;
  }
  text += sample.label_text.substr(0, length);
  text += length < sample.label_text.size() ? "...}" : "}";
  return text;
}

}  // namespace

Missing no_series(const std::string& metric) {
  return {MissingReason::kNoSeries, "no " + metric + " with the labels asked for"};
}

Missing too_many_series(const std::string& metric) {
  return {MissingReason::kTooLarge,
          metric + " has more than " + std::to_string(kMaxSeries) + " series"};
}

Missing repeated_series(const ExpositionSample& sample) {
  return {MissingReason::kMalformed, series_name(sample) + " occurs twice"};
}

Missing not_finite(const std::string& metric) {
  return {MissingReason::kNotFinite, metric + " is not finite"};
}

Missing negative_counter(const ExpositionSample& sample) {
  return {MissingReason::kMalformed, series_name(sample) + " is a counter and negative"};
}

Missing too_few_samples(const SignalPlan& plan) {
  const bool gauge = std::holds_alternative<GaugeOf>(plan.read.what);
  const int32_t needed = std::max(plan.read.samples, gauge ? 1 : 2);
  return {MissingReason::kTooFewSamples, plan.metric + " needs " + std::to_string(needed) +
                                             (needed == 1 ? " sample" : " samples") +
                                             " within the window"};
}

Missing quantiles_of_summary(const std::string& metric) {
  return {MissingReason::kAmbiguous,
          metric +
              " is a summary, whose quantiles cannot be added up: match one of them with "
              "matching: {quantile: \"0.95\"}"};
}

Missing bad_histogram(const ExpositionSample& sample, const std::string& why) {
  return {MissingReason::kMalformed, series_name(sample) + ": " + why};
}

}  // namespace autoscaler
