#include "controller/config/lint_rules.h"

#include <algorithm>

namespace autoscaler {
namespace {

// Answers to what is measured, whatever was forecast.
bool is_reactive(const PolicySpec& policy) {
  return !std::holds_alternative<PredictSpec>(policy.rule) &&
         !std::holds_alternative<ScheduleSpec>(policy.rule);
}

}  // namespace

void lint_predictions(const Linted& linted) {
  const WorkloadSpec& spec = linted.workload.spec;
  const bool alone = std::ranges::none_of(spec.policies, is_reactive);
  for (size_t i = 0; i < spec.policies.size(); ++i) {
    const auto* predict = std::get_if<PredictSpec>(&spec.policies[i].rule);
    if (!predict || !linted.place.has("policies")) continue;
    const Cursor place = linted.policy(i).child("predict");
    if (alone) {
      place.problem(
          "is alone: a forecast begins to count after a day at the earliest and stands aside when "
          "it is no good, and then nobody answers to the load. Add a track or a threshold beside "
          "it");
    }
    const bool acts = predict->mode != PredictSpec::Mode::kForecastOnly;
    if (acts && predict->price && spec.slo && spec.slo->budget) {
      place.near("price").problem(
          "is fixed, so that the budget of the slo is only watched and not held: leave it out");
    }
  }
}

}  // namespace autoscaler
