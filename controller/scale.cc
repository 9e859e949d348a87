#include "controller/scale.h"

#include "controller/pause_annotation.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace autoscaler {
namespace {

void reset_if(std::optional<Instant>& at, Instant when) {
  if (at == when) at.reset();
}

// What `record` remembered of a resize at `when`. An earlier cooldown was over by then, or there
// would have been no resize.
void forget_resize(Instant when, Recent& recent) {
  std::erase_if(recent.events, [&](const ScaleEvent& event) { return event.at == when; });
  std::erase(recent.turns, when);
  reset_if(recent.last_out, when);
  reset_if(recent.last_in, when);
  for (PolicyMemory& policy : recent.policies) {
    reset_if(policy.last_out, when);
    reset_if(policy.last_in, when);
  }
  for (SignalMemory& signal : recent.signals) {
    reset_if(signal.last_step, when);
    if (signal.trial && signal.trial->at == when) signal.trial.reset();
  }
}

// A number by which instances are compared; nullopt: none.
std::optional<double> load_of(const Reading& reading) {
  const auto* measured = std::get_if<Measured>(&reading);
  if (measured == nullptr) return std::nullopt;
  if (const auto* number = std::get_if<double>(&measured->value)) return *number;
  if (const auto* parts = std::get_if<RatioParts>(&measured->value)) {
    return parts->denominator > 0 ? parts->numerator / parts->denominator : 0;
  }
  if (const auto* usage = std::get_if<ContainerUsage>(&measured->value)) {
    double sum = 0;
    for (const auto& [name, milli] : usage->containers)
      sum += static_cast<double>(milli.value_or(0));
    return sum;
  }
  return std::nullopt;
}

std::map<InstanceId, double> loads_of(const WorkloadSpec& spec, const Signals& signals) {
  std::map<InstanceId, double> loads;
  for (const auto meaning : {SignalSpec::Meaning::kWork, SignalSpec::Meaning::kLoad}) {
    for (size_t i = 0; i < spec.signals.size() && i < signals.size(); ++i) {
      if (spec.signals[i].meaning != meaning) continue;
      const auto* each = std::get_if<InstanceReadings>(&signals[i].readings);
      if (each == nullptr) continue;
      for (const InstanceReading& reading : *each) {
        if (const auto load = load_of(reading.reading)) loads.emplace(reading.instance, *load);
      }
      if (!loads.empty()) return loads;
    }
  }
  return loads;
}

// Who bears a mark already is not marked again; those of a change that was not written, or is
// undone now, are taken back.
void choose_marks(const FleetWorkload& fleet, const Signals& signals, Resize& resize) {
  // Pods that are not ready go before all others, whatever they cost.
  const auto idle = std::count_if(
      fleet.instances.begin(), fleet.instances.end(),
      [](const FleetInstance& pod) { return pod.lifecycle == Lifecycle::kLaunching; });
  const auto leaving = std::max<int64_t>(0, resize.from - resize.to - idle);
  resize.leaving = least_loaded(fleet, signals, static_cast<size_t>(leaving));
  for (const FleetInstance& pod : fleet.instances) {
    if (!pod.goes_first || pod.lifecycle == Lifecycle::kTerminating) continue;
    if (std::erase(resize.leaving, pod.instance) == 0) resize.staying.push_back(pod.instance);
  }
}

}  // namespace

void take_scale(const WorkloadSpec& spec, const ScaleObservation& scale, bool stood_by, Instant now,
                WorkloadMemory& memory) {
  if (memory.unsettled && scale.spec_replicas == memory.unsettled->from) {
    forget_resize(memory.unsettled->at, memory.recent.edit());
    memory.desired = memory.unsettled->from;
  }
  memory.unsettled.reset();
  const int32_t change = scale.spec_replicas - memory.desired;
  memory.desired = scale.spec_replicas;
  if (change == 0 || !memory.recent->first_seen) return;
  Recent& recent = memory.recent.edit();
  if (spec.behavior && (stood_by || !spec.hpa)) recent.events.push_back({now, change});
  if (stood_by) (change > 0 ? recent.last_out : recent.last_in) = now;
}

void hear_target(const FleetWorkload& fleet, Instant now, WorkloadTick& workload) {
  workload.target_errors = fleet.past_errors;
  if (!fleet.scale) return;
  const ScaleObservation& scale = *fleet.scale;
  const auto target = [&] { return target_text(*fleet.config->kubernetes()); };
  if (!scale.owned_by_other.empty()) {
    workload.target_errors.push_back(
        {Code::kConflict, target() + " is sized by " + scale.owned_by_other +
                              " too, so that its size is not written: delete that one, or take "
                              "this workload out of the config"});
  }
  if (scale.others_unknown) {
    workload.target_errors.push_back(
        {scale.others_unknown->code,
         target() +
             ": its size is not written while nobody can tell whether another autoscaler sizes "
             "it too: " +
             scale.others_unknown->message});
  }
  const Result<std::optional<Pause>> pause = pause_of_annotations(scale.paused, scale.paused_until);
  if (!pause) {
    workload.target_errors.push_back(
        {Code::kInvalid, target() + ": " + pause.error().message + "; it counts as paused"});
  }
  Orders& orders = workload.workload.orders;
  orders.pause = both(orders.pause, pause ? *pause : Pause{}, now);
}

std::vector<Change> plan_resize(const FleetWorkload& fleet, const Decision& decision,
                                const Signals& signals, Instant now, WorkloadMemory& memory) {
  if (!fleet.scale) return {};
  const ScaleObservation& scale = *fleet.scale;
  const bool may_write = fleet.past_is_overdue && decision.to > scale.spec_replicas;
  if (fleet.past_is_unknown && !may_write) return {};
  if (!scale.is_free()) return {};
  if (decision.to == scale.spec_replicas) return {};
  Resize resize{.workload = fleet.config->spec.name,
                .from = scale.spec_replicas,
                .to = decision.to,
                .resource_version = scale.resource_version,
                .leaving = {}};
  if (fleet.config->kubernetes()->deletion_cost) choose_marks(fleet, signals, resize);
  memory.unsettled = {resize.from, now};
  return {std::move(resize)};
}

Resized resized_by(const std::vector<ChangeResult>& changes) {
  for (const ChangeResult& result : changes) {
    if (!std::holds_alternative<Resize>(result.change)) continue;
    if (result.skipped) return Resized::kUnknown;
    if (!result.error) return Resized::kYes;
    return is_outcome_unknown(result.error->code) ? Resized::kUnknown : Resized::kNo;
  }
  return Resized::kNone;
}

std::vector<InstanceId> least_loaded(const FleetWorkload& fleet, const Signals& signals,
                                     size_t count) {
  const std::map<InstanceId, double> loads = loads_of(fleet.config->spec, signals);
  std::vector<std::tuple<bool, double, InstanceId>> order;
  for (const FleetInstance& pod : fleet.instances) {
    const auto load = loads.find(pod.instance);
    if (!pod.serving || load == loads.end()) continue;
    order.emplace_back(!pod.goes_first, load->second, pod.instance);
  }
  std::sort(order.begin(), order.end());
  std::vector<InstanceId> least;
  for (size_t i = 0; i < std::min(count, order.size()); ++i) {
    least.push_back(std::get<InstanceId>(order[i]));
  }
  return least;
}

}  // namespace autoscaler
