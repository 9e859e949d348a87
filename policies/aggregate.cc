#include "policies/aggregate.h"

#include "policies/histogram.h"

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

// Inline for as many instances as most services have: nothing is allocated for them.
using Usable = boost::container::small_vector<const Measured*, 64>;

bool is_finite(const Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return std::isfinite(*number);
  if (const auto* ratio = std::get_if<RatioParts>(&value)) {
    return std::isfinite(ratio->numerator) && std::isfinite(ratio->denominator);
  }
  if (const auto* histogram = std::get_if<BucketRates>(&value)) {
    return std::all_of(histogram->rates.begin(), histogram->rates.end(),
                       [](double rate) { return std::isfinite(rate); });
  }
  return true;
}

bool fits(const Value& value, SignalSpec::Kind kind) {
  switch (kind) {
    case SignalSpec::Kind::kNumber: return std::holds_alternative<double>(value);
    case SignalSpec::Kind::kRatio: return std::holds_alternative<RatioParts>(value);
    case SignalSpec::Kind::kHistogram: {
      const auto* histogram = std::get_if<BucketRates>(&value);
      return histogram && well_formed(*histogram);
    }
    case SignalSpec::Kind::kQuantity: return false;
  }
  return false;
}

// Why a reading cannot be used; nullopt: it can.
std::optional<MissingReason> fault_of(const SignalSpec& spec, const Reading& reading, Instant now) {
  if (const auto* missing = std::get_if<Missing>(&reading)) return missing->reason;
  const auto& measured = std::get<Measured>(reading);
  if (!fits(measured.value, spec.kind)) return MissingReason::kMalformed;
  if (!is_finite(measured.value)) return MissingReason::kNotFinite;
  if (spec.max_age > Duration{0} && now - measured.at > spec.max_age) return MissingReason::kStale;
  return std::nullopt;
}

void reduce_numbers(Aggregation aggregation, const Usable& usable, SignalValue& result) {
  if (aggregation == Aggregation::kMedian) {
    boost::container::small_vector<double, 64> sorted;
    for (const Measured* measured : usable) sorted.push_back(std::get<double>(measured->value));
    std::sort(sorted.begin(), sorted.end());
    const size_t half = sorted.size() / 2;
    result.value = sorted.size() % 2 == 1 ? sorted[half] : sorted[half - 1] / 2 + sorted[half] / 2;
    return;
  }
  double answer = std::get<double>(usable.front()->value);
  for (size_t i = 1; i < usable.size(); ++i) {
    const double next = std::get<double>(usable[i]->value);
    switch (aggregation) {
      case Aggregation::kMin: answer = std::min(answer, next); break;
      case Aggregation::kMax: answer = std::max(answer, next); break;
      default: answer += next; break;
    }
  }
  if (aggregation == Aggregation::kMean) answer /= static_cast<double>(usable.size());
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

void reduce_histograms(double quantile, const Usable& usable, SignalValue& result) {
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
  result.value = quantile_of(first.bounds, {rates.data(), rates.size()}, quantile);
  result.idle = !result.value;
}

void reduce(const SignalSpec& spec, const Usable& usable, SignalValue& result) {
  for (const Measured* measured : usable) {
    if (!result.at || measured->at > *result.at) result.at = measured->at;
  }
  switch (spec.kind) {
    case SignalSpec::Kind::kNumber: reduce_numbers(spec.aggregation, usable, result); break;
    case SignalSpec::Kind::kRatio: reduce_ratios(usable, result); break;
    case SignalSpec::Kind::kHistogram: reduce_histograms(spec.quantile, usable, result); break;
    case SignalSpec::Kind::kQuantity: break;
  }
  if (result.value && !std::isfinite(*result.value)) {
    result.value.reset();
    result.missing = MissingReason::kNotFinite;
  }
}

// The readings that count, and why the others do not.
struct Tally {
  int32_t expected = 0;
  Usable usable;
  std::optional<MissingReason> common;  // of the readings that failed, while it is the same for all
  bool mixed = false;

  void add_fault(MissingReason fault) {
    mixed = mixed || (common && common != fault);
    common = fault;
  }
  void add(const SignalSpec& spec, const Reading& reading, Instant now) {
    if (const auto fault = fault_of(spec, reading, now)) {
      add_fault(*fault);
    } else {
      usable.push_back(&std::get<Measured>(reading));
    }
  }
};

Tally of_instances(const SignalSpec& spec, const std::vector<InstanceReading>& readings,
                   std::span<const Instance> instances, Instant now) {
  Tally tally;
  auto reading = readings.begin();
  for (const Instance& instance : instances) {
    if (instance.lifecycle != Lifecycle::kInService) continue;
    ++tally.expected;
    while (reading != readings.end() && reading->instance < instance.id) ++reading;
    if (reading != readings.end() && reading->instance == instance.id) {
      tally.add(spec, reading->reading, now);
    } else {
      tally.add_fault(MissingReason::kLowCoverage);  // not listed at all
    }
  }
  return tally;
}

Tally of_targets(const SignalSpec& spec, const std::vector<InstanceReading>& readings,
                 Instant now) {
  Tally tally;
  for (const InstanceReading& reading : readings) {
    ++tally.expected;
    tally.add(spec, reading.reading, now);
  }
  return tally;
}

SignalValue total(const SignalSpec& spec, const Tally& tally) {
  SignalValue result;
  result.expected = tally.expected;
  result.reporting = static_cast<int32_t>(tally.usable.size());
  if (result.expected == 0) {
    result.missing = MissingReason::kNoTarget;
  } else if (tally.usable.empty()) {
    result.missing = tally.mixed ? MissingReason::kLowCoverage : *tally.common;
  } else if (result.reporting < spec.min_coverage * result.expected - 1e-9) {
    result.missing = MissingReason::kLowCoverage;
  } else {
    reduce(spec, tally.usable, result);
  }
  return result;
}

}  // namespace

SignalValue aggregate(const SignalSpec& spec, const Signal& signal,
                      std::span<const Instance> instances, Instant now) {
  if (spec.kind == SignalSpec::Kind::kQuantity) return {};
  if (const auto* readings = std::get_if<std::vector<InstanceReading>>(&signal.readings)) {
    return total(spec, spec.over_targets ? of_targets(spec, *readings, now)
                                         : of_instances(spec, *readings, instances, now));
  }
  SignalValue result;
  const auto& reading = std::get<Reading>(signal.readings);
  result.missing = fault_of(spec, reading, now);
  if (!result.missing) {
    Usable usable;
    usable.push_back(&std::get<Measured>(reading));
    reduce(spec, usable, result);
  }
  return result;
}

}  // namespace autoscaler
