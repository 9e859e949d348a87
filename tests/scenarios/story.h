#pragma once

#include "controller/sim/simulation.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace autoscaler {

using namespace std::chrono_literals;
using testing::Each;
using testing::ElementsAre;

using testing::StartsWith;

// The signals that stories are about, as lines of a workload's `signals`.
inline const std::string kCpu =
    "cpu: {source: scrape, counter: process_cpu_seconds_total, capacity: 1}";
inline const std::string kLatency =
    "latency: {source: scrape, histogram: http_request_duration_seconds}";
inline const std::string kErrors =
    "errors: {source: scrape, ratio: {of: http_requests_total, matching: {code: '5..'}}}";

// A workload of 2 to 40 instances behind a balancer, with these signals, policies and further keys.
std::string shop(const std::vector<std::string>& signals, const std::vector<std::string>& policies,
                 const std::vector<std::string>& more = {"warmup: 30s"});
// With a Release as it is: 60 requests per second for each instance.
inline const std::string kTrackCpu = "track: {signal: cpu, target: 60%}";

// A story is told through the real loop, tick by tick, on a virtual clock: the service lives, the
// controller decides, and `run` returns what it decided, as lines "12 scale_out", the size and the
// reason: one for each resize, and one for each reason to hold that lasted a minute.
class Story : public testing::Test {
 protected:
  // Half an hour under this load, in requests per second. `prepare` sees the simulation before.
  void begin(const std::string& yaml, double load, Release release = {},
             Instant start = Instant{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}},
             const std::function<void(Simulation&)>& prepare = {});
  std::vector<std::string> run(Duration time);

  int32_t size() const { return last_->decision.to; }
  int32_t in_service() const;
  // Instances launched since it was last asked.
  int64_t launched();
  // Percent of the requests that failed since it was last asked.
  double failed();

  double load_ = 0;  // requests per second, now
  std::unique_ptr<Simulation> sim_;
  const WorkloadTick* last_ = nullptr;

 private:
  SimulatedService::Totals asked_;
  int64_t launched_before_ = 0;
};

}  // namespace autoscaler
