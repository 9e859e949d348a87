#include "controller/snapshot/nouns.h"
#include "controller/snapshot/snapshot.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace autoscaler {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 3> kDirections{"all", "out", "in"};

Pause read_pause(const Place& place) {
  Pause pause;
  place.only({"direction", "until"});
  pause.direction =
      static_cast<Pause::Direction>(place["direction"].one_of(kDirections).value_or(0));
  pause.until = place["until"].instant();
  return pause;
}

}  // namespace

json windows_json(const WorkloadSpec& spec, const std::vector<OpenWindow>& windows) {
  json object = json::object();
  for (const OpenWindow& window : windows) {
    object[spec.policies[window.policy].name] = {{"opens", format_instant(window.opens)},
                                                 {"closes", format_instant(window.closes)}};
  }
  return object;
}

std::vector<OpenWindow> read_windows(const Place& place, const WorkloadSpec& spec) {
  std::vector<OpenWindow> windows;
  for (const auto& [name, each] : place.members()) {
    const auto policy = std::find_if(
        spec.policies.begin(), spec.policies.end(), [&name = name](const PolicySpec& candidate) {
          return candidate.name == name && std::holds_alternative<ScheduleSpec>(candidate.rule);
        });
    if (policy == spec.policies.end()) {
      each.fail("is no schedule of this workload; name one of its policies that is");
      continue;
    }
    each.only({"opens", "closes"});
    windows.push_back({static_cast<uint16_t>(policy - spec.policies.begin()),
                       each.require("opens", "it says when").instant().value_or(Instant{}),
                       each.require("closes", "it says when").instant().value_or(Instant{})});
  }
  std::sort(windows.begin(), windows.end(),
            [](const OpenWindow& a, const OpenWindow& b) { return a.policy < b.policy; });
  return windows;
}

json orders_json(const Orders& orders) {
  json object = json::object();
  if (orders.pause) {
    object["pause"] = {{"direction", kDirections[static_cast<size_t>(orders.pause->direction)]}};
    put_instant(object["pause"], "until", orders.pause->until);
  }
  if (orders.size) {
    object["size"] = {{"replicas", orders.size->replicas},
                      {"until", format_instant(orders.size->until)}};
  }
  return object;
}

Orders read_orders(const Place& place) {
  Orders orders;
  if (!place.given()) return orders;
  place.only({"pause", "size"});
  if (place["pause"].given()) orders.pause = read_pause(place["pause"]);
  const Place size = place["size"];
  if (size.given()) {
    size.only({"replicas", "until"});
    orders.size = {
        size["replicas"].replicas().value_or(0),
        size.require("until", "a size is ordered for a while").instant().value_or(Instant{})};
  }
  return orders;
}

}  // namespace autoscaler
