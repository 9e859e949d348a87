#include "policies/predict/predict_policy.h"

#include "policies/counts.h"
#include "policies/learned_target.h"
#include "policies/predict/price.h"
#include "policies/stages.h"
#include "policies/total.h"
#include "policies/when_missing.h"

#include <algorithm>
#include <chrono>

namespace autoscaler {
namespace {

constexpr double kPeakReach = 1.25;  // no wish goes further beyond the peak
// Of the price: what is taken away too early violates for a whole lead, and is a launch. Doubt
// about the load then holds longer than a window of time would, and lets go at once where there is
// none.
constexpr double kHoldPrice = 2;
constexpr Duration kStale = std::chrono::minutes(10);  // or twice the lead

const Prediction* prediction_of(const Workload& workload, uint16_t policy) {
  const auto& all = workload.predictions;
  const auto found = std::find_if(
      all.begin(), all.end(), [policy](const Prediction& each) { return each.policy == policy; });
  return found == all.end() ? nullptr : &*found;
}

bool is_stale(const Prediction& prediction, Instant now) {
  if (!prediction.at || !prediction.lead_highest || !prediction.hold_highest) return true;
  return now - *prediction.at > std::max(kStale, 2 * prediction.lead);
}

// The load of one instance, or why it is not known.
struct Rate {
  std::optional<double> per_instance;
  AbstainReason unknown;
};
Rate rate_of(const PredictSpec& predict, const Workload& workload) {
  if (predict.per_instance) return {predict.per_instance, {}};
  const Capacity capacity = memory_at(workload.capacities, predict.signal);
  if (capacity.per_instance && *capacity.per_instance > 0) return {capacity.per_instance, {}};
  return {std::nullopt, unknown_capacity(capacity.evidence)};
}

// A budget is held by the newest minute where the forecast is not good for it.
bool holds_budget(const PredictSpec& predict, const WorkloadSpec& spec) {
  return spec.slo && spec.slo->budget && !predict.price;
}

std::optional<AbstainReason> shut(Gate gate) {
  switch (gate) {
    case Gate::kOpen: return std::nullopt;
    case Gate::kLearning: return AbstainReason::kGateLearning;
    case Gate::kWorseThanNaive: return AbstainReason::kGateWorseThanNaive;
    case Gate::kUncalibrated: return AbstainReason::kGateUncalibrated;
  }
  return AbstainReason::kGateLearning;
}

int32_t worth(const QuantileValues& highest, const Prediction& prediction, double rate,
              double price, int32_t most) {
  return instances_worth(highest, rate, std::max(1.0, prediction.usual / rate), price, most);
}

// The measured load in instances. Where it is missing, what stands in for it; a number of instances
// that does is wanted.
int32_t needed_now(const PredictSpec& predict, double rate, const Scene& scene,
                   const Readings& readings, Proposal& proposal) {
  const SignalSpec& signal = scene.spec.signals[predict.signal];
  SignalValue value = readings.values[predict.signal];
  if (value.missing) {
    const SignalMemory memory = memory_at(scene.recent.signals, predict.signal);
    const Fallback fallback =
        fall_back(signal.when_missing, memory, scene.workload.size, scene.now);
    proposal.missing = value.missing;
    proposal.fallback = fallback.kind;
    proposal.blocks_in = fallback.blocks_in;
    proposal.replicas = std::max(*proposal.replicas, fallback.replicas.value_or(0));
    value.value = fallback.value;
    value.expected = value.reporting = memory.last_reporting;
  }
  const auto load = total_of(signal, value);
  return load ? ceil_count(*load / (kFill * rate)) : 0;
}

}  // namespace

Proposal propose(const PredictSpec& predict, uint16_t policy, const Scene& scene,
                 const Readings& readings) {
  Proposal proposal;
  proposal.policy = policy;
  proposal.signal = static_cast<uint16_t>(predict.signal);
  proposal.current = total_of(scene.spec.signals[predict.signal], readings.values[predict.signal]);
  const Prediction* prediction = prediction_of(scene.workload, policy);
  const Rate rate = rate_of(predict, scene.workload);
  proposal.target = rate.per_instance;
  const bool stale = !prediction || is_stale(*prediction, scene.now);
  proposal.plain = prediction && prediction->gate != Gate::kOpen && prediction->plain_highest &&
                   holds_budget(predict, scene.spec);
  int32_t most = 0;
  double trusted = 0;  // of an instance
  if (!stale && rate.per_instance) {
    trusted = *rate.per_instance / prediction->headroom;
    most = std::clamp(ceil_count(kPeakReach * prediction->peak / trusted), 1,
                      std::max(1, scene.spec.bounds.max));
    proposal.forecast =
        worth(proposal.plain ? *prediction->plain_highest : *prediction->lead_highest, *prediction,
              trusted, prediction->price, most);
  }
  proposal.abstain = predict.mode == PredictSpec::Mode::kForecastOnly
                         ? std::optional(AbstainReason::kForecastOnly)
                     : !prediction        ? std::optional(AbstainReason::kGateLearning)
                     : !rate.per_instance ? std::optional(rate.unknown)
                     : stale              ? std::optional(AbstainReason::kForecastStale)
                     : proposal.plain     ? std::nullopt
                                          : shut(prediction->gate);
  if (proposal.abstain) return proposal;

  proposal.replicas = proposal.forecast;
  proposal.only_raises = predict.mode == PredictSpec::Mode::kScaleOut;
  if (proposal.only_raises) return proposal;
  // A sample above the forecast is no reason to launch: what it asks for is gone before it serves,
  // or it lasts, and then the policies that answer to what is measured say so.
  const int32_t needed = needed_now(predict, trusted, scene, readings, proposal);
  const auto& hold = proposal.plain ? *prediction->plain_highest : *prediction->hold_highest;
  const int32_t keep =
      std::max(needed, worth(hold, *prediction, trusted, kHoldPrice * prediction->price, most));
  proposal.keep = prediction->outage_suspected ? std::max(keep, scene.workload.size) : keep;
  return proposal;
}

bool may_brake_by_forecast(const WorkloadSpec& spec) {
  return std::any_of(spec.policies.begin(), spec.policies.end(), [](const PolicySpec& policy) {
    const auto* predict = std::get_if<PredictSpec>(&policy.rule);
    return predict != nullptr && predict->mode == PredictSpec::Mode::kFull;
  });
}

bool is_held_by_forecast(const Decision& decision) {
  return std::any_of(decision.proposals.begin(), decision.proposals.end(),
                     [](const Proposal& proposal) { return proposal.keep.has_value(); });
}

void keep_for_forecast(const Scene&, Decision& decision) {
  if (decision.to >= decision.from || !is_held_by_forecast(decision)) return;
  int32_t keep = decision.to;
  for (const Proposal& proposal : decision.proposals) {
    if (proposal.keep) keep = std::max(keep, *proposal.keep);
  }
  move(decision, Rule::kForecastHold, std::min(keep, decision.from));
}

}  // namespace autoscaler
