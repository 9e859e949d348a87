#include "controller/snapshot/nouns.h"
#include "controller/snapshot/snapshot.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace autoscaler {
namespace {

using nlohmann::json;

constexpr int32_t kMost = std::numeric_limits<int32_t>::max();

// Only what differs from an empty memory is written, so that most workloads write nothing.
json policy_memory_json(const PolicyMemory& memory) {
  json object = json::object();
  if (memory.past_out_samples != 0) object["pastOutSamples"] = memory.past_out_samples;
  if (memory.past_in_samples != 0) object["pastInSamples"] = memory.past_in_samples;
  put_instant(object, "lastSample", memory.last_sample);
  put_instant(object, "lastOut", memory.last_out);
  put_instant(object, "lastIn", memory.last_in);
  if (memory.added != 0) object["added"] = memory.added;
  put_instant(object, "lastBurst", memory.last_burst);
  if (memory.burst_peak != 0) object["burstPeak"] = memory.burst_peak;
  return object;
}

PolicyMemory read_policy_memory(const Place& place) {
  place.only({"pastOutSamples", "pastInSamples", "lastSample", "lastOut", "lastIn", "added",
              "lastBurst", "burstPeak"});
  return {place["pastOutSamples"].replicas().value_or(0),
          place["pastInSamples"].replicas().value_or(0),
          place["lastSample"].instant(),
          place["lastOut"].instant(),
          place["lastIn"].instant(),
          place["added"].replicas().value_or(0),
          place["lastBurst"].instant(),
          place["burstPeak"].replicas().value_or(0)};
}

json signal_memory_json(const SignalMemory& memory) {
  json object = json::object();
  put_instant(object, "missingSince", memory.missing_since);
  if (memory.last_value) object["lastValue"] = number_json(*memory.last_value);
  put_instant(object, "lastValueAt", memory.last_value_at);
  if (memory.last_reporting != 0) object["lastReporting"] = memory.last_reporting;
  put_instant(object, "lastStep", memory.last_step);
  put_instant(object, "outageBegan", memory.outage_began);
  put_instant(object, "outageEnded", memory.outage_ended);
  put_instant(object, "lastLoad", memory.last_load);
  if (memory.pace) object["pace"] = *memory.pace;
  if (memory.trial) {
    object["trial"] = {{"at", format_instant(memory.trial->at)},
                       {"value", number_json(memory.trial->value)},
                       {"load", number_json(memory.trial->load)}};
  }
  if (memory.useless_trials != 0) object["uselessTrials"] = memory.useless_trials;
  put_instant(object, "uselessUntil", memory.useless_until);
  return object;
}

SignalMemory read_signal_memory(const Place& place) {
  place.only({"missingSince", "lastValue", "lastValueAt", "lastReporting", "lastStep",
              "outageBegan", "outageEnded", "lastLoad", "pace", "trial", "uselessTrials",
              "uselessUntil"});
  SignalMemory memory;
  memory.missing_since = place["missingSince"].instant();
  memory.last_value = place["lastValue"].number();
  memory.last_value_at = place["lastValueAt"].instant();
  memory.last_reporting = place["lastReporting"].replicas().value_or(0);
  memory.last_step = place["lastStep"].instant();
  memory.outage_began = place["outageBegan"].instant();
  memory.outage_ended = place["outageEnded"].instant();
  memory.last_load = place["lastLoad"].instant();
  memory.pace = place["pace"].number();
  if (const Place trial = place["trial"]; trial.given()) {
    trial.only({"at", "value", "load"});
    const auto at = trial.require("at", "say when it began").instant();
    const auto value = trial.require("value", "say what the signal was").number();
    const auto load = trial.require("load", "say what one instance carried").number();
    if (at && value && load) memory.trial = SignalMemory::Trial{*at, *value, *load};
  }
  memory.useless_trials = place["uselessTrials"].replicas().value_or(0);
  memory.useless_until = place["uselessUntil"].instant();
  return memory;
}

// Writes the memories that hold something under the names of their owners.
template <typename Spec, typename Memory, typename Write>
json by_name(const std::vector<Spec>& specs, const Recent::List<Memory>& memories, Write write) {
  json object = json::object();
  for (size_t i = 0; i < std::min(specs.size(), memories.size()); ++i) {
    json memory = write(memories[i]);
    if (!memory.empty()) object[specs[i].name] = std::move(memory);
  }
  return object;
}

// Reads them back into the order of `specs`.
template <typename Spec, typename Memory, typename Read>
void read_by_name(const Place& place, const std::vector<Spec>& specs, UnknownNames unknown,
                  Read read, Recent::List<Memory>& memories) {
  memories.resize(specs.size());
  std::vector<std::string> names;
  for (const Spec& spec : specs) names.push_back(spec.name);
  for (const auto& [name, memory] : place.members()) {
    const auto position = std::find(names.begin(), names.end(), name);
    if (position != names.end()) {
      memories[static_cast<size_t>(position - names.begin())] = read(memory);
    } else if (unknown == UnknownNames::kProblem) {
      memory.fail(unknown_name("the policy has no such name", name, names));
    }
  }
}

// {"ageSeconds": 60} before now, exact to the millisecond.
std::optional<Instant> read_age(const Place& place, Instant now) {
  const auto seconds = place.number();
  if (!seconds) return std::nullopt;
  constexpr double kTenYears = 10 * 366 * 86400.0;
  if (!(*seconds >= 0 && *seconds <= kTenYears)) {
    place.fail("an age is 0 to 316224000 seconds (ten years) before `now`");
    return std::nullopt;
  }
  return now - Duration{std::llround(*seconds * 1000)};
}

Recent::List<Recommendation> read_recommendations(const Place& place, Instant now) {
  Recent::List<Recommendation> recommendations;
  for (const Place& each : place.list()) {
    Recommendation one{now, now, 0};
    if (each["first"].given() || each["last"].given()) {
      each.only({"first", "last", "replicas"});
      one.first = each.require("first", "give both ends").instant().value_or(now);
      one.last = each.require("last", "give both ends").instant().value_or(now);
      if (one.last < one.first) each["last"].fail("is before `first`; exchange them");
    } else {
      each.only({"ageSeconds", "replicas"});
      const Place age = each.require("ageSeconds", "say how long before `now` it was made");
      one.first = one.last = read_age(age, now).value_or(now);
    }
    one.replicas = each.require("replicas", "say how many were recommended").replicas().value_or(0);
    recommendations.push_back(one);
  }
  std::stable_sort(
      recommendations.begin(), recommendations.end(),
      [](const Recommendation& a, const Recommendation& b) { return a.last < b.last; });
  return recommendations;
}

std::vector<ScaleEvent> read_events(const Place& place, Instant now) {
  std::vector<ScaleEvent> events;
  for (const Place& each : place.list()) {
    ScaleEvent event{now, 0};
    if (each["at"].given()) {
      each.only({"at", "change"});
      event.at = each["at"].instant().value_or(now);
    } else {
      each.only({"ageSeconds", "change"});
      const Place age = each.require("ageSeconds", "say how long before `now` it was made");
      event.at = read_age(age, now).value_or(now);
    }
    const Place change = each.require("change", "say how many were added (2) or removed (-2)");
    event.change = static_cast<int32_t>(change.integer(-kMost, kMost).value_or(0));
    events.push_back(event);
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const ScaleEvent& a, const ScaleEvent& b) { return a.at < b.at; });
  return events;
}

}  // namespace

