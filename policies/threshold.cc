#include "policies/threshold.h"

#include "policies/counts.h"
#include "policies/marks.h"
#include "policies/warming.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

constexpr int32_t kEnoughSamples = 1'000'000;  // counts stop here rather than overflow

enum class Verdict { kPast, kNotPast, kLeftOut };

struct RuleVerdict {
  bool past = false;
  const Mark* spoke = nullptr;  // the first mark that is past, or the first of all
};

Verdict judge(const Mark& mark, bool scales_in, MarkedSignals& signals) {
  const MarkedSignals::Seen seen = signals.see(mark.signal);
  if (seen.left_out) return Verdict::kLeftOut;
  if (seen.idle) return scales_in && !mark.above ? Verdict::kPast : Verdict::kNotPast;
  if (!seen.value) return Verdict::kNotPast;
  const bool past = mark.above ? *seen.value > mark.value : *seen.value < mark.value;
  return past ? Verdict::kPast : Verdict::kNotPast;
}

RuleVerdict judge(const ThresholdSpec::Rule& rule, bool scales_in, MarkedSignals& signals) {
  RuleVerdict verdict;
  int past = 0;
  int counted = 0;
  for (const Mark& mark : rule.marks) {
    const Verdict one = judge(mark, scales_in, signals);
    if (!verdict.spoke || (one == Verdict::kPast && past == 0)) verdict.spoke = &mark;
    counted += one != Verdict::kLeftOut;
    past += one == Verdict::kPast;
  }
  verdict.past = past > 0 && (!rule.all || past == counted);
  return verdict;
}

// The size the rules want; nullopt: they want nothing.
std::optional<int32_t> wanted_size(const ThresholdSpec& threshold, const Scene& scene,
                                   Proposal& proposal) {
  const PolicyMemory memory = memory_at(scene.recent.policies, proposal.policy);
  const int32_t size = scene.workload.size;
  const PolicyMemory counted = count_sample(memory, proposal);
  if (proposal.past_out && counted.past_out_samples >= threshold.out->samples) {
    proposal.cooling = is_cooling(memory.last_out, threshold.out->cooldown, scene.now);
    if (proposal.cooling) return size;
    // A step is added to what has spoken. Those that warm up are a part of it that has come
    // already: 10 in service and 2 warming, add 2, stays 12.
    const int32_t base = std::max(0, size - count_awaited(scene));
    return std::max(size, to_count(int64_t{base} + instances_of(threshold.out->change, base)));
  }
  if (proposal.past_in && counted.past_in_samples >= threshold.in->samples) {
    proposal.cooling = is_cooling(memory.last_in, threshold.in->cooldown, scene.now) ||
                       is_cooling(memory.last_out, threshold.in->cooldown, scene.now);
    if (proposal.cooling) return size;
    return to_count(int64_t{size} - instances_of(threshold.in->change, size));
  }
  if (threshold.in && !is_blind(proposal)) return size;
  return std::nullopt;
}

}  // namespace

int32_t instances_of(const SizeChange& change, int32_t size) {
  const double instances =
      change.percent ? std::ceil(size * *change.percent / 100 - kRounding) : change.instances;
  return std::max(1, to_count(instances));
}

PolicyMemory count_sample(PolicyMemory memory, const Proposal& proposal) {
  const auto at = proposal.sample_at;
  if (!at || (memory.last_sample && *at <= *memory.last_sample)) return memory;
  const auto next = [](int32_t count, bool past) {
    return past ? std::min(count + 1, kEnoughSamples) : 0;
  };
  memory.past_out_samples = next(memory.past_out_samples, proposal.past_out);
  memory.past_in_samples = next(memory.past_in_samples, proposal.past_in);
  memory.last_sample = at;
  return memory;
}

Proposal propose(const ThresholdSpec& threshold, uint16_t policy, const Scene& scene,
                 const Readings& readings) {
  Proposal proposal;
  proposal.policy = policy;
  MarkedSignals signals(scene, readings, proposal);
  RuleVerdict out;
  RuleVerdict in;
  if (threshold.out) out = judge(*threshold.out, false, signals);
  if (threshold.in) in = judge(*threshold.in, true, signals);
  proposal.past_out = out.past;
  proposal.past_in = in.past;

  const Mark* spoke = out.past || !in.past ? out.spoke : in.spoke;
  if (!spoke) spoke = in.spoke;
  if (spoke) {
    proposal.signal = static_cast<uint16_t>(spoke->signal);
    proposal.current = readings.values[spoke->signal].value;
    proposal.target = spoke->value;
  }
  settle(wanted_size(threshold, scene, proposal), proposal);
  return proposal;
}

}  // namespace autoscaler
