#include "policies/threshold.h"

#include "policies/counts.h"
#include "policies/when_missing.h"

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

// One look at all marks of a policy.
class Look {
 public:
  Look(const Scene& scene, const Readings& readings, Proposal& proposal)
      : scene_(scene), readings_(readings), proposal_(proposal) {}

  RuleVerdict judge(const ThresholdSpec::Rule& rule, bool scales_in) {
    RuleVerdict verdict;
    int past = 0;
    int counted = 0;
    for (const Mark& mark : rule.marks) {
      const Verdict one = judge(mark, scales_in);
      if (!verdict.spoke || (one == Verdict::kPast && past == 0)) verdict.spoke = &mark;
      counted += one != Verdict::kLeftOut;
      past += one == Verdict::kPast;
    }
    verdict.past = past > 0 && (!rule.all || past == counted);
    return verdict;
  }

 private:
  Verdict judge(const Mark& mark, bool scales_in) {
    const SignalValue& read = readings_.values[mark.signal];
    std::optional<double> value = read.value;
    if (read.missing) {
      const Fallback fallback = fall_back(scene_.spec.signals[mark.signal].when_missing,
                                          memory_at(scene_.recent.signals, mark.signal),
                                          scene_.workload.size, scene_.now);
      note(*read.missing, fallback);
      if (fallback.kind == WhenMissing::Kind::kIgnore) return Verdict::kLeftOut;
      value = fallback.value;
    } else if (read.at && (!proposal_.sample_at || *read.at > *proposal_.sample_at)) {
      proposal_.sample_at = read.at;
    }
    if (read.idle) return scales_in && !mark.above ? Verdict::kPast : Verdict::kNotPast;
    if (!value) return Verdict::kNotPast;
    const bool past = mark.above ? *value > mark.value : *value < mark.value;
    return past ? Verdict::kPast : Verdict::kNotPast;
  }

  void note(MissingReason reason, const Fallback& fallback) {
    if (!proposal_.missing) {
      proposal_.missing = reason;
      proposal_.fallback = fallback.kind;
    }
    proposal_.blocks_in = proposal_.blocks_in || fallback.blocks_in;
    if (fallback.replicas) {
      proposal_.replicas = std::max(proposal_.replicas.value_or(0), *fallback.replicas);
    }
  }

  const Scene& scene_;
  const Readings& readings_;
  Proposal& proposal_;
};

bool within(std::optional<Instant> since, Duration span, Instant now) {
  return since && now - *since < span;
}

// The size the rules want; nullopt: they want nothing.
std::optional<int32_t> wanted_size(const ThresholdSpec& threshold, const Scene& scene,
                                   Proposal& proposal) {
  const PolicyMemory memory = memory_at(scene.recent.policies, proposal.policy);
  const int32_t size = scene.workload.size;
  const PolicyMemory counted = count_sample(memory, proposal);
  if (proposal.past_out && counted.past_out_samples >= threshold.out->samples) {
    proposal.cooling = within(memory.last_out, threshold.out->cooldown, scene.now);
    if (proposal.cooling) return size;
    return to_count(int64_t{size} + instances_of(threshold.out->change, size));
  }
  if (proposal.past_in && counted.past_in_samples >= threshold.in->samples) {
    proposal.cooling = within(memory.last_in, threshold.in->cooldown, scene.now) ||
                       within(memory.last_out, threshold.in->cooldown, scene.now);
    if (proposal.cooling) return size;
    return to_count(int64_t{size} - instances_of(threshold.in->change, size));
  }
  // With its signal held, or none left to look at, it has nothing to say about the size.
  const bool blind =
      proposal.missing && !proposal.sample_at && proposal.fallback != WhenMissing::Kind::kLast;
  if (threshold.in && !proposal.blocks_in && !blind) return size;
  return std::nullopt;
}

// The number, or why there is none. A fallback that named a number (floor, size, towardsMax) is the
// least that is wanted.
void settle(const ThresholdSpec& threshold, const Scene& scene, Proposal& proposal) {
  const auto fallback = proposal.replicas;
  const auto wanted = wanted_size(threshold, scene, proposal);
  proposal.replicas = wanted && fallback ? std::max(*wanted, *fallback)
                      : wanted           ? wanted
                                         : fallback;
  if (proposal.replicas) return;
  if (!proposal.missing) {
    proposal.abstain = AbstainReason::kNoInRule;
  } else {
    proposal.abstain = proposal.blocks_in ? AbstainReason::kHeld : AbstainReason::kSignalMissing;
  }
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
  Look look(scene, readings, proposal);
  RuleVerdict out;
  RuleVerdict in;
  if (threshold.out) out = look.judge(*threshold.out, false);
  if (threshold.in) in = look.judge(*threshold.in, true);
  proposal.past_out = out.past;
  proposal.past_in = in.past;

  const Mark* spoke = out.past || !in.past ? out.spoke : in.spoke;
  if (!spoke) spoke = in.spoke;
  if (spoke) {
    proposal.signal = static_cast<uint16_t>(spoke->signal);
    proposal.current = readings.values[spoke->signal].value;
    proposal.target = spoke->value;
  }
  settle(threshold, scene, proposal);
  return proposal;
}

}  // namespace autoscaler