json recent_json(const WorkloadSpec& spec, const Recent& recent) {
  json object = json::object();
  put_instant(object, "firstSeen", recent.first_seen);
  object["recommendations"] = json::array();
  for (const Recommendation& each : recent.recommendations) {
    object["recommendations"].push_back({{"first", format_instant(each.first)},
                                         {"last", format_instant(each.last)},
                                         {"replicas", each.replicas}});
  }
  object["scaleEvents"] = json::array();
  for (const ScaleEvent& each : recent.events) {
    object["scaleEvents"].push_back({{"at", format_instant(each.at)}, {"change", each.change}});
  }
  put_instant(object, "lastOut", recent.last_out);
  put_instant(object, "lastIn", recent.last_in);
  object["policies"] = by_name(spec.policies, recent.policies, policy_memory_json);
  object["signals"] = by_name(spec.signals, recent.signals, signal_memory_json);
  put_guard_memory(object, recent);
  return object;
}

Recent read_recent(const Place& place, const WorkloadSpec& spec, Recent start, Instant now,
                   UnknownNames unknown) {
  place.only({"firstSeen", "recommendations", "scaleEvents", "lastOut", "lastIn", "policies",
              "signals", "vitals", "suspicion", "turns"});
  Recent recent = std::move(start);
  if (place["recommendations"].given()) {
    recent.first_seen = std::nullopt;
    recent.recommendations = read_recommendations(place["recommendations"], now);
  }
  if (place["firstSeen"].given()) recent.first_seen = place["firstSeen"].instant();
  recent.events = read_events(place["scaleEvents"], now);
  recent.last_out = place["lastOut"].instant();
  recent.last_in = place["lastIn"].instant();
  read_by_name(place["policies"], spec.policies, unknown, read_policy_memory, recent.policies);
  read_by_name(place["signals"], spec.signals, unknown, read_signal_memory, recent.signals);
  read_guard_memory(place, recent);
  return recent;
}

}  // namespace autoscaler
