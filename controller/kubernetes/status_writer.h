#pragma once

#include "base/mailbox.h"
#include "controller/kubernetes/api_client.h"
#include "controller/kubernetes/policy_status.h"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace autoscaler {

// /apis/<group>/<version>/namespaces/<namespace>/scalingpolicies/<name>
std::string policy_path(const PolicyObject& object);

// Writes the status of ScalingPolicies, one after the other, beside the tick: a merge patch of what
// has changed with the resourceVersion of the object as we know it, so that one who led before and
// wakes up late changes nothing. Of an object that waits only the newest status is sent. After a
// conflict or without an answer it is read again, and sent when `again` is called: once a tick.
// Those whose loss would be felt go first: a change of 2,000 sizes makes 2,000 statuses.
class StatusWriter {
 public:
  using Key = std::pair<std::string, std::string>;  // namespace and name
  enum class Urgency {
    kOrder,     // an operator has been told that it is so
    kHandOver,  // a successor that did not see it needs it
    kTold,      // people read it
  };

  // `client`: fenced. `report` hears of a failure, of another thread, once until a write succeeds.
  StatusWriter(ApiClient& client, std::function<void(const Error&)> report);
  ~StatusWriter();  // what still waits is left out
  StatusWriter(const StatusWriter&) = delete;
  StatusWriter& operator=(const StatusWriter&) = delete;

  // What stands in it; `status` may be null. Without this it is read before it is written.
  void know(const PolicyObject& object, const std::string& version, const nlohmann::json& status);
  // Of one that waits already, what `status` says takes the place of the same, and the place of the
  // more urgent of the two.
  void put(const PolicyObject& object, const WorkloadId& workload, PolicyStatus status,
           Urgency urgency);
  void again();
  // What is known of other objects is forgotten.
  void keep(const std::set<Key>& objects);
  // Writes that failed since it was last asked; those of an object that has changed meanwhile, or
  // of who leads no more, are none.
  std::vector<Code> failures() { return failures_.take(); }
  // Whether all is written, within `patience`.
  bool flush(std::chrono::milliseconds patience);

 private:
  using Place = std::pair<Urgency, uint64_t>;  // in the queue: by urgency, then as they came
  struct Waiting {
    Place place;
    PolicyObject object;
    WorkloadId workload;
    PolicyStatus status;
  };
  struct Known {
    std::string version;
    std::string status;  // as JSON
  };

  void run(const std::stop_token& stop);
  std::optional<ApiError> send(const Waiting& waiting, const std::stop_token& stop);
  std::optional<ApiError> look(const PolicyObject& object, Known& known,
                               const std::stop_token& stop);
  void settle(Waiting waiting, const std::optional<ApiError>& error);
  void queue(const Key& key, Waiting& waiting, Urgency urgency);

  ApiClient& client_;
  const std::function<void(const Error&)> report_;
  Mailbox<Code> failures_;
  std::string failing_;  // of the thread alone
  std::mutex mutex_;     // guards what follows
  std::condition_variable_any come_;
  std::condition_variable done_;
  std::map<Place, Key> order_;  // of waiting_
  uint64_t came_ = 0;           // places given so far
  std::map<Key, Waiting> waiting_;
  std::map<Key, Waiting> failed_;  // wait for `again`
  std::map<Key, Known> known_;
  bool is_sending_ = false;
  std::jthread thread_;
};

}  // namespace autoscaler
