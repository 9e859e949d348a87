#pragma once

#include "metrics/history.h"
#include "policies/predict/lookahead.h"
#include "policies/workload.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace autoscaler {

// A forecast that has hardly begun, of a load whose past somebody may have kept.
struct ColdForecast {
  WorkloadId workload;
  std::string part;  // its name in the journal: "forecast:predict-rps"
  SignalQuery load;
  int64_t lead_minutes = 0;
  Calendar calendar;
};
// What it would know, had it been there.
struct WarmForecast {
  WorkloadId workload;
  std::string part;
  Lookahead lookahead;
};

// Lets forecasts begin with two weeks of recorded load: asked for and learned on a thread of its
// own, beside the ticks, and once for each load, whatever configs come and go. A server that is
// sick is asked again a minute later; one that has no past of a load is not. The log says what came
// of each.
class WarmStart {
 public:
  // `past` and `now` are used on that thread, and outlive this.
  WarmStart(HistorySource& past, std::function<Instant()> now,
            std::chrono::milliseconds pause = std::chrono::minutes(1));

  // From now on these are the cold ones. What was asked of them already, or is being asked, is not
  // asked again; what was asked of others is forgotten.
  void want(std::vector<ColdForecast> cold);
  // Those of the workload that were learned since the last call.
  std::vector<WarmForecast> take(const WorkloadId& workload);

 private:
  using Key = std::pair<WorkloadId, std::string>;  // and the part

  void run(const std::stop_token& stop);
  // Under the lock, once all was asked: those that are to be asked again wait for their time.
  void wait(std::unique_lock<std::mutex>& lock, const std::stop_token& stop);
  // False: to be asked again.
  bool learn(const ColdForecast& cold, const std::stop_token& stop);

  HistorySource& past_;
  const std::function<Instant()> now_;
  const std::chrono::milliseconds pause_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable_any wakes_;
  std::deque<ColdForecast> cold_;     // to be asked
  std::vector<ColdForecast> later_;   // to be asked again
  std::map<Key, SignalQuery> asked_;  // or being asked
  std::vector<WarmForecast> warm_;
  std::jthread thread_;  // last: it ends before what it uses
};

}  // namespace autoscaler
