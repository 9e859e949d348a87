#pragma once

#include "controller/telemetry/direction.h"
#include "controller/tick_record.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <vector>

namespace autoscaler {

// What has happened since the start, over all workloads. Every label value of a closed set has its
// series from the start, at 0: `rate()` then sees the first event too.
// Counting and collecting may happen on two threads at once.
class Totals {
 public:
  Totals();
  void count(const TickRecord& record);
  std::vector<prometheus::MetricFamily> collect() const { return registry_.Collect(); }

 private:
  using Counter = prometheus::Counter;
  enum class Source { kCluster, kBalancer, kJournal, kStatus };  // what we call, and what may fail
  static constexpr int kSources = 4;
  static constexpr int kCodes = static_cast<int>(Code::kExhausted) + 1;
  enum class Outcome { kApplied, kSkipped, kFailed, kWaiting };  // of one change
  static constexpr int kOutcomes = 4;

  void make_decision_counters();
  void make_error_counters();
  void make_tick_metrics();
  void count_change(const ChangeResult& result);
  void count_error(Source source, const Error& error);

  prometheus::Registry registry_;
  // Owned by the registry. Indexed by the enums.
  std::array<std::array<Counter*, kReasonCount>, kDirectionCount> decisions_{};
  std::array<Counter*, kRuleCount> adjustments_{};
  std::array<std::array<Counter*, kOutcomes>, kChangeKinds> changes_{};
  std::array<std::array<Counter*, kMissingReasonCount>, kReadFromCount> read_errors_{};
  std::array<std::array<Counter*, kCodes>, kSources> errors_{};
  Counter* ticks_ = nullptr;
  Counter* overruns_ = nullptr;
  prometheus::Histogram* tick_seconds_ = nullptr;
  std::array<prometheus::Histogram*, kStageCount> stage_seconds_{};
};

}  // namespace autoscaler
