#include "policies/trial.h"

#include <algorithm>

namespace autoscaler {
namespace {

using Meaning = SignalSpec::Meaning;

constexpr Duration kSettling = std::chrono::minutes(2);
constexpr double kHelped = 0.9;     // of the signal when the trial began
constexpr double kRelieved = 0.95;  // of the load of one instance then

bool is_tried(Meaning meaning) {
  return meaning == Meaning::kLatency || meaning == Meaning::kErrors ||
         meaning == Meaning::kOverload;
}

// What one instance carries: requests where they are counted, else how busy it is.
std::optional<double> load_of(const Vitals& vitals) {
  return vitals.load ? vitals.load : vitals.work;
}

bool is_asking(const Decision& decision, size_t signal) {
  return std::any_of(
      decision.proposals.begin(), decision.proposals.end(), [&](const Proposal& proposal) {
        const bool asks = proposal.past_out || proposal.replicas.value_or(0) > decision.from;
        return proposal.signal == signal && asks;
      });
}

void judge(const WorkloadSpec& spec, const Decision& decision, size_t signal, Instant now,
           SignalMemory& memory) {
  const SignalMemory::Trial trial = *memory.trial;
  memory.trial.reset();
  const SignalValue& value = decision.signals[signal];
  const auto load = load_of(decision.vitals);
  if (value.missing) return;
  if (!is_asking(decision, signal) || (value.value && *value.value <= trial.value * kHelped)) {
    memory.useless_trials = 0;
    memory.useless_until.reset();
    return;
  }
  if (!load || *load > trial.load * kRelieved) return;
  const int doublings = std::min(memory.useless_trials, 16);
  memory.useless_until =
      now + std::min<Duration>(kLongestTrialWait, *spec.guards.ineffective * (1 << doublings));
  memory.useless_trials = std::min(memory.useless_trials + 1, 1000);
}

void begin(const WorkloadSpec& spec, const Decision& decision, Instant now, Recent& recent) {
  if (!decision.bound_by || decision.to <= decision.from) return;
  const auto signal = decision.proposals[*decision.bound_by].signal;
  const auto load = load_of(decision.vitals);
  if (!signal || !load || !is_tried(spec.signals[*signal].meaning)) return;
  const auto value = decision.signals[*signal].value;
  SignalMemory& memory = recent.signals[*signal];
  if (value && !memory.trial) memory.trial = SignalMemory::Trial{now, *value, *load};
}

}  // namespace

void advance_trials(const WorkloadSpec& spec, const Decision& decision, bool applied, Instant now,
                    Recent& recent) {
  if (!spec.guards.ineffective || decision.signals.empty()) return;
  const Duration patience = decision.time_to_ready.value_or(Duration{0}) + spec.warmup + kSettling;
  for (size_t i = 0; i < spec.signals.size(); ++i) {
    SignalMemory& memory = recent.signals[i];
    if (memory.trial && now - memory.trial->at >= patience) judge(spec, decision, i, now, memory);
    if (memory.useless_until && now - *memory.useless_until >= kLongestTrialWait) {
      memory.useless_trials = 0;
      memory.useless_until.reset();
    }
  }
  if (applied) begin(spec, decision, now, recent);
}

}  // namespace autoscaler
