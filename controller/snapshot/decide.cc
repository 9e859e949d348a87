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
  std::string text;
  for (const std::string& line : explain_lines(spec, decision)) text += line + "\n";
  for (size_t i = 0; i < snapshot->workload.capacities.size(); ++i) {
    const Capacity& capacity = snapshot->workload.capacities[i];
    if (capacity == Capacity{}) continue;
    text += "  learned     " + explain_capacity(spec.signals[i].name, capacity) + "\n";
  }
  for (const Prediction& each : snapshot->workload.predictions) {
    text += "  forecast    " + explain_prediction(spec, each) + "\n";
  }
  if (snapshot->workload.budget) {
    text += "  budget      " + explain_budget(*snapshot->workload.budget) + "\n";
  }
  return text;
}

}  // namespace autoscaler
