#include "controller/kubernetes/scale_events.h"

#include "controller/kubernetes/micro_time.h"
#include "controller/kubernetes/policy_conditions.h"
#include "controller/snapshot/document.h"
#include "controller/snapshot/snapshot.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

namespace autoscaler {
namespace {

using nlohmann::json;

constexpr size_t kWaiting = 1000;
constexpr Duration kSame = std::chrono::minutes(10);
constexpr size_t kTextBytes = 1000;  // the API server takes 1,024

bool is_written(const WorkloadTick& workload) {
  return std::any_of(
      workload.changes.begin(), workload.changes.end(), [](const ChangeResult& result) {
        return std::holds_alternative<Resize>(result.change) && !result.skipped && !result.error;
      });
}

// Instants are of milliseconds: `number` tells apart those of one tick.
std::string event_name(const std::string& target, Instant at, unsigned number) {
  char end[32];
  const auto since = std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch());
  std::snprintf(end, sizeof(end), ".%llx",
                static_cast<unsigned long long>(since.count()) + number % 1000);
  return target.substr(0, 200) + end;
}

}  // namespace

ScaleEvents::ScaleEvents(ApiClient& client, const WrittenScales& written,
                         std::function<Instant()> now, std::function<void(const Error&)> report)
    : client_(client),
      written_(written),
      now_(std::move(now)),
      report_(std::move(report)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

ScaleEvents::~ScaleEvents() {
  thread_.request_stop();
  thread_.join();
}

void ScaleEvents::publish(const TickRecord& tick) {
  if (tick.dry_run) return;
  for (const WorkloadTick& workload : tick.workloads) {
    if (workload.config->kubernetes() == nullptr || !workload.leads) continue;
    if (is_written(workload)) resized(workload, tick.now);
    if (workload.config->object) trouble(workload, tick.now);
  }
  come_.notify_one();
}

void ScaleEvents::resized(const WorkloadTick& workload, Instant now) {
  const WorkloadConfig& config = *workload.config;
  const KubernetesTarget& target = *config.kubernetes();
  Note note{config.spec.name,
            {target.api_version, target.kind, target.name_space, target.name,
             written_.uid_of(config.spec.name)},
            workload.decision.to > workload.decision.from ? "ScaledOut" : "ScaledIn",
            false,
            explain_line(config.spec, workload.decision),
            now};
  put(note);
  if (!config.object) return;
  note.about = policy(*config.object);
  put(std::move(note));
}

void ScaleEvents::trouble(const WorkloadTick& workload, Instant now) {
  const std::string& name = workload.config->spec.name;
  const std::optional<Condition> found = trouble_with_the_target(workload);
  if (!found) {
    troubles_.erase(name);
    return;
  }
  const std::string& reason = found->reason;
  std::string& last = troubles_[name];
  if (reason == last) return;
  last = reason;
  put({workload.config->spec.name, policy(*workload.config->object), reason, true, found->message,
       now});
}

ScaleEvents::Object ScaleEvents::policy(const PolicyObject& object) {
  return {"autoscaler.io/v1alpha1", "ScalingPolicy", object.name_space, object.name, object.uid};
}

void ScaleEvents::put(Note note) {
  const std::lock_guard lock(mutex_);
  if (notes_.size() < kWaiting) notes_.push_back(std::move(note));
}

void ScaleEvents::run(const std::stop_token& stop) {
  std::string failing;
  while (true) {
    std::unique_lock lock(mutex_);
    if (!come_.wait(lock, stop, [this] { return !notes_.empty(); })) return;
    const Note note = std::move(notes_.front());
    notes_.pop_front();
    lock.unlock();
    const std::optional<ApiError> error = send(note, stop);
    if (stop.stop_requested()) return;
    if (!error) failing.clear();
    const bool is_news = error && error->reason != ApiReason::kFenced && failing.empty();
    if (!is_news) continue;
    failing = error->error.message;
    report_(error->error);
  }
}

std::optional<ApiError> ScaleEvents::send(const Note& note, const std::stop_token& stop) {
  const Object& about = note.about;
  const std::string seconds = seconds_text(now_());
  const json text = text_json(note.text.substr(0, kTextBytes));  // servers say what they like
  std::erase_if(sent_, [&](const auto& sent) { return note.at - sent.second.at >= kSame; });
  Sent& last = sent_[{about.kind + " " + about.name_space + "/" + about.name, note.reason}];
  if (!last.path.empty()) {
    const json again{{"count", last.count + 1}, {"lastTimestamp", seconds}, {"message", text}};
    const ApiAnswer answer = client_.merge_patch(last.path, again.dump(), stop, note.workload);
    if (answer.ok()) last = {last.path, last.count + 1, note.at};
    if (answer.ok() || answer.error->reason != ApiReason::kNotFound) return answer.error;
  }
  const std::string name = event_name(about.name, note.at, ++number_);
  const std::string events = "/api/v1/namespaces/" + about.name_space + "/events";
  const json event{{"apiVersion", "v1"},
                   {"kind", "Event"},
                   {"metadata", {{"name", name}, {"namespace", about.name_space}}},
                   {"involvedObject",
                    {{"apiVersion", about.api_version},
                     {"kind", about.kind},
                     {"namespace", about.name_space},
                     {"name", about.name},
                     {"uid", about.uid}}},
                   {"reason", note.reason},
                   {"message", text},
                   {"type", note.is_warning ? "Warning" : "Normal"},
                   {"count", 1},
                   {"firstTimestamp", seconds},
                   {"lastTimestamp", seconds},
                   {"source", {{"component", "autoscaler"}}},
                   {"reportingComponent", "autoscaler"},
                   {"reportingInstance", ""}};
  const ApiAnswer answer = client_.create(events, event.dump(), stop, note.workload);
  if (answer.ok()) last = {events + "/" + name, 1, note.at};
  return answer.error;
}

}  // namespace autoscaler
