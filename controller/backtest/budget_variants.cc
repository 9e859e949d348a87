#include "controller/backtest/budget_variants.h"

#include <algorithm>

namespace autoscaler {
namespace {

bool holds_a_budget(const WorkloadSpec& spec) {
  return spec.slo && spec.slo->budget &&
         std::any_of(spec.policies.begin(), spec.policies.end(), [](const PolicySpec& policy) {
           const auto* predict = std::get_if<PredictSpec>(&policy.rule);
           return predict != nullptr && !predict->price &&
                  predict->mode != PredictSpec::Mode::kForecastOnly;
         });
}

}  // namespace

Result<std::vector<BudgetVariant>> budget_variants_of(const std::string& yaml,
                                                      const std::string& file,
                                                      const std::string& workload) {
  const Sweep budgets{"slo.budget", {"5%", "2%", "1%", "0.5%", "0.2%", "0.1%"}};
  const auto variants = variants_of(yaml, file, workload, {budgets});
  if (!variants) {
    return Error{Code::kInvalid, "--price: " + variants.error().message +
                                     ": give it slo: {signal: ..., p95: ..., budget: ...}"};
  }
  std::vector<BudgetVariant> all;
  for (const Variant& variant : *variants) {
    const WorkloadSpec& spec = variant.config->workloads.front().spec;
    if (!holds_a_budget(spec)) {
      return Error{Code::kInvalid,
                   "--price: '" + workload + "' of " + file +
                       " spends no budget: it needs a policy `predict` in mode scale-out or full "
                       "without a price, or no policies at all"};
    }
    all.push_back({*spec.slo->budget, variant.config});
  }
  return all;
}

}  // namespace autoscaler
