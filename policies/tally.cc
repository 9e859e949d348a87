#include "policies/tally.h"

#include "policies/histogram.h"
#include "policies/quality.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

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

void add_fault(Tally& tally, MissingReason fault) {
  tally.mixed = tally.mixed || (tally.common && tally.common != fault);
  tally.common = fault;
}

void add(const SignalSpec& spec, const Reading& reading, Instant now, Tally& tally) {
  if (const auto fault = fault_of(spec, reading, now)) {
    add_fault(tally, *fault);
  } else {
    tally.usable.push_back(&std::get<Measured>(reading));
  }
}

// Takes out the zeros that are not believed, and counts what is wrong with the rest.
void judge(const SignalSpec& spec, const Surroundings& around, Instant now, Tally& tally) {
  const bool doubts_zeros = spec.believe_zero_after > Duration{0};
  const auto loud = std::count_if(tally.usable.begin(), tally.usable.end(),
                                  [](const Measured* each) { return !shows_nothing(*each); });
  const bool load = loud > 0 || is_load_known(spec, around, now);
  int32_t quiet = 0;
  const auto judge_one = [&](const Measured* each) {
    const ZeroVerdict zero = doubts_zeros && load && shows_nothing(*each)
                                 ? judge_zero(spec, *each, around.memory)
                                 : ZeroVerdict::kBelieved;
    if (zero == ZeroVerdict::kSuspicious) return true;
    if (const auto flaw = flaw_of(*each, zero)) {
      ++tally.unsound;
      ++tally.flaws[static_cast<size_t>(*flaw)];
    }
    if (zero == ZeroVerdict::kBelieved && shows_nothing(*each)) ++quiet;
    return false;
  };
  const auto kept = std::remove_if(tally.usable.begin(), tally.usable.end(), judge_one);
  if (kept != tally.usable.end()) add_fault(tally, MissingReason::kSuspiciousZero);
  tally.usable.erase(kept, tally.usable.end());
  if (doubts_zeros && loud + quiet > 0) {
    tally.moving = static_cast<double>(loud) / static_cast<double>(loud + quiet);
  }
}

}  // namespace

Tally tally(const SignalSpec& spec, std::span<const InstanceReading> readings,
            std::span<const Instance> instances, const Surroundings& around, Instant now) {
  Tally tally;
  if (spec.over_targets) {
    tally.expected = static_cast<int32_t>(readings.size());
    for (const InstanceReading& reading : readings) add(spec, reading.reading, now, tally);
  } else {
    auto reading = readings.begin();
    for (const Instance& instance : instances) {
      if (instance.lifecycle != Lifecycle::kInService) continue;
      ++tally.expected;
      auto order = std::strong_ordering::greater;  // of this instance against the reading's
      for (; reading != readings.end(); ++reading) {
        order = instance.id <=> reading->instance;
        if (order <= 0) break;
      }
      if (reading != readings.end() && order == 0) {
        add(spec, reading->reading, now, tally);
        ++reading;  // not compared again: names that differ are compared as texts
      } else {
        add_fault(tally, MissingReason::kLowCoverage);  // not listed at all
      }
    }
  }
  judge(spec, around, now, tally);
  return tally;
}

Tally tally(const SignalSpec& spec, const Reading& reading, const Surroundings& around,
            Instant now) {
  Tally tally;
  add(spec, reading, now, tally);
  judge(spec, around, now, tally);
  return tally;
}

}  // namespace autoscaler
