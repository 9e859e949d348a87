#include "controller/snapshot/nouns.h"
#include "controller/snapshot/snapshot.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

namespace autoscaler {
namespace {

using nlohmann::json;

void put_load(json& object, const char* key, const std::optional<double>& load) {
  if (load) object[key] = number_json(*load);
}

std::optional<double> read_load(const Place& place) {
  const auto load = place.number();
  if (!load || (*load > 0 && *load <= std::numeric_limits<double>::max())) return load;
  place.fail("a load per instance is a finite number above 0");
  return std::nullopt;
}

Capacity read_capacity(const Place& place) {
  std::vector<std::string_view> names;
  for (int i = 0; i < kCapacityEvidenceCount; ++i) {
    names.emplace_back(capacity_evidence_name(static_cast<CapacityEvidence>(i)));
  }
  place.only({"evidence", "perInstance", "likely", "safeTo", "samples"});
  Capacity capacity;
  const Place evidence = place.require("evidence", "say how it is known, or why it is not");
  capacity.evidence = static_cast<CapacityEvidence>(evidence.one_of(names).value_or(0));
  capacity.per_instance = read_load(place["perInstance"]);
  capacity.likely = read_load(place["likely"]);
  capacity.safe_to = read_load(place["safeTo"]);
  capacity.samples = place["samples"].replicas().value_or(0);
  return capacity;
}

std::vector<Capacity> read_capacities(const Place& place, const WorkloadSpec& spec,
                                      UnknownNames unknown) {
  std::vector<std::string> names;
  for (const SignalSpec& signal : spec.signals) names.push_back(signal.name);
  std::vector<Capacity> capacities;
  for (const auto& [name, capacity] : place.members()) {
    const auto position = std::find(names.begin(), names.end(), name);
    if (position != names.end()) {
      capacities.resize(names.size());
      capacities[static_cast<size_t>(position - names.begin())] = read_capacity(capacity);
    } else if (unknown == UnknownNames::kProblem) {
      capacity.fail(unknown_name("the policy has no such signal", name, names));
    }
  }
  return capacities;
}

void put_quantiles(json& object, const char* key, const std::optional<QuantileValues>& values) {
  if (!values) return;
  object[key] = json::array();
  for (const double value : *values) object[key].push_back(number_json(value));
}

// A finite number that is not below `least`; `otherwise` where it is absent or wrong.
double read_amount(const Place& place, double least, double otherwise) {
  const auto number = place.number();
  if (!number) return otherwise;
  if (*number >= least && *number <= std::numeric_limits<double>::max()) return *number;
  place.fail("is a finite number, " + std::to_string(least).substr(0, 4) + " or more");
  return otherwise;
}

std::optional<double> read_share(const Place& place) {
  if (!place.given()) return std::nullopt;
  return read_amount(place, 0, 0);
}

std::optional<QuantileValues> read_quantiles(const Place& place) {
  if (!place.given()) return std::nullopt;
  const std::vector<Place> items = place.list();
  if (items.size() != kQuantileCount) {
    place.fail("are " + std::to_string(kQuantileCount) + " loads, from the median to P99.9");
    return std::nullopt;
  }
  QuantileValues values{};
  for (size_t i = 0; i < kQuantileCount; ++i) {
    values[i] = read_amount(items[i], 0, 0);
    if (i > 0 && values[i] < values[i - 1]) items[i].fail("is below the one before");
  }
  return values;
}

Duration read_reach(const Place& place) {
  return Duration{place.integer(0, Duration(std::chrono::hours(24)).count()).value_or(0)};
}

Prediction read_prediction(const Place& place) {
  std::vector<std::string_view> gates;
  for (int i = 0; i < kGateCount; ++i) gates.emplace_back(gate_name(static_cast<Gate>(i)));
  place.only({"gate", "judged", "lossRatio", "coverage", "at", "leadMs", "holdMs", "lead", "hold",
              "plain", "usual", "peak", "price", "headroom", "outageSuspected"});
  Prediction prediction;
  const Place gate = place.require("gate", "say whether it may act, or why it may not");
  prediction.gate = static_cast<Gate>(gate.one_of(gates).value_or(0));
  prediction.judged = place["judged"].replicas().value_or(0);
  prediction.loss_ratio = read_share(place["lossRatio"]);
  prediction.coverage = read_share(place["coverage"]);
  prediction.at = place["at"].instant();
  prediction.lead = read_reach(place["leadMs"]);
  prediction.hold = read_reach(place["holdMs"]);
  prediction.lead_highest = read_quantiles(place["lead"]);
  prediction.hold_highest = read_quantiles(place["hold"]);
  prediction.plain_highest = read_quantiles(place["plain"]);
  prediction.usual = read_amount(place["usual"], 0, 0);
  prediction.peak = read_amount(place["peak"], 0, 0);
  prediction.price = read_amount(place["price"], 0, kPrice);
  prediction.headroom = read_amount(place["headroom"], 1, 1);
  prediction.outage_suspected = place["outageSuspected"].flag().value_or(false);
  return prediction;
}

std::vector<Prediction> read_predictions(const Place& place, const WorkloadSpec& spec,
                                         UnknownNames unknown) {
  std::vector<std::string> names;
  for (const PolicySpec& policy : spec.policies) names.push_back(policy.name);
  std::vector<Prediction> predictions;
  for (const auto& [name, forecast] : place.members()) {
    const auto position = std::find(names.begin(), names.end(), name);
    const auto index = static_cast<size_t>(position - names.begin());
    if (index < names.size() && std::holds_alternative<PredictSpec>(spec.policies[index].rule)) {
      predictions.push_back(read_prediction(forecast));
      predictions.back().policy = static_cast<uint16_t>(index);
    } else if (unknown == UnknownNames::kProblem) {
      forecast.fail(unknown_name("the policy predicts under no such name", name, names));
    }
  }
  std::sort(predictions.begin(), predictions.end(),
            [](const Prediction& a, const Prediction& b) { return a.policy < b.policy; });
  return predictions;
}

BudgetSpending read_spending(const Place& place) {
  place.only({"left", "burnRate", "price", "frozen"});
  BudgetSpending spending;
  spending.left = read_amount(place["left"], -1e9, 1);
  spending.burn_rate = read_amount(place["burnRate"], 0, 0);
  spending.price = read_amount(place["price"], 0, kPrice);
  spending.frozen = place["frozen"].flag().value_or(false);
  return spending;
}

}  // namespace

json capacity_json(const Capacity& capacity) {
  json object{{"evidence", capacity_evidence_name(capacity.evidence)},
              {"samples", capacity.samples}};
  put_load(object, "perInstance", capacity.per_instance);
  put_load(object, "likely", capacity.likely);
  put_load(object, "safeTo", capacity.safe_to);
  return object;
}

json prediction_json(const Prediction& prediction) {
  json object{
      {"gate", gate_name(prediction.gate)},     {"judged", prediction.judged},
      {"leadMs", prediction.lead.count()},      {"holdMs", prediction.hold.count()},
      {"usual", number_json(prediction.usual)}, {"peak", number_json(prediction.peak)},
      {"price", number_json(prediction.price)}, {"headroom", number_json(prediction.headroom)}};
  put_load(object, "lossRatio", prediction.loss_ratio);
  put_load(object, "coverage", prediction.coverage);
  put_instant(object, "at", prediction.at);
  put_quantiles(object, "lead", prediction.lead_highest);
  put_quantiles(object, "hold", prediction.hold_highest);
  put_quantiles(object, "plain", prediction.plain_highest);
  if (prediction.outage_suspected) object["outageSuspected"] = true;
  return object;
}

json spending_json(const BudgetSpending& spending) {
  return {{"left", number_json(spending.left)},
          {"burnRate", number_json(spending.burn_rate)},
          {"price", number_json(spending.price)},
          {"frozen", spending.frozen}};
}

json learned_json(const WorkloadSpec& spec, const Workload& workload) {
  json learned = json::object();
  for (size_t i = 0; i < std::min(spec.signals.size(), workload.capacities.size()); ++i) {
    if (workload.capacities[i] == Capacity{}) continue;
    learned["capacity"][spec.signals[i].name] = capacity_json(workload.capacities[i]);
  }
  for (const Prediction& each : workload.predictions) {
    learned["forecast"][spec.policies[each.policy].name] = prediction_json(each);
  }
  if (workload.budget) learned["budget"] = spending_json(*workload.budget);
  return learned;
}

void read_learned(const Place& place, const WorkloadSpec& spec, UnknownNames unknown,
                  Workload& workload) {
  place.only({"capacity", "forecast", "budget"});
  workload.capacities = read_capacities(place["capacity"], spec, unknown);
  workload.predictions = read_predictions(place["forecast"], spec, unknown);
  if (place["budget"].given()) workload.budget = read_spending(place["budget"]);
}

}  // namespace autoscaler
