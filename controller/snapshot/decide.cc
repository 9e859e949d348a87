#include "controller/snapshot/decide.h"

#include "controller/snapshot/explain.h"
#include "controller/snapshot/snapshot.h"

#include <nlohmann/json.hpp>

namespace autoscaler {
namespace {

Decision decide(const Snapshot& snapshot) {
  return evaluate(snapshot.config.spec, snapshot.workload, snapshot.signals, snapshot.recent,
                  snapshot.now);
}

}  // namespace

Result<std::string> decide_json(std::string_view document) {
  const Result<Snapshot> snapshot = parse_snapshot(document);
  if (!snapshot) return snapshot.error();
  return decision_json(snapshot->config.spec, decide(*snapshot))
      .dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<std::string> decide_text(std::string_view document) {
  const Result<Snapshot> snapshot = parse_snapshot(document);
  if (!snapshot) return snapshot.error();
  const WorkloadSpec& spec = snapshot->config.spec;
  const Decision decision = decide(*snapshot);
  std::string text = explain_line(spec, decision) + "\n";
  text += "  reason      " + std::string(reason_name(decision.reason)) + "\n";
  for (const Proposal& each : decision.proposals) {
    text += "  policy      " + explain_proposal(spec, each) + "\n";
  }
  for (size_t i = 0; i < snapshot->workload.capacities.size(); ++i) {
    const Capacity& capacity = snapshot->workload.capacities[i];
    if (capacity == Capacity{}) continue;
    text += "  learned     " + explain_capacity(spec.signals[i].name, capacity) + "\n";
  }
  for (const Adjustment& each : decision.adjustments) {
    text += "  adjustment  " + explain_adjustment(spec, each) + "\n";
  }
  for (const Condition& each : conditions_of(spec, decision)) {
    text += "  condition   " + each.type + (each.status ? "=True " : "=False ") + each.reason +
            ": " + each.message + "\n";
  }
  std::string text;
  for (const std::string& line : explain_lines(spec, decision)) text += line + "\n";
  return text;
}

}  // namespace autoscaler
