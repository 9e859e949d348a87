#include "controller/kubernetes/hand_over_json.h"

#include "base/base64.h"
#include "base/deflate.h"
#include "controller/kubernetes/unbase64.h"
#include "controller/snapshot/nouns.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

namespace autoscaler {
namespace {

using nlohmann::json;

// Counts up with every change of meaning, so that an older program leaves it alone.
constexpr int64_t kVersion = 1;
constexpr size_t kMostBytes = size_t{64} << 10;  // of one part of what was learned

json cooldown_json(const HandOver::Cooldown& cooldown) {
  json object = json::object();
  put_instant(object, "lastOut", cooldown.last_out);
  put_instant(object, "lastIn", cooldown.last_in);
  if (cooldown.added != 0) object["added"] = cooldown.added;
  return object;
}

HandOver::Cooldown read_cooldown(const Place& place) {
  return {place["lastOut"].instant(), place["lastIn"].instant(),
          place["added"].replicas().value_or(0)};
}

void read_version(const Place& root) {
  const Place place = root.require("version", "this was left by no controller");
  const auto version = place.integer(1, std::numeric_limits<int32_t>::max());
  if (version && *version > kVersion) {
    place.fail(std::to_string(*version) + " was written by a newer program; this one reads up to " +
               std::to_string(kVersion));
  }
}

}  // namespace

json hand_over_json(const WorkloadSpec& spec, const HandOver& left) {
  json object = cooldown_json(left.workload);
  json policies = json::object();
  for (size_t i = 0; i < std::min(spec.policies.size(), left.policies.size()); ++i) {
    json policy = cooldown_json(left.policies[i]);
    if (!policy.empty()) policies[spec.policies[i].name] = std::move(policy);
  }
  if (!policies.empty()) object["policies"] = std::move(policies);
  for (const ScaleEvent& event : left.events) {
    object["scaleEvents"].push_back({{"at", format_instant(event.at)}, {"change", event.change}});
  }
  for (const Instant turn : left.turns) object["turns"].push_back(format_instant(turn));
  if (left.orders != Orders{}) object["orders"] = orders_json(left.orders);
  put_instant(object, "ordered", left.ordered);
  if (!object.empty()) object["version"] = kVersion;
  return object;
}

Result<HandOver> parse_hand_over(const WorkloadSpec& spec, const json& document) {
  if (!document.is_object()) return Error{Code::kInvalid, "it is no object"};
  HandOver left;
  left.policies.resize(spec.policies.size());
  if (document.empty()) return left;
  Faults faults;
  const Place root(&document, "", &faults);
  read_version(root);
  left.workload = read_cooldown(root);
  left.workload.added = 0;
  for (const auto& [name, place] : root["policies"].members()) {
    const auto policy =
        std::find_if(spec.policies.begin(), spec.policies.end(),
                     [&name = name](const PolicySpec& each) { return each.name == name; });
    if (policy == spec.policies.end()) continue;  // the config has changed
    left.policies[static_cast<size_t>(policy - spec.policies.begin())] = read_cooldown(place);
  }
  constexpr int32_t kMost = std::numeric_limits<int32_t>::max();
  for (const Place& each : root["scaleEvents"].list()) {
    const auto at = each.require("at", "it says when").instant();
    const auto change = each.require("change", "it says how many").integer(-kMost, kMost);
    if (at && change) left.events.push_back({*at, static_cast<int32_t>(*change)});
  }
  for (const Place& each : root["turns"].list()) {
    if (const auto turn = each.instant()) left.turns.push_back(*turn);
  }
  left.orders = read_orders(root["orders"]);
  left.ordered = root["ordered"].instant();
  if (!faults.empty()) return faults.error();
  return left;
}

json experience_json(const Experience& left) {
  json object = json::object();
  for (const Duration took : left.ready_times) object["readyTimesMs"].push_back(took.count());
  for (const LearnedRow& part : left.learned) {
    object["learned"][part.part] = {{"version", part.version},
                                    {"bytes", base64(deflated(part.bytes))}};
  }
  return object;
}

Result<Experience> parse_experience(const std::string& workload, const json& document,
                                    std::vector<std::string>& lost) {
  if (!document.is_object()) return Error{Code::kInvalid, "it is no object"};
  Experience left;
  Faults faults;
  const Place root(&document, "", &faults);
  for (const Place& each : root["readyTimesMs"].list()) {
    const auto ms = each.integer(0, std::numeric_limits<int64_t>::max());
    if (ms) left.ready_times.push_back(Duration{*ms});
  }
  for (const auto& [name, place] : root["learned"].members()) {
    const auto version = place["version"].integer(0, std::numeric_limits<uint32_t>::max());
    const auto packed = unbase64(place["bytes"].text().value_or(""));
    const auto bytes = packed ? inflated(*packed, kMostBytes) : std::nullopt;
    if (version && bytes) {
      left.learned.push_back({workload, name, static_cast<uint32_t>(*version), *bytes});
    } else {
      lost.push_back(workload + "/" + name);
    }
  }
  if (!faults.empty()) return faults.error();
  return left;
}

}  // namespace autoscaler
