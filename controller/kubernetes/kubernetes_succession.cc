#include "controller/kubernetes/kubernetes_succession.h"

#include "controller/kubernetes/hand_over_json.h"
#include "controller/kubernetes/objects.h"
#include "controller/shard.h"

#include <algorithm>
#include <set>
#include <utility>

namespace autoscaler {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kBetweenReads = seconds(1);
constexpr Duration kTelling = seconds(30);
constexpr Duration kHeartbeat = std::chrono::minutes(5);

milliseconds time_of(const Deadline& whole) {
  return std::max(whole.left(), milliseconds(1));
}

// A server that has just started refuses what it has not read the roles for.
constexpr int kHopes = 4;

// Whether it may be known soon, of the `refusals`-th that says so. Otherwise there is nothing, or
// nothing that we may see.
bool is_passing(ApiReason reason, int refusals) {
  return reason == ApiReason::kTransport || reason == ApiReason::kServer ||
         reason == ApiReason::kTooManyRequests || reason == ApiReason::kUnauthorized ||
         (reason == ApiReason::kForbidden && refusals <= kHopes);
}

bool is_in_trouble(const WorkloadTick& workload) {
  return workload.cluster_error || workload.outcome == Outcome::kFailed || is_contended(workload);
}

std::string place_of(const PolicyObject& object) {
  return "ScalingPolicy " + object.name_space + "/" + object.name;
}

}  // namespace

KubernetesSuccession::KubernetesSuccession(ApiClient& reads, ApiClient& writes, Maps maps,
                                           std::function<Instant()> now,
                                           std::function<bool(const WorkloadId&)> leads,
                                           std::function<void(const Error&)> report)
    : reads_(reads),
      maps_(std::move(maps)),
      now_(std::move(now)),
      leads_(std::move(leads)),
      report_(report),
      statuses_(writes, std::move(report)) {}

Result<std::vector<Succession::Left>> KubernetesSuccession::left(std::span<const Heir> heirs) {
  std::vector<const Heir*> due;
  for (const Heir& heir : heirs) {
    const auto asked = asked_.find(heir.workload->spec.name);
    if (asked != asked_.end() && !heir.leads) asked->second.leads = false;
    if (!is_known(heir)) due.push_back(&heir);
  }
  if (due.empty()) return std::vector<Left>{};
  const Instant now = now_();
  LeftObjects objects;
  StateMap::Documents documents;
  if (last_failure_ && now - *last_failure_ < kBetweenReads && now >= *last_failure_) {
    return Error{Code::kUnavailable, "it could not be read just now"};
  }
  const Deadline whole(reads_.deadline());
  std::vector<const PolicyObject*> asked;
  for (const Heir* heir : due) {
    if (heir->workload->object) asked.push_back(&*heir->workload->object);
  }
  const std::optional<ApiError> errors[] = {
      read_left_objects(reads_, asked, time_of(whole), last_failure_.has_value(), objects),
      read_maps(due, whole, documents)};
  const auto is_refused = [](const std::optional<ApiError>& error) {
    return error && error->reason == ApiReason::kForbidden;
  };
  refusals_ = std::ranges::any_of(errors, is_refused) ? refusals_ + 1 : 0;
  for (const auto& error : errors) {
    if (!error || !is_passing(error->reason, refusals_)) continue;
    last_failure_ = now;
    return error->error;
  }
  last_failure_.reset();
  for (const auto& error : errors) {
    if (!error) continue;
    report_({error->error.code,
             "what the leader before has left cannot be read, and "
             "counts as nothing: " +
                 error->error.message});
  }
  // What was read is older than what still waits to be written of those that we led already.
  for (const Heir& heir : heirs) {
    const auto spoken = spoken_.find(heir.workload->spec.name);
    if (!heir.leads || !is_known(heir) || spoken == spoken_.end()) continue;
    const StateMap::Document& document = spoken->second.document;
    StateMap* map = map_of(spoken->first);
    if (map != nullptr && document != StateMap::Document()) map->put(spoken->first, document);
  }
  std::vector<Left> all;
  for (const Heir* heir : due) {
    asked_[heir->workload->spec.name] = {heir->leads, heir->term};
    all.push_back(left_of(*heir, static_cast<size_t>(heir - heirs.data()), objects, documents));
  }
  return all;
}

bool KubernetesSuccession::is_known(const Heir& heir) const {
  const auto asked = asked_.find(heir.workload->spec.name);
  if (asked == asked_.end()) return false;
  return !heir.leads || (asked->second.leads && asked->second.term == heir.term);
}

StateMap* KubernetesSuccession::map_of(const WorkloadId& workload) const {
  return maps_.empty() ? nullptr : maps_[shard_of(workload, maps_.size())].get();
}

