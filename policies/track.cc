#include "policies/track.h"

#include "policies/burst.h"
#include "policies/counts.h"
#include "policies/hpa.h"
#include "policies/learned_target.h"
#include "policies/per_instance.h"
#include "policies/silent.h"
#include "policies/when_missing.h"

#include <algorithm>

namespace autoscaler {
namespace {

bool on_target(const TrackSpec& track, double ratio) {
  return ratio >= 1 - track.tolerance_in.value_or(kTolerance) - kRounding &&
         ratio <= 1 + track.tolerance_out.value_or(kTolerance) + kRounding;
}

// All of them, where a document lists none.
int32_t in_service(const Workload& workload) {
  if (workload.instances.empty()) return workload.size;
  return static_cast<int32_t>(std::count_if(
      workload.instances.begin(), workload.instances.end(),
      [](const Instance& instance) { return instance.lifecycle == Lifecycle::kInService; }));
}

// The value of one instance, and how many instances it stands for.
struct Average {
  double value;
  int32_t reporting;
};

Average average_of(const SignalSpec& signal, const SignalValue& value, const Workload& workload) {
  // Behind a number for the service, shared or not, stand all that are in service.
  if (is_of_service(signal, value)) return {*value.value, in_service(workload)};
  return {of_one_instance(signal, value), value.reporting};
}

bool is_total(const TrackSpec& track, const SignalSpec& signal, const SignalValue& value) {
  return track.kind == TrackSpec::Target::kPerInstance && is_of_service(signal, value);
}

// `load` more for the whole service, as it is counted in `value`.
void add_load(const SignalSpec& signal, const Workload& workload, double load, SignalValue& value) {
  const bool total = is_of_service(signal, value) || is_sum(signal);
  const int32_t reporting = average_of(signal, value, workload).reporting;
  *value.value += total || reporting == 0 ? load : load / reporting;
}

// For a total of the service, which every ordered instance shares.
int32_t from_total(const TrackSpec& track, double total, int32_t size) {
  if (size > 0 && on_target(track, total / (track.target * size))) return size;
  return ceil_count(total / track.target);
}

int32_t from_average(const TrackSpec& track, double ratio, int32_t reporting, int32_t silent,
                     int32_t size) {
  if (size == 0) return ceil_count(ratio);
  if (on_target(track, ratio)) return size;
  const bool is_over = ratio > 1;
  const int32_t carrying = reporting + (is_over ? silent : 0);
  const int32_t others = std::max(0, size - carrying);
  const double demand = ratio * carrying + (is_over ? 0 : others);
  if (on_target(track, demand / (carrying + others))) return size;
  const int32_t wanted = ceil_count(demand);
  return is_over ? std::max(wanted, size) : std::min(wanted, size);
}

// What stands in for a missing signal, noted in the proposal.
void fall_back_to_memory(size_t index, const Scene& scene, Proposal& proposal, SignalValue& value) {
  const SignalMemory memory = memory_at(scene.recent.signals, index);
  const Fallback fallback =
      fall_back(scene.spec.signals[index].when_missing, memory, scene.workload.size, scene.now);
  if (!proposal.missing) {
    proposal.missing = value.missing;
    proposal.fallback = fallback.kind;
  }
  proposal.blocks_in = proposal.blocks_in || fallback.blocks_in;
  if (fallback.replicas) {
    proposal.replicas = std::max(proposal.replicas.value_or(0), *fallback.replicas);
  }
  value.value = fallback.value;
  value.expected = value.reporting = memory.last_reporting;
}

int32_t wanted_size(const TrackSpec& track, const SignalValue& value, const Scene& scene,
                    const Readings& readings) {
  const SignalSpec& signal = scene.spec.signals[track.signal];
  const int32_t size = scene.workload.size;
  if (is_total(track, signal, value)) return from_total(track, *value.value, size);
  const Average average = average_of(signal, value, scene.workload);
  const int32_t silent =
      is_of_service(signal, value) ? 0 : count_silent(track.signal, scene, readings);
  return from_average(track, average.value / track.target, average.reporting, silent, size);
}

// What was learned, as if it had been written.
TrackSpec with_target(const TrackSpec& learned, double target) {
  TrackSpec track = learned;
  track.kind = TrackSpec::Target::kPerInstance;
  track.target = target;
  return track;
}

Proposal propose_size(const TrackSpec& track, uint16_t policy, const Scene& scene,
                      const Readings& readings) {
  const SignalSpec& signal = scene.spec.signals[track.signal];
  SignalValue value = readings.values[track.signal];

  Proposal proposal;
  proposal.policy = policy;
  proposal.signal = static_cast<uint16_t>(track.signal);
  if (track.kind != TrackSpec::Target::kLearned) proposal.target = track.target;
  proposal.sample_at = value.at;
  if (value.missing) {
    fall_back_to_memory(track.signal, scene, proposal, value);
    if (!value.value) {
      if (!proposal.replicas) {
        proposal.abstain =
            proposal.blocks_in ? AbstainReason::kHeld : AbstainReason::kSignalMissing;
      }
      return proposal;
    }
  }
  if (!value.value) {
    proposal.abstain = AbstainReason::kNoTraffic;
    return proposal;
  }

  proposal.current = value.value;
  if (track.kind == TrackSpec::Target::kLearned) {
    proposal.target = learned_target(track, scene.workload, proposal);
    if (!proposal.target) return proposal;
  }
  if (track.queue) {
    add_load(signal, scene.workload, load_of_backlog(track, scene, readings, proposal), value);
  }
  proposal.replicas =
      track.kind == TrackSpec::Target::kLearned
          ? wanted_size(with_target(track, *proposal.target), value, scene, readings)
          : wanted_size(track, value, scene, readings);
  return proposal;
}

// The load as the burst's signal has it, in instances.
std::optional<double> burst_demand(const TrackSpec& track, const Scene& scene,
                                   const Readings& readings, Proposal& proposal) {
  const size_t index = track.burst->signal;
  SignalValue value = readings.values[index];
  if (value.missing) fall_back_to_memory(index, scene, proposal, value);
  if (!value.value) return std::nullopt;
  const SignalSpec& signal = scene.spec.signals[index];
  if (is_total(track, signal, value)) return *value.value / track.target;
  const Average average = average_of(signal, value, scene.workload);
  return average.value / track.target * average.reporting;
}

}  // namespace

double ratio_to_target(const TrackSpec& track, double target, const Scene& scene,
                       const SignalValue& value) {
  const SignalSpec& signal = scene.spec.signals[track.signal];
  const bool is_shared =
      track.kind == TrackSpec::Target::kPerInstance || track.kind == TrackSpec::Target::kLearned;
  if (is_shared && is_of_service(signal, value)) {
    return *value.value / (target * scene.workload.size);
  }
  return average_of(signal, value, scene.workload).value / target;
}

Proposal propose(const TrackSpec& track, uint16_t policy, const Scene& scene,
                 const Readings& readings) {
  if (scene.spec.hpa) return propose_as_hpa(track, policy, scene, readings);
  Proposal proposal = propose_size(track, policy, scene, readings);
  const bool learned = track.kind == TrackSpec::Target::kLearned;
  if (!track.burst || (learned && !proposal.target)) return proposal;
  const auto demand = burst_demand(learned ? with_target(track, *proposal.target) : track, scene,
                                   readings, proposal);
  propose_burst(*track.burst, demand, in_service(scene.workload), scene, proposal);
  return proposal;
}

}  // namespace autoscaler
