#include "policies/aggregate.h"

#include "policies/histogram.h"
#include "policies/quality.h"

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace autoscaler {
namespace {

using Usable = decltype(Tally::usable);

std::optional<double> percentile_of(const SignalSpec& spec) {
  if (spec.aggregation == Aggregation::kMedian) return 0.5;
  if (spec.aggregation == Aggregation::kPercentile) return spec.percentile;
  return std::nullopt;
}

// Of ascending numbers, between the two nearest: PromQL's quantile().
double percentile_of(std::span<const double> sorted, double percentile) {
  const double rank = percentile * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(rank);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  const double weight = rank - static_cast<double>(below);
  return sorted[below] * (1 - weight) + sorted[above] * weight;
}

void reduce_numbers(const SignalSpec& spec, const Usable& usable, SignalValue& result) {
  if (const auto percentile = percentile_of(spec)) {
    boost::container::small_vector<double, 64> sorted;
    for (const Measured* measured : usable) sorted.push_back(std::get<double>(measured->value));
    std::sort(sorted.begin(), sorted.end());
    result.value = percentile_of({sorted.data(), sorted.size()}, *percentile);
    return;
  }
  double answer = std::get<double>(usable.front()->value);
  for (size_t i = 1; i < usable.size(); ++i) {
    const double next = std::get<double>(usable[i]->value);
    switch (spec.aggregation) {
      case Aggregation::kMin: answer = std::min(answer, next); break;
      case Aggregation::kMax: answer = std::max(answer, next); break;
      default: answer += next; break;
    }
  }
  if (spec.aggregation == Aggregation::kMean) answer /= static_cast<double>(usable.size());
  result.value = answer;
}

void reduce_ratios(const Usable& usable, SignalValue& result) {
  double numerator = 0;
  double denominator = 0;
  for (const Measured* measured : usable) {
    const auto& parts = std::get<RatioParts>(measured->value);
    numerator += parts.numerator;
    denominator += parts.denominator;
  }
  if (denominator != 0) {
    result.value = numerator / denominator;
  } else if (numerator == 0) {
    result.idle = true;
  } else {
    result.missing = MissingReason::kNotFinite;
  }
}

// Observations within the window: those of a reading that does not say what it covers are not
// known.
double observations(const Measured& measured) {
  const double seconds = std::chrono::duration<double>(measured.window).count();
  double rate = 0;
  for (const double each : std::get<BucketRates>(measured.value).rates) rate += each;
  return seconds > 0 ? rate * seconds : std::numeric_limits<double>::infinity();
}

void reduce_histograms(const SignalSpec& spec, const Usable& usable, SignalValue& result) {
  const auto& first = std::get<BucketRates>(usable.front()->value);
  boost::container::small_vector<double, 64> rates(first.rates.begin(), first.rates.end());
  for (size_t i = 1; i < usable.size(); ++i) {
    const auto& next = std::get<BucketRates>(usable[i]->value);
    if (next.bounds != first.bounds) {
      result.missing = MissingReason::kMixedBuckets;
      return;
    }
    for (size_t b = 0; b < rates.size(); ++b) rates[b] += next.rates[b];
  }
  result.value = quantile_of(first.bounds, {rates.data(), rates.size()}, spec.quantile);
  result.idle = !result.value;
  if (!result.value) return;
  double observed = 0;
  for (const Measured* measured : usable) observed += observations(*measured);
  // Half of one may be lost to rounding in rate x time.
  if (observed < spec.min_observations - 0.5) {
    result.value.reset();
    result.missing = MissingReason::kTooFewObservations;
  }
}

void reduce(const SignalSpec& spec, const Usable& usable, SignalValue& result) {
  for (const Measured* measured : usable) {
    if (!result.at || measured->at > *result.at) result.at = measured->at;
  }
  switch (spec.kind) {
    case SignalSpec::Kind::kNumber: reduce_numbers(spec, usable, result); break;
    case SignalSpec::Kind::kRatio: reduce_ratios(usable, result); break;
    case SignalSpec::Kind::kHistogram: reduce_histograms(spec, usable, result); break;
    case SignalSpec::Kind::kQuantity: break;
  }
  if (result.value && !std::isfinite(*result.value)) {
    result.value.reset();
    result.missing = MissingReason::kNotFinite;
  }
}

// Whether a value can be made of them at all; why not, if so.
std::optional<MissingReason> fault_of(const SignalSpec& spec, const Tally& tally) {
  const auto reporting = static_cast<double>(tally.usable.size());
  if (reporting == 0) return tally.mixed ? MissingReason::kLowCoverage : *tally.common;
  if (reporting < spec.min_coverage * tally.expected - 1e-9) return MissingReason::kLowCoverage;
  return std::nullopt;
}

SignalValue total(const SignalSpec& spec, const Tally& tally) {
  SignalValue result;
  result.missing = fault_of(spec, tally);
  if (!result.missing) reduce(spec, tally.usable, result);
  result.moving = tally.moving;
  if (result.missing) return result;
  result.doubt = doubt_of(spec, tally);
  double completeness = 0;
  for (const Measured* measured : tally.usable) completeness += measured->completeness;
  result.completeness = completeness / static_cast<double>(tally.usable.size());
  return result;
}

}  // namespace

SignalValue aggregate(const SignalSpec& spec, const Signal& signal,
                      std::span<const Instance> instances, Instant now,
                      const Surroundings& around) {
  if (spec.kind == SignalSpec::Kind::kQuantity) return {};
  if (const auto* readings = std::get_if<InstanceReadings>(&signal.readings)) {
    const Tally counted = tally(spec, *readings, instances, around, now);
    SignalValue result;
    if (counted.expected == 0) {
      result.missing = MissingReason::kNoTarget;
      return result;
    }
    result = total(spec, counted);
    result.expected = counted.expected;
    result.reporting = static_cast<int32_t>(counted.usable.size());
    return result;
  }
  SignalValue result = total(spec, tally(spec, std::get<Reading>(signal.readings), around, now));
  const double completeness = completeness_after_outage(spec, around.memory, now);
  if (result.completeness && completeness < *result.completeness) {
    result.completeness = completeness;
    if (completeness < kComplete && !result.doubt) result.doubt = Doubt::kIncomplete;
  }
  return result;
}

}  // namespace autoscaler
