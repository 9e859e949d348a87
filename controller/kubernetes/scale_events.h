#pragma once

#include "controller/kubernetes/api_client.h"
#include "controller/kubernetes/written_scales.h"
#include "controller/tick_record.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace autoscaler {

// An Event on the target for each size that we have written, and on the ScalingPolicy that the
// workload is written in: ScaledOut or ScaledIn, with the decision in one line. On the
// ScalingPolicy alone, a warning when trouble with the target begins: FailedGetScale,
// FailedUpdateScale, OtherAutoscaler, AmbiguousSelector. What follows the last one of its kind
// within ten minutes is the same Event again, counted up, with the newest text: one request a
// change, and few objects a workload. Nothing at rest. Sent beside the tick, one after the other;
// those past 1,000 that wait are left out.
class ScaleEvents {
 public:
  // `client`: fenced, and not the one that writes sizes, which must not wait behind Events.
  // `report` hears of a failure, of another thread, once until one succeeds again.
  ScaleEvents(ApiClient& client, const WrittenScales& written, std::function<Instant()> now,
              std::function<void(const Error&)> report);
  ~ScaleEvents();  // what still waits is left out
  ScaleEvents(const ScaleEvents&) = delete;
  ScaleEvents& operator=(const ScaleEvents&) = delete;

  // After each tick. Never blocks.
  void publish(const TickRecord& tick);

 private:
  struct Object {
    std::string api_version, kind, name_space, name, uid;
  };
  struct Note {
    WorkloadId workload;
    Object about;
    std::string reason;
    bool is_warning;
    std::string text;
    Instant at;
  };
  struct Sent {
    std::string path;
    int count;
    Instant at;
  };
  using Kind = std::pair<std::string, std::string>;  // the object, and the reason

  static Object policy(const PolicyObject& object);
  void resized(const WorkloadTick& workload, Instant now);
  void trouble(const WorkloadTick& workload, Instant now);
  void put(Note note);
  void run(const std::stop_token& stop);
  std::optional<ApiError> send(const Note& note, const std::stop_token& stop);

  ApiClient& client_;
  const WrittenScales& written_;
  const std::function<Instant()> now_;
  const std::function<void(const Error&)> report_;
  std::map<WorkloadId, std::string> troubles_;  // that last, by `publish` alone
  std::map<Kind, Sent> sent_;                   // that may be counted up, of the thread alone
  unsigned number_ = 0;                         // of the last one that was made
  std::mutex mutex_;                            // guards notes_
  std::condition_variable_any come_;
  std::deque<Note> notes_;
  std::jthread thread_;
};

}  // namespace autoscaler
