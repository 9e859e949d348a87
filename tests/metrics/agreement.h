#pragma once

#include "metrics/window.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

// What comparing our windows with Prometheus' needs.
namespace autoscaler {

struct Sample {
  int64_t at_ms;
  std::vector<double> values;
};
using History = std::vector<Sample>;

inline std::string number(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.17g", value);
  return std::isinf(value) ? "+Inf" : text;
}

// For a query in a URL.
inline std::string escaped(const std::string& query) {
  std::string text;
  for (const char c : query) {
    char hex[8];
    std::snprintf(hex, sizeof hex, "%%%02X", static_cast<unsigned char>(c));
    text += hex;
  }
  return text;
}

// Our window over the samples that a range of Prometheus holds: from `end - length` to `end`.
struct Seen {
  std::vector<double> rates;
  WindowQuality quality{};
  std::vector<double> first;  // values of the oldest sample
};
inline std::optional<Seen> seen(const History& history, Instant end, Duration length) {
  const size_t width = history.front().values.size();
  CounterWindow window(width);
  Seen result;
  for (const Sample& sample : history) {
    const Instant at{std::chrono::milliseconds(sample.at_ms)};
    if (at < end - length || at > end) continue;
    if (result.first.empty()) result.first = sample.values;
    window.add(at, sample.values, {length});
  }
  result.rates.assign(width, 0.0);
  const auto quality = window.add_rates(result.rates, {length});
  if (!quality) return std::nullopt;
  result.quality = *quality;
  return result;
}

// docs/signals.md, "Extrapolation": what Prometheus multiplies our rate by.
inline double extrapolation(const Seen& ours, size_t counter, Instant end, Duration length) {
  const auto in_seconds = [](Duration d) { return std::chrono::duration<double>(d).count(); };
  const double covered = in_seconds(ours.quality.covered);
  const double step = covered / (ours.quality.samples - 1);
  double before = in_seconds(ours.quality.at - ours.quality.covered - (end - length));
  const double after = in_seconds(end - ours.quality.at);
  const double increase = ours.rates[counter] * covered;
  if (increase > 0) before = std::min(before, covered * ours.first[counter] / increase);
  const auto bounded = [step](double gap) { return gap < 1.1 * step ? gap : step / 2; };
  return (covered + bounded(before) + bounded(after)) / in_seconds(length);
}

}  // namespace autoscaler