std::optional<ApiError> KubernetesSuccession::read_maps(std::span<const Heir* const> heirs,
                                                        const Deadline& whole,
                                                        StateMap::Documents& into) {
  std::set<StateMap*> maps;
  for (const Heir* heir : heirs) maps.insert(map_of(heir->workload->spec.name));
  std::optional<ApiError> refused;
  for (StateMap* map : maps) {
    if (map == nullptr) continue;
    auto error = map->read(reads_, time_of(whole), into);
    if (error && error->reason != ApiReason::kForbidden) return error;
    if (error) refused = std::move(error);
  }
  return refused;
}

// And what is known of it from here on.
Succession::Left KubernetesSuccession::left_of(const Heir& heir, size_t index,
                                               const LeftObjects& objects,
                                               const StateMap::Documents& documents) {
  const WorkloadConfig& config = *heir.workload;
  const std::string& name = config.spec.name;
  Left left{index, {}, {}};
  Spoken& spoken = spoken_[name] = {};
  spoken.object = config.object;
  json hand_over;
  if (const auto document = documents.find(name); document != documents.end()) {
    spoken.document = document->second;
    hand_over = json::parse(document->second.hand_over, nullptr, false);
    std::vector<std::string> lost;
    const Result<Experience> experience =
        parse_experience(name, json::parse(document->second.experience, nullptr, false), lost);
    if (experience) left.experience = *experience;
    if (!experience) lost.push_back(name + ": " + experience.error().message);
    for (const std::string& part : lost) {
      report_({Code::kInvalid, map_of(name)->path() + ": what was learned of " + part +
                                   " cannot be read, and is ignored"});
    }
  }
  if (config.object) {
    // Written within the next heartbeat, each at a moment of its own.
    const auto scatter = std::hash<std::string>{}(name) % static_cast<size_t>(kHeartbeat.count());
    spoken.written = now_() - Duration(static_cast<int64_t>(scatter));
    hand_over = json();
    const auto object = objects.find({config.object->name_space, config.object->name});
    if (object != objects.end()) {
      const auto& [version, status] = object->second;
      statuses_.know(*config.object, version, status);
      spoken.telling = telling_part(status);
      const json last_scale = member(status, "lastScaleTime");
      if (last_scale.is_string()) spoken.last_scale = last_scale.get<std::string>();
      hand_over = member(status, "handOver");
    }
  }
  if (hand_over.is_null() || hand_over.empty()) return left;
  Result<HandOver> parsed = parse_hand_over(config.spec, hand_over);
  if (parsed) {
    left.hand_over = *std::move(parsed);
  } else {
    report_(
        {Code::kInvalid,
         (config.object ? place_of(*config.object) + ": status.handOver" : map_of(name)->path()) +
             " of " + name + " cannot be read, and is ignored: " + parsed.error().message});
  }
  return left;
}

void KubernetesSuccession::leave(const WorkloadConfig& workload, HandOver left) {
  Spoken& spoken = spoken_[workload.spec.name];
  if (spoken.left && !is_news(left, *spoken.left)) return;
  spoken.object = workload.object;
  std::string text = hand_over_json(workload.spec, left).dump();
  spoken.left = std::move(left);
  ++spoken.news;
  spoken.is_sent = false;
  if (workload.object) {
    spoken.document.hand_over = "{}";
    spoken.object_hand_over = std::move(text);
    return;
  }
  spoken.document.hand_over = std::move(text);
  if (StateMap* map = map_of(workload.spec.name)) map->put(workload.spec.name, spoken.document);
}

void KubernetesSuccession::leave(const WorkloadConfig& workload, Experience left) {
  StateMap* map = map_of(workload.spec.name);
  if (map == nullptr) return;
  Spoken& spoken = spoken_[workload.spec.name];
  spoken.document.experience = experience_json(left).dump();
  map->put(workload.spec.name, spoken.document);
}

std::vector<Code> KubernetesSuccession::failures() {
  std::vector<Code> all = statuses_.failures();
  for (const auto& map : maps_) {
    const std::vector<Code> its = map->failures();
    all.insert(all.end(), its.begin(), its.end());
  }
  return all;
}

void KubernetesSuccession::send() {
  for (const auto& map : maps_) map->wake();
  for (auto& [name, spoken] : spoken_) {
    if (spoken.is_sent || !spoken.object) continue;
    spoken.is_sent = true;
    PolicyStatus status{now_(), spoken.object->generation, {}, {}};
    status.fields = {{"handOver", json::parse(spoken.object_hand_over)}};
    statuses_.put(*spoken.object, name, std::move(status), StatusWriter::Urgency::kOrder);
  }
}

void KubernetesSuccession::publish(const TickRecord& tick) {
  if (tick.dry_run) return;
  if (std::exchange(config_, tick.config) != tick.config) forget_what_is_gone(tick);
  statuses_.again();
  for (const auto& map : maps_) map->wake();
  for (const WorkloadTick& workload : tick.workloads) {
    if (!workload.config->object) continue;
    const std::string& name = workload.config->spec.name;
    if (workload.leads) {
      speak(workload, tick.now);
    } else {
      spoken_.erase(name);
    }
  }
  refuse(tick.now);
}

