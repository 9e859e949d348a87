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

// An Event on the target for each size that we have written: ScaledOut or ScaledIn, with the
// decision in one line. What follows the last one of its kind within ten minutes is the same Event
// again, counted up, with the newest text: one request a change, and two objects a workload.
// Nothing at rest. Sent beside the tick, one after the other; those past 1,000 that wait are left
// out.
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
  struct Note {
    WorkloadId workload;
    KubernetesTarget target;
    std::string uid;
    bool out;
    std::string text;
    Instant at;
  };
  struct Sent {
    std::string path;
    int count;
    Instant at;
  };
  using Kind = std::pair<std::string, bool>;  // the target, and whether out

  void run(const std::stop_token& stop);
  std::optional<ApiError> send(const Note& note, const std::stop_token& stop);

  ApiClient& client_;
  const WrittenScales& written_;
  const std::function<Instant()> now_;
  const std::function<void(const Error&)> report_;
  std::map<Kind, Sent> sent_;  // of the thread alone
  unsigned number_ = 0;        // of the last one that was made
  std::mutex mutex_;           // guards notes_
  std::condition_variable_any come_;
  std::deque<Note> notes_;
  std::jthread thread_;
};

}  // namespace autoscaler
