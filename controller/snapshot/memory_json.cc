#include "controller/snapshot/nouns.h"
#include "controller/snapshot/snapshot.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

namespace autoscaler {
namespace {

using nlohmann::json;

// Counts up with every change of the format, so that an older program says what is wrong.
constexpr int64_t kVersion = 1;

json instance_json(const InstanceMemory& memory) {
  json object{{"id", text_json(memory.instance)}, {"requested", format_instant(memory.requested)}};
  put_instant(object, "launched", memory.launched);
  put_instant(object, "ready", memory.ready);
  put_instant(object, "attached", memory.attached);
  put_instant(object, "unhealthy", memory.unhealthy);
  put_instant(object, "draining", memory.draining);
  put_instant(object, "detached", memory.detached);
  put_instant(object, "terminating", memory.terminating);
  if (memory.failed) object["failure"] = text_json(memory.failure);
  return object;
}

InstanceMemory read_instance(const Place& place) {
  InstanceMemory memory;
  place.only({"id", "requested", "launched", "ready", "attached", "unhealthy", "draining",
              "detached", "terminating", "failure"});
  memory.instance = place.require("id", "every instance has one").text().value_or("");
  memory.requested =
      place.require("requested", "every instance has one").instant().value_or(Instant{});
  memory.launched = place["launched"].instant();
  memory.ready = place["ready"].instant();
  memory.attached = place["attached"].instant();
  memory.unhealthy = place["unhealthy"].instant();
  memory.draining = place["draining"].instant();
  memory.detached = place["detached"].instant();
  memory.terminating = place["terminating"].instant();
  memory.failed = place["failure"].given();
  memory.failure = place["failure"].text().value_or("");
  return memory;
}

json shadow_json(const WorkloadSpec& spec, const Shadow& shadow) {
  json object{{"recent", recent_json(spec, shadow.recent)}, {"ordered", shadow.ordered}};
  object["growing"] = json::array();
  for (const Shadow::Growth& each : shadow.growing) {
    object["growing"].push_back({{"due", format_instant(each.due)}, {"instances", each.instances}});
  }
  return object;
}

Shadow read_shadow(const Place& place, const WorkloadSpec& spec) {
  Shadow shadow;
  place.only({"recent", "ordered", "growing"});
  // Every time in a memory is an instant: `now`, which only ages need, plays no part.
  shadow.recent = read_recent(place["recent"], spec, {}, Instant{}, UnknownNames::kDrop);
  shadow.ordered = place["ordered"].replicas().value_or(0);
  for (const Place& each : place["growing"].list()) {
    each.only({"due", "instances"});
    shadow.growing.push_back({each.require("due", "it says when").instant().value_or(Instant{}),
                              each["instances"].replicas().value_or(0)});
  }
  return shadow;
}

}  // namespace

json memory_json(const WorkloadSpec& spec, const WorkloadMemory& memory) {
  json object{{"version", kVersion},
              {"recent", recent_json(spec, *memory.recent)},
              {"desired", memory.desired},
              {"nextInstance", memory.next_instance}};
  if (memory.shadow) object["shadow"] = shadow_json(spec, *memory.shadow);
  object["instances"] = json::array();
  for (const InstanceMemory& each : memory.instances) {
    object["instances"].push_back(instance_json(each));
  }
  object["backoff"] = {{"failures", memory.backoff.failures}};
  put_instant(object["backoff"], "until", memory.backoff.until);
  if (memory.orders != Orders{}) object["orders"] = orders_json(memory.orders);
  put_instant(object, "ordered", memory.ordered);
  if (memory.time_to_ready) object["timeToReadyMs"] = memory.time_to_ready->count();
  for (const Duration took : memory.ready_times) object["readyTimesMs"].push_back(took.count());
  put_instant(object, "deployed", memory.deployed);
  if (memory.rolling) object["rolling"] = true;
  if (memory.unsettled) {
    object["unsettled"] = {{"from", memory.unsettled->from},
                           {"at", format_instant(memory.unsettled->at)}};
  }
  return object;
}

Result<WorkloadMemory> parse_memory(const WorkloadSpec& spec, std::string_view text) {
  const auto document = parse_json(text);
  if (!document) return document.error();
  Faults faults;
  const Place root(document->get(), "", &faults);
  if (!root.json().is_object()) return Error{Code::kInvalid, "a memory is a JSON object"};
  const auto version = root.require("version", "this is no memory of a workload")
                           .integer(1, std::numeric_limits<int32_t>::max());
  if (version && *version > kVersion) {
    return Error{Code::kInvalid, "version " + std::to_string(*version) +
                                     " was written by a newer program; this one reads up to " +
                                     std::to_string(kVersion)};
  }
  root.only({"version", "recent", "desired", "nextInstance", "shadow", "instances", "backoff",
             "timeToReadyMs", "readyTimesMs", "deployed", "rolling", "orders", "ordered",
             "unsettled"});
  WorkloadMemory memory;
  memory.recent = read_recent(root["recent"], spec, {}, Instant{}, UnknownNames::kDrop);
  if (root["shadow"].given()) memory.shadow = read_shadow(root["shadow"], spec);
  memory.desired = root["desired"].replicas().value_or(0);
  for (const Place& each : root["instances"].list())
    memory.instances.push_back(read_instance(each));
  std::sort(memory.instances.begin(), memory.instances.end(),
            [](const auto& a, const auto& b) { return a.instance < b.instance; });
  memory.next_instance =
      root["nextInstance"].integer(1, std::numeric_limits<int64_t>::max()).value_or(1);
  const Place backoff = root["backoff"];
  backoff.only({"failures", "until"});
  memory.backoff = {backoff["failures"].replicas().value_or(0), backoff["until"].instant()};
  if (const auto ms = root["timeToReadyMs"].integer(0, std::numeric_limits<int64_t>::max())) {
    memory.time_to_ready = Duration{*ms};
  }
  memory.orders = read_orders(root["orders"]);
  memory.ordered = root["ordered"].instant();
  for (const Place& each : root["readyTimesMs"].list()) {
    const auto ms = each.integer(0, std::numeric_limits<int64_t>::max());
    if (ms) memory.ready_times.push_back(Duration{*ms});
  }
  memory.deployed = root["deployed"].instant();
  memory.rolling = root["rolling"].flag().value_or(false);
  if (const Place unsettled = root["unsettled"]; unsettled.given()) {
    unsettled.only({"from", "at"});
    memory.unsettled = {
        unsettled.require("from", "the size before").replicas().value_or(0),
        unsettled.require("at", "when it was decided").instant().value_or(Instant{})};
  }
  if (!faults.empty()) return faults.error();
  return memory;
}

}  // namespace autoscaler
