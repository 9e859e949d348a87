#include "policies/step.h"

#include "policies/counts.h"
#include "policies/marks.h"
#include "policies/threshold.h"
#include "policies/warming.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

using Step = StepSpec::Step;

// The step in which a value is; nullptr: it is not past the mark. No traffic is as low as can be.
const Step* step_at(const StepSpec::Rule& rule, const MarkedSignals::Seen& seen, bool scales_in) {
  std::optional<double> value = seen.value;
  if (seen.idle && scales_in && !rule.mark.above) value = 0;
  if (!value) return nullptr;
  const double distance = rule.mark.above ? *value - rule.mark.value : rule.mark.value - *value;
  const double slack = kRounding * std::max(1.0, std::abs(rule.mark.value));
  const Step* found = nullptr;
  for (const Step& step : rule.steps) {
    if (distance >= step.from - slack) found = &step;
  }
  return found;
}

int32_t instances_of(const Step& step, int64_t size) {
  if (!step.change.percent) return std::max(1, step.change.instances);
  const double part = static_cast<double>(size) * *step.change.percent / 100;
  return std::max({1, step.minimum, to_count(std::floor(part + kRounding))});
}

int32_t out_to(const Step& step, int32_t size, int32_t added) {
  if (step.size) return std::max(size, *step.size);
  const int64_t before = std::max<int64_t>(0, int64_t{size} - added);
  return std::max(size, to_count(before + instances_of(step, before)));
}

int32_t in_to(const Step& step, int32_t size) {
  if (step.size) return std::min(size, *step.size);
  return to_count(int64_t{size} - instances_of(step, size));
}

// The size the rules want; nullopt: they want nothing.
std::optional<int32_t> wanted_size(const StepSpec& spec, const Step* out, const Step* in,
                                   const Scene& scene, Proposal& proposal) {
  const PolicyMemory memory = memory_at(scene.recent.policies, proposal.policy);
  const PolicyMemory counted = count_sample(memory, proposal);
  const int32_t size = scene.workload.size;
  if (out && counted.past_out_samples >= spec.out->samples) {
    const bool within = is_cooling(memory.last_out, spec.out->cooldown, scene.now);
    // What still warms up counts as added, however long ago.
    const int32_t added = std::max(within ? memory.added : 0, count_awaited(scene));
    const int32_t wanted = out_to(*out, size, added);
    proposal.cooling = within && wanted < out_to(*out, size, 0);
    return wanted;
  }
  if (in && counted.past_in_samples >= spec.in->samples) {
    proposal.cooling = is_cooling(memory.last_in, spec.in->cooldown, scene.now) ||
                       is_cooling(memory.last_out, spec.in->cooldown, scene.now);
    return proposal.cooling ? size : in_to(*in, size);
  }
  if (spec.in && !is_blind(proposal)) return size;
  return std::nullopt;
}

}  // namespace

Proposal propose(const StepSpec& spec, uint16_t policy, const Scene& scene,
                 const Readings& readings) {
  Proposal proposal;
  proposal.policy = policy;
  MarkedSignals signals(scene, readings, proposal);
  const Step* out = nullptr;
  const Step* in = nullptr;
  if (spec.out) out = step_at(*spec.out, signals.see(spec.out->mark.signal), false);
  if (spec.in) in = step_at(*spec.in, signals.see(spec.in->mark.signal), true);
  proposal.past_out = out != nullptr;
  proposal.past_in = in != nullptr;

  const StepSpec::Rule& spoke = spec.out && (out || !in) ? *spec.out : *spec.in;
  proposal.signal = static_cast<uint16_t>(spoke.mark.signal);
  proposal.current = readings.values[spoke.mark.signal].value;
  proposal.target = spoke.mark.value;
  settle(wanted_size(spec, out, in, scene, proposal), proposal);
  return proposal;
}

}  // namespace autoscaler
