#include "controller/snapshot/nouns.h"
#include "controller/snapshot/snapshot.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace autoscaler {
namespace {

using nlohmann::json;
using Number = std::optional<double> Vitals::*;

constexpr std::pair<const char*, Number> kNumbers[] = {{"load", &Vitals::load},
                                                       {"total", &Vitals::total},
                                                       {"work", &Vitals::work},
                                                       {"latency", &Vitals::latency},
                                                       {"errors", &Vitals::errors}};

// {newest, count, load: [...], ...}: one list for each number that is known at all, oldest minute
// first, null where it is not known.
json vitals_json(const VitalsHistory& history) {
  json object{{"newest", format_instant(history.newest)}, {"count", history.minutes.size()}};
  for (const auto& [name, number] : kNumbers) {
    json list = json::array();
    bool is_known = false;
    for (const Vitals& minute : history.minutes) {
      is_known = is_known || minute.*number;
      list.push_back(minute.*number ? number_json(*(minute.*number)) : json());
    }
    if (is_known) object[name] = std::move(list);
  }
  return object;
}

VitalsHistory read_vitals(const Place& place) {
  place.only({"newest", "count", "load", "total", "work", "latency", "errors"});
  VitalsHistory history;
  constexpr auto kMost = static_cast<int64_t>(VitalsHistory::kMinutes);
  history.newest =
      place.require("newest", "say which minute is the last").instant().value_or(Instant{});
  const auto count = place.require("count", "say how many minutes there are").integer(0, kMost);
  std::vector<Vitals> minutes(static_cast<size_t>(count.value_or(0)));
  for (const auto& [name, number] : kNumbers) {
    const std::vector<Place> list = place[name].list();
    if (list.size() > minutes.size()) place[name].fail("has more numbers than `count`");
    for (size_t i = 0; i < std::min(list.size(), minutes.size()); ++i) {
      minutes[i].*number = list[i].number();
    }
  }
  history.minutes = std::move(minutes);
  return history;
}

}  // namespace

void put_guard_memory(json& object, const Recent& recent) {
  if (!recent.vitals.minutes.empty()) object["vitals"] = vitals_json(recent.vitals);
  if (recent.suspicion) {
    json& suspicion = object["suspicion"];
    suspicion = {{"since", format_instant(recent.suspicion->since)},
                 {"size", recent.suspicion->size}};
    for (const auto& [name, number] : kNumbers) {
      if (const auto before = recent.suspicion->before.*number) {
        suspicion["before"][name] = number_json(*before);
      }
    }
  }
  for (const Instant turn : recent.turns) object["turns"].push_back(format_instant(turn));
}

void read_guard_memory(const Place& place, Recent& recent) {
  if (place["vitals"].given()) recent.vitals = read_vitals(place["vitals"]);
  if (const Place suspicion = place["suspicion"]; suspicion.given()) {
    suspicion.only({"since", "size", "before"});
    const auto since = suspicion.require("since", "say when it began").instant();
    const auto size = suspicion.require("size", "say what stood then").replicas();
    Vitals before;
    const Place usual = suspicion["before"];
    if (usual.given()) usual.only({"load", "total", "work", "latency", "errors"});
    for (const auto& [name, number] : kNumbers) before.*number = usual[name].number();
    if (since && size) recent.suspicion = Suspicion{*since, *size, before};
  }
  for (const Place& turn : place["turns"].list()) {
    if (const auto at = turn.instant()) recent.turns.push_back(*at);
  }
}

}  // namespace autoscaler