void KubernetesSuccession::forget_what_is_gone(const TickRecord& tick) {
  std::map<StateMap*, std::set<WorkloadId>> by_map;
  std::set<WorkloadId> names;
  std::set<StatusWriter::Key> objects;
  for (const WorkloadTick& workload : tick.workloads) {
    const std::string& name = workload.config->spec.name;
    names.insert(name);
    by_map[map_of(name)].insert(name);
    const auto& object = workload.config->object;
    if (object) objects.emplace(object->name_space, object->name);
  }
  for (const auto& [path, state] : refused_) {  // they may be good again soon
    names.insert(state.workload);
    by_map[map_of(state.workload)].insert(state.workload);
    objects.emplace(state.object.name_space, state.object.name);
  }
  const auto is_gone = [&](const auto& each) { return !names.contains(each.first); };
  std::erase_if(asked_, is_gone);
  std::erase_if(spoken_, is_gone);
  statuses_.keep(objects);
  for (const auto& map : maps_) map->keep(by_map[map.get()]);
}

void KubernetesSuccession::speak(const WorkloadTick& workload, Instant now) {
  const WorkloadConfig& config = *workload.config;
  Spoken& spoken = spoken_[config.spec.name];
  const PolicyState* refusal = refusal_of(*config.object);
  Urgent urgent{.generation = config.object->generation,
                .desired = workload.decision.to,
                .is_resized = workload.outcome == Outcome::kApplied &&
                              workload.decision.to != workload.decision.from,
                .is_in_trouble = is_in_trouble(workload),
                .is_paused = workload.workload.orders.pause.has_value(),
                .news = spoken.news,
                .refusal = refusal ? accepted(*refusal).message : ""};
  // That a resize is over is no news.
  const bool is_first = !spoken.urgent;
  if (!is_first && !urgent.is_resized) spoken.urgent->is_resized = false;
  const bool is_urgent = !is_first && urgent != *spoken.urgent;
  const bool is_news = !is_first && urgent.news != spoken.urgent->news;
  if (!is_first && !is_urgent && now < spoken.next_look) return;

  const json hand_over = json::parse(spoken.object_hand_over, nullptr, false);
  PolicyStatus status = policy_status(workload, now, hand_over);
  if (!spoken.left) status.fields.erase("handOver");  // what stands there was not read yet
  if (refusal) {
    status.generation = refusal->object.generation;
    status.fields["observedGeneration"] = status.generation;
    put_condition(accepted(*refusal), status.conditions);
  }
  if (status.fields.contains("lastScaleTime")) {
    spoken.last_scale = status.fields["lastScaleTime"];
  } else if (!spoken.last_scale.empty()) {
    status.fields["lastScaleTime"] = spoken.last_scale;
  }
  std::string telling = telling_part(status_after(json::object(), status));
  const bool is_due = is_urgent || telling != spoken.telling || now - spoken.written >= kHeartbeat;
  spoken.next_look = now + kTelling;
  spoken.urgent = std::move(urgent);
  spoken.is_sent = true;  // or stands there already
  if (!is_due) return;
  spoken.telling = std::move(telling);
  spoken.written = now;
  statuses_.put(*config.object, config.spec.name, std::move(status),
                is_news ? StatusWriter::Urgency::kHandOver : StatusWriter::Urgency::kTold);
}

// Of those that run an earlier spec, the workload's own status says it. The heartbeat is for one
// whose write was refused.
void KubernetesSuccession::refuse(Instant now) {
  for (const auto& [path, state] : refused_) {
    Refusal& said = refusals_said_[path];
    if (state.last_good_runs) continue;
    if (!leads_(state.workload)) {
      said = {};
      continue;
    }
    PolicyStatus status = policy_status(state, now);
    std::string text = std::to_string(status.generation) + status.conditions.front().message;
    if (said.text == text && now - said.written < kHeartbeat) continue;
    said = {std::move(text), now};
    statuses_.put(state.object, state.workload, std::move(status), StatusWriter::Urgency::kTold);
  }
}

const PolicyState* KubernetesSuccession::refusal_of(const PolicyObject& object) const {
  const auto found = refused_.find(policy_path(object));
  return found == refused_.end() ? nullptr : &found->second;
}

void KubernetesSuccession::publish(PolicyStates states) {
  refused_.clear();
  for (PolicyState& state : states) {
    if (state.standing == PolicyState::Standing::kRuns) continue;
    refused_.emplace(policy_path(state.object), std::move(state));
  }
  std::erase_if(refusals_said_,
                [this](const auto& said) { return !refused_.contains(said.first); });
}

void KubernetesSuccession::flush(milliseconds patience) {
  const Deadline deadline(patience);
  const auto left = [&] { return std::max(deadline.left(), milliseconds(0)); };
  send();
  for (const auto& map : maps_) map->flush(left());  // one request each; statuses may be hundreds
  statuses_.flush(left());
}

}  // namespace autoscaler
