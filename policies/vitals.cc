#include "policies/vitals.h"

#include "policies/per_instance.h"

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

using Meaning = SignalSpec::Meaning;
using std::chrono::minutes;

// Of several signals that tell the same the first by name speaks, so that their order changes
// nothing.
template <typename Tells>
std::optional<size_t> first_of(const WorkloadSpec& spec, Tells tells) {
  std::optional<size_t> first;
  for (size_t i = 0; i < spec.signals.size(); ++i) {
    if (!tells(spec.signals[i].meaning)) continue;
    if (!first || spec.signals[i].name < spec.signals[*first].name) first = i;
  }
  return first;
}

// Those that the balancer sends requests to.
int32_t carrying(const Workload& workload) {
  if (workload.instances.empty()) return workload.size;
  return static_cast<int32_t>(
      std::count_if(workload.instances.begin(), workload.instances.end(), [](const Instance& one) {
        return one.lifecycle == Lifecycle::kWarming || one.lifecycle == Lifecycle::kInService;
      }));
}

// Into `load` and `total`.
void weigh_load(const SignalSpec& signal, const SignalValue& value, const Workload& workload,
                Vitals& vitals) {
  const int32_t instances = carrying(workload);
  if (!value.value) return;
  if (!is_of_service(signal, value)) {
    vitals.load = of_one_instance(signal, value);
    vitals.total = *vitals.load * instances;
  } else if (instances > 0) {
    vitals.load = *value.value / instances;
    vitals.total = value.value;
  }
}

// Remembered numbers are inputs of later decisions: none hangs on the last bits of a sum.
std::optional<double> rounded(std::optional<double> number) {
  if (!number) return number;
  return std::round(*number * 1e6) / 1e6;
}

}  // namespace

Vitals vitals_of(const Scene& scene, std::span<const SignalValue> values) {
  const WorkloadSpec& spec = scene.spec;
  const auto value_of = [&](std::optional<size_t> signal) {
    return signal ? values[*signal].value : std::nullopt;
  };
  const auto is = [](Meaning wanted) {
    return [wanted](Meaning meaning) { return meaning == wanted; };
  };
  Vitals vitals;
  if (const auto load = first_of(spec, is(Meaning::kLoad))) {
    weigh_load(spec.signals[*load], values[*load], scene.workload, vitals);
  }
  vitals.work = value_of(first_of(spec, is(Meaning::kWork)));
  vitals.latency = value_of(first_of(spec, is(Meaning::kLatency)));
  vitals.errors = value_of(first_of(spec, [](Meaning meaning) {
    return meaning == Meaning::kErrors || meaning == Meaning::kOverload;
  }));
  for (const VitalNumber number : kVitalNumbers) vitals.*number = rounded(vitals.*number);
  return vitals;
}

void remember_vitals(const Vitals& vitals, Instant now, VitalsHistory& history) {
  if (vitals == Vitals{}) return;
  constexpr size_t kMost = VitalsHistory::kMinutes;
  const Instant minute = minute_of(now);
  const bool is_over = history.minutes.empty() || minute - history.newest >= minutes(kMost);
  if (is_over || history.newest < minute) {
    std::vector<Vitals>& kept = history.minutes.edit();
    if (is_over) kept.clear();
    if (is_over) history.newest = minute - minutes(1);
    for (; history.newest < minute; history.newest += minutes(1)) {
      if (kept.size() == kMost) kept.erase(kept.begin());
      kept.emplace_back();
    }
  }
  // The list is changed only where it says something else now: others share it.
  for (const VitalNumber number : kVitalNumbers) {
    if (!(vitals.*number) || history.minutes.back().*number == vitals.*number) continue;
    history.minutes.edit().back().*number = vitals.*number;
  }
}

std::optional<double> median_of(const VitalsHistory& history, VitalNumber number, Instant from,
                                Instant to, size_t at_least) {
  if (history.minutes.empty()) return std::nullopt;
  const auto count = static_cast<int64_t>(history.minutes.size());
  const Instant oldest = history.newest - minutes(count - 1);
  const auto place_of = [&](Instant at) {  // of the first minute that begins then or later
    return at <= oldest ? 0 : std::min(count, std::chrono::ceil<minutes>(at - oldest).count());
  };
  boost::container::small_vector<double, VitalsHistory::kMinutes> known;
  for (int64_t i = place_of(from); i < place_of(to); ++i) {
    const std::optional<double>& value = history.minutes[static_cast<size_t>(i)].*number;
    if (value) known.push_back(*value);
  }
  if (known.size() < std::max<size_t>(at_least, 1)) return std::nullopt;
  // The lower of the two in the middle: what must have risen is not said to have risen by halves.
  const auto middle = known.begin() + static_cast<std::ptrdiff_t>((known.size() - 1) / 2);
  std::nth_element(known.begin(), middle, known.end());
  return *middle;
}

Vitals medians_of(const VitalsHistory& history, Instant from, Instant to, size_t at_least) {
  Vitals medians;
  for (const VitalNumber number : kVitalNumbers) {
    medians.*number = median_of(history, number, from, to, at_least);
  }
  return medians;
}

}  // namespace autoscaler
