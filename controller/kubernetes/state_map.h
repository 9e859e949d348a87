#pragma once

#include "base/mailbox.h"
#include "controller/kubernetes/api_client.h"
#include "policies/workload.h"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace autoscaler {

// What is left for the next leader in one ConfigMap: a key for each workload, with a document. It
// bears the annotation autoscaler.io/state; one without it is somebody else's, and neither read nor
// written. Its data is 900 KiB at the most (the API server takes 1 MiB): what has to be known
// first, and what was learned of as many workloads as there is room for. The key of a workload that
// the config of a leader has not named for an hour goes with the next write.
class StateMap {
 public:
  // What one workload's key holds, as text of JSON objects; "{}" where there is nothing.
  struct Document {
    std::string hand_over = "{}";
    std::string experience = "{}";
    bool operator==(const Document&) const = default;
  };
  using Documents = std::map<WorkloadId, Document>;

  // `client`: fenced. `report` hears, of any thread, what is wrong with it: each thing once.
  StateMap(ApiClient& client, std::string name_space, std::string name,
           std::function<Instant()> now, std::function<void(const Error&)> report);
  ~StateMap();  // what still waits is left out
  StateMap(const StateMap&) = delete;
  StateMap& operator=(const StateMap&) = delete;

  // What stands in it now; empty where there is none yet. What cannot be read is reported, and left
  // where it is. `client`: for reading alone, which must not wait behind writes.
  std::optional<ApiError> read(ApiClient& client, std::chrono::milliseconds deadline,
                               Documents& into);
  // From `wake` on, beside the caller: at most one write a second, with all that has come by then,
  // and none where it says what stands there.
  void put(const WorkloadId& workload, Document document);
  // From now on these are the workloads of the config.
  void keep(const std::set<WorkloadId>& workloads);
  void wake();
  // Writes that failed since it was last asked.
  std::vector<Code> failures() { return failures_.take(); }
  // Whether all is written, within `patience`.
  bool flush(std::chrono::milliseconds patience);

  const std::string& path() const { return path_; }

 private:
  using Data = std::map<std::string, std::string>;

  void run(const std::stop_token& stop);
  std::optional<ApiError> send(const std::stop_token& stop);
  std::optional<ApiError> look(const std::string& body);
  Data wanted();
  std::vector<std::string> gone_keys();
  void report_once(const Error& error);

  ApiClient& client_;
  const std::string collection_;
  const std::string name_;
  const std::string path_;
  const std::function<Instant()> now_;
  const std::function<void(const Error&)> report_;
  Mailbox<Code> failures_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable_any come_;
  std::condition_variable done_;
  Documents documents_;                  // of the workloads that we lead or have led
  Data stands_;                          // in the ConfigMap, as far as we know
  std::set<std::string> named_;          // keys of the config's workloads; empty: not known yet
  std::map<std::string, Instant> gone_;  // keys that stand there and are not named, since when
  std::string version_;                  // empty: it is to be looked at first
  WorkloadId newest_;  // one of the shard: whether we lead it is asked before each write
  bool has_news_ = false;
  bool is_due_ = false;
  bool is_sending_ = false;
  bool hurries_ = false;
  std::map<std::string, bool> reported_;
  std::jthread thread_;
};

// [-._a-zA-Z0-9]: what else is in the name of a workload is written as _2F.
std::string state_key(const WorkloadId& workload);

}  // namespace autoscaler
