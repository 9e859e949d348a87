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

}  // namespace

json capacity_json(const Capacity& capacity) {
  json object{{"evidence", capacity_evidence_name(capacity.evidence)},
              {"samples", capacity.samples}};
  put_load(object, "perInstance", capacity.per_instance);
  put_load(object, "likely", capacity.likely);
  put_load(object, "safeTo", capacity.safe_to);
  return object;
}

json learned_json(const WorkloadSpec& spec, const Workload& workload) {
  json learned = json::object();
  for (size_t i = 0; i < std::min(spec.signals.size(), workload.capacities.size()); ++i) {
    if (workload.capacities[i] == Capacity{}) continue;
    learned["capacity"][spec.signals[i].name] = capacity_json(workload.capacities[i]);
  }
  return learned;
}

std::vector<Capacity> read_learned(const Place& place, const WorkloadSpec& spec,
                                   UnknownNames unknown) {
  place.only({"capacity"});
  std::vector<std::string> names;
  for (const SignalSpec& signal : spec.signals) names.push_back(signal.name);
  std::vector<Capacity> capacities;
  for (const auto& [name, capacity] : place["capacity"].members()) {
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

}  // namespace autoscaler
