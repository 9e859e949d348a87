#pragma once

#include "controller/budget_learning.h"
#include "policies/predict/lookahead.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace autoscaler {

// Whether a forecast that has not shown what it is worth is kept from acting. It always is, but
// where it is asked what forecasts are worth once they act: in the bench of policies.
enum class GateRule { kObeyed, kAlwaysOpen };

// What one workload learns minute by minute: what load to expect, for each predict policy, and what
// a violating minute costs. A minute's load is the highest total of its ticks; readings that are
// missing or in doubt have no part in it.
class DemandLearning {
 public:
  explicit DemandLearning(const WorkloadSpec& spec, GateRule gate = GateRule::kObeyed);

  bool learns() const { return !forecasts_.empty() || budget_; }

  // Before a decision, with what it sees: `signals` are parallel to WorkloadSpec::signals. A
  // reading belongs to the minute in which it was taken, and a minute ends with its last reading,
  // so that the forecast is no older than what was measured. `time_to_ready`: as measured.
  void pass(std::optional<Duration> time_to_ready, std::span<const SignalValue> signals,
            Instant now);
  // As evaluate takes them.
  std::vector<Prediction> predictions() const;
  std::optional<BudgetSpending> spending() const;
  // After it: what became of it.
  void account(const WorkloadTick& tick, Instant now);

  // Load of the past that is newer than what was learned, oldest first: unix minutes. Of the signal
  // named `signal` alone.
  void learn_past(const std::string& signal, int64_t minute, std::optional<double> load);
  // The minute up to which all forecasts of that signal know it: 0 where one knows nothing yet;
  // nullopt: there are none.
  std::optional<int64_t> learned_until(const std::string& signal) const;

  // Forecasts that know too little of their load to be judged by: less than a day of it.
  struct Cold {
    std::string part;
    size_t signal;  // index into WorkloadSpec::signals
    int64_t lead_minutes;
    Calendar calendar;
  };
  std::vector<Cold> cold() const;
  // What one of them would know; passed over where it is of the future or knows no more.
  void warm_up(const std::string& part, const Lookahead& learned, Instant now);

  // Parts for the journal: "forecast:predict-rps", "budget".
  struct Part {
    std::string name;
    uint32_t version;
    std::string bytes;
  };
  std::vector<Part> parts() const;
  std::vector<std::string> part_names() const;
  // False where it cannot be read. `now`: minutes of the future (a clock set back) are none.
  bool restore(const Part& part, Instant now);

 private:
  struct Forecast {
    uint16_t policy;
    const PredictSpec* spec;
    std::string part;
    Lookahead lookahead;
    Prediction prediction;          // as of the last minute
    std::optional<int64_t> minute;  // under way
    std::optional<double> highest;  // of it
  };
  void hear(Forecast& forecast, std::span<const SignalValue> signals, Instant now) const;
  void begin_minute(Forecast& forecast, int64_t minute) const;
  int64_t lead_minutes(const PredictSpec& spec) const;

  const WorkloadSpec* spec_;
  GateRule gate_;
  std::vector<Forecast> forecasts_;
  std::optional<BudgetLearning> budget_;
  std::optional<Duration> time_to_ready_;
  std::optional<int64_t> minute_;  // under way, of the budget
};

}  // namespace autoscaler
