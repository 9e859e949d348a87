// Looking ahead may cost something; it never makes anything worse.
#include "policies/counts.h"
#include "policies/total.h"
#include "tests/policies/any_case.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace autoscaler {
namespace {

using namespace testing;

QuantileValues any_quantiles() {
  QuantileValues values{};
  double sum = 0;
  for (double& each : values) each = sum += number(0, 400);
  return values;
}

Prediction any_prediction(Gate gate, uint16_t policy) {
  Prediction prediction;
  prediction.policy = policy;
  prediction.gate = gate;
  prediction.at = kStart - number(0, 900) * 1s;
  prediction.lead = number(1, 29) * 1min;
  prediction.hold = 2 * prediction.lead;
  if (number(0, 9) > 0) prediction.lead_highest = any_quantiles();
  if (number(0, 9) > 0) prediction.hold_highest = any_quantiles();
  prediction.usual = number(0, 2000);
  prediction.peak = number(0, 2000);
  prediction.price = number(1, 300);
  prediction.headroom = 1 + number(0, 100) / 100.0;
  prediction.outage_suspected = coin();
  return prediction;
}

// The case, and the same with a forecast of rps beside its policies.
struct Pair {
  Case without = any_rich_case();
  Case with = without;
};
Pair any_pair(PredictSpec::Mode mode, Gate gate) {
  Pair pair;
  PredictSpec predict;
  predict.signal = 2;
  predict.mode = mode;
  predict.per_instance = number(20, 200);
  const auto index = static_cast<uint16_t>(pair.with.spec.policies.size());
  pair.with.spec.policies.push_back({"predict", predict});
  pair.with.recent.policies.emplace_back();
  pair.with.workload.predictions = {any_prediction(gate, index)};
  return pair;
}
PredictSpec::Mode any_mode() {
  return static_cast<PredictSpec::Mode>(number(0, 2));
}

RC_GTEST_PROP(PredictProperties, WithItsGateShutItIsAsIfAbsent, ()) {
  const auto pair = any_pair(any_mode(), static_cast<Gate>(number(1, kGateCount - 1)));
  const auto without = decide(pair.without);
  const auto with = decide(pair.with);
  RC_ASSERT(with.to == without.to);
  RC_ASSERT(with.combined == without.combined);
  RC_ASSERT(with.reason == without.reason);
  RC_ASSERT(with.adjustments.size() == without.adjustments.size());
}

RC_GTEST_PROP(PredictProperties, OnlyForecastingItIsAsIfAbsent, ()) {
  const auto pair = any_pair(PredictSpec::Mode::kForecastOnly, Gate::kOpen);
  RC_ASSERT(decide(pair.with).to == decide(pair.without).to);
  RC_ASSERT(decide(pair.with).reason == decide(pair.without).reason);
}

RC_GTEST_PROP(PredictProperties, RaisingOnlyItNeverMakesTheSizeSmaller, ()) {
  auto pair = any_pair(PredictSpec::Mode::kScaleOut, Gate::kOpen);
  RC_ASSERT(decide(pair.with).to >= decide(pair.without).to);
}

// In full its hold takes the place of a window; what others want is never cut.
RC_GTEST_PROP(PredictProperties, WhatOthersWantItNeverCuts, ()) {
  const auto pair = any_pair(any_mode(), Gate::kOpen);
  const auto without = decide(pair.without);
  if (without.bound_by) RC_ASSERT(decide(pair.with).combined >= without.combined);
}

RC_GTEST_PROP(PredictProperties, ItsOwnWishEndsAQuarterAboveThePeakAndAtMax, ()) {
  auto pair = any_pair(PredictSpec::Mode::kScaleOut, Gate::kOpen);
  const auto with = decide(pair.with);
  const Proposal& proposal = with.proposals.back();
  const auto& predict = std::get<PredictSpec>(pair.with.spec.policies.back().rule);
  const double peak = pair.with.workload.predictions[0].peak;
  const double headroom = pair.with.workload.predictions[0].headroom;
  const int32_t most =
      std::max(1, std::min(pair.with.spec.bounds.max,
                           ceil_count(1.25 * peak / (*predict.per_instance / headroom))));
  if (proposal.replicas) RC_ASSERT(*proposal.replicas <= most);
  if (proposal.forecast) RC_ASSERT(*proposal.forecast <= most);
}

}  // namespace
}  // namespace autoscaler
