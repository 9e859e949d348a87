#include "controller/kubernetes/scale_events.h"

#include "controller/kubernetes/micro_time.h"
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
  for (const WorkloadTick& workload : tick.workloads) {
    const KubernetesTarget* target = workload.config->kubernetes();
    if (tick.dry_run || target == nullptr || !is_written(workload)) continue;
    Note note{workload.config->spec.name,
              *target,
              written_.uid_of(workload.config->spec.name),
              workload.decision.to > workload.decision.from,
              explain_line(workload.config->spec, workload.decision),
              tick.now};
    const std::lock_guard lock(mutex_);
    if (notes_.size() < kWaiting) notes_.push_back(std::move(note));
  }
  come_.notify_one();
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
  const KubernetesTarget& target = note.target;
  const std::string at = micro_time(now_());
  const std::string seconds = at.substr(0, at.find('.')) + "Z";
  const std::string text = note.text.substr(0, kTextBytes);
  Sent& last = sent_[{target_text(target), note.out}];
  if (!last.path.empty() && note.at - last.at < kSame) {
    const json again{{"count", last.count + 1}, {"lastTimestamp", seconds}, {"message", text}};
    const ApiAnswer answer = client_.merge_patch(last.path, again.dump(), stop, note.workload);
    if (answer.ok()) last = {last.path, last.count + 1, note.at};
    if (answer.ok() || answer.error->reason != ApiReason::kNotFound) return answer.error;
  }
  const std::string name = event_name(target.name, note.at, ++number_);
  const std::string events = "/api/v1/namespaces/" + target.name_space + "/events";
  const json event{{"apiVersion", "v1"},
                   {"kind", "Event"},
                   {"metadata", {{"name", name}, {"namespace", target.name_space}}},
                   {"involvedObject",
                    {{"apiVersion", target.api_version},
                     {"kind", target.kind},
                     {"namespace", target.name_space},
                     {"name", target.name},
                     {"uid", note.uid}}},
                   {"reason", note.out ? "ScaledOut" : "ScaledIn"},
                   {"message", text},
                   {"type", "Normal"},
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
