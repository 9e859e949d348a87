#include "controller/telemetry/families.h"
#include "policies/capacity_sampler.h"

namespace autoscaler {
namespace {

using prometheus::MetricFamily;
using Label = prometheus::ClientMetric::Label;

// The labels and the capacity of each signal of a workload that learns its capacity.
template <typename Visit>
void each_capacity(const WorkloadTick& tick, const Visit& visit) {
  const WorkloadSpec& spec = tick.config->spec;
  const std::vector<Capacity>& capacities = tick.workload.capacities;
  for (size_t i = 0; i < capacities.size(); ++i) {
    if (!learns_capacity(spec, i)) continue;
    visit(Label{"workload", spec.name}, Label{"signal", spec.signals[i].name}, capacities[i]);
  }
}

void add_capacity(MetricFamily& to, const WorkloadTick& tick, Instant /*now*/) {
  each_capacity(tick, [&](const Label& of, const Label& signal, const Capacity& each) {
    if (each.per_instance) add_gauge(to, {of, signal}, *each.per_instance);
  });
}

void add_confidence(MetricFamily& to, const WorkloadTick& tick, Instant /*now*/) {
  each_capacity(tick, [&](const Label& of, const Label& signal, const Capacity& each) {
    add_gauge(to, {of, signal}, confidence(each));
  });
}

void add_safe_load(MetricFamily& to, const WorkloadTick& tick, Instant /*now*/) {
  each_capacity(tick, [&](const Label& of, const Label& signal, const Capacity& each) {
    if (each.safe_to) add_gauge(to, {of, signal}, *each.safe_to);
  });
}

void add_samples(MetricFamily& to, const WorkloadTick& tick, Instant /*now*/) {
  each_capacity(tick, [&](const Label& of, const Label& signal, const Capacity& each) {
    add_gauge(to, {of, signal}, each.samples);
  });
}

void add_evidence(MetricFamily& to, const WorkloadTick& tick, Instant /*now*/) {
  each_capacity(tick, [&](const Label& of, const Label& signal, const Capacity& each) {
    add_gauge(to, {of, signal, {"evidence", capacity_evidence_name(each.evidence)}}, 1);
  });
}

constexpr WorkloadFamily kLearnedFamilies[] = {
    {"autoscaler_learned_capacity",
     "The load per instance that was learned to meet the SLO, in the signal's own unit: what is "
     "sized by. Absent while it is unknown.",
     add_capacity},
    {"autoscaler_learned_capacity_confidence",
     "Its share of the most likely value, 0 to 1; 0 while it is unknown.", add_confidence},
    {"autoscaler_learned_safe_load",
     "The highest load per instance at which the SLO was seen to be met.", add_safe_load},
    {"autoscaler_learned_capacity_samples", "Samples of load and p95 that it is made of.",
     add_samples},
    {"autoscaler_learned_capacity_info", "How the capacity is known, or why it is not, always 1.",
     add_evidence},
};

}  // namespace

std::span<const WorkloadFamily> learned_families() {
  return kLearnedFamilies;
}

}  // namespace autoscaler
