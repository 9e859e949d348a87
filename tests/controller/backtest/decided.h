#pragma once

#include "controller/backtest/fixed_world.h"
#include "controller/backtest/world.h"
#include "controller/demand_learning.h"
#include "policies/evaluate.h"

#include <cstdio>
#include <functional>
#include <map>

namespace autoscaler::testing {

// What a forecaster is told of a minute instead of its load, from some minute on.
using Fault = std::function<std::optional<double>(int64_t minute, std::optional<double> load)>;

// A workload of the config in the fixed world: the project's own evaluate, record and learning,
// every 15 s. Its capacity is known to be `rate_per_instance`.
class Decided : public Contender {
 public:
  Decided(WorkloadConfig config, int64_t lead_s, double rate_per_instance, Fault fault = {})
      : config_(std::move(config)),
        lead_(std::chrono::seconds(lead_s)),
        learning_(config_.spec),
        fault_(std::move(fault)),
        fed_(std::chrono::ceil<std::chrono::minutes>(lead_).count()) {
    tick_.config = &config_;
    tick_.workload.capacities.resize(config_.spec.signals.size());
    tick_.workload.capacities[0] = {CapacityEvidence::kKnee, rate_per_instance, rate_per_instance,
                                    rate_per_instance, 1000};
    tick_.workload.time_to_ready = lead_;
  }

  int32_t wants(const Sight& sight) override {
    const Instant now{std::chrono::seconds(sight.at_s)};
    if (!recent_.first_seen) recent_ = first_sight(config_.spec, sight.size, now - kLongAgo);
    stand(sight);
    measure(sight, now);
    const SignalValues seen =
        read_signals(config_.spec, tick_.workload, tick_.signals, recent_, now);
    learning_.pass(lead_, {seen.data(), seen.size()}, now);
    tick_.workload.predictions = learning_.predictions();
    tick_.workload.budget = learning_.spending();
    if (fault_) lie(sight);
    tick_.decision = evaluate(config_.spec, tick_.workload, tick_.signals, recent_, now);
    const Decision& decision = tick_.decision;
    record(config_.spec, decision,
           decision.to == decision.from ? Outcome::kHeld : Outcome::kApplied, now, recent_);
    learning_.account(tick_, now);
    ++reasons[reason_name(decision.reason)];
    for (const Proposal& each : decision.proposals) {
      if (each.policy != config_.spec.policies.size() - 1) continue;
      ++answers[each.replicas
                    ? "acts"
                    : abstain_reason_name(each.abstain.value_or(AbstainReason::kSignalMissing))];
    }
    return decision.to;
  }

  // How often the last policy acted, or abstained for which reason; how often which reason decided.
  std::map<std::string, int> answers;
  std::map<std::string, int> reasons;
  const Workload& workload() const { return tick_.workload; }

 private:
  static constexpr Duration kLongAgo = std::chrono::hours(24);

  void stand(const Sight& sight) {
    std::vector<Instance>& instances = tick_.workload.instances.edit();
    instances.resize(std::min(instances.size(), static_cast<size_t>(sight.size)));
    while (instances.size() < static_cast<size_t>(sight.size)) {
      char name[24];
      std::snprintf(name, sizeof name, "i%05zu", instances.size());
      instances.push_back({name, Lifecycle::kLaunching, {}});
    }
    for (size_t i = 0; i < instances.size(); ++i) {
      instances[i].lifecycle =
          i < static_cast<size_t>(sight.serving) ? Lifecycle::kInService : Lifecycle::kLaunching;
    }
    tick_.workload.size = tick_.workload.status_size = sight.size;
  }
  // rps over a minute, rps of the newest sample, what waits, p95.
  void measure(const Sight& sight, Instant now) {
    tick_.signals.clear();
    const auto add = [&](double value) {
      const Instant taken =
          now - std::chrono::seconds(fixed_world::kDelayTicks * fixed_world::kTickSeconds);
      tick_.signals.push_back({sight.rate
                                   ? Reading(Measured{value, taken, std::chrono::seconds(15)})
                                   : Reading(Missing{MissingReason::kNoSeries, {}})});
    };
    add(sight.rate_mean);
    add(sight.rate.value_or(0));
    add(sight.backlog);
    add(sight.violated ? 0.4 : 0.2);
  }
  // The forecaster is fed something else; its record sees what came.
  void lie(const Sight& sight) {
    const int64_t minute = sight.at_s / 60;
    if (minute != minute_ && minute_ != 0) {
      fed_.forecaster.learn(minute_, fault_(minute_, highest_), {});
      fed_.record.learn(minute_, highest_, fed_.forecaster.expect(Forecaster::Reach::kLead));
      highest_.reset();
    }
    minute_ = minute;
    if (sight.rate) highest_ = std::max(highest_, sight.rate);
    for (Prediction& each : tick_.workload.predictions) {
      const Prediction truth = each;
      each = fed_.predict();
      each.policy = truth.policy;
      each.price = truth.price;
    }
  }

  WorkloadConfig config_;
  Duration lead_;
  DemandLearning learning_;
  Fault fault_;
  Lookahead fed_;
  int64_t minute_ = 0;
  std::optional<double> highest_;
  WorkloadTick tick_;
  Recent recent_;
};

// `track` at what is learned, with its backlog and burst, and where it is given `predict` beside
// it, forecasting the newest samples; behavior: none.
inline WorkloadConfig decided_config(std::optional<PredictSpec> predict,
                                     std::optional<double> budget = {}) {
  WorkloadConfig config;
  WorkloadSpec& spec = config.spec;
  spec.name = "decided";
  spec.bounds = {1, fixed_world::kLargestSize};
  for (const char* name : {"rps", "rps-fast", "waiting", "latency"}) {
    spec.signals.emplace_back().name = name;
  }
  spec.slo = Slo{3, fixed_world::kSloSeconds, budget};
  TrackSpec track;
  track.kind = TrackSpec::Target::kLearned;
  track.tolerance_out = 0;
  track.queue = 2;
  track.burst = TrackSpec::Burst{.signal = 1};
  spec.policies.push_back({"track-rps", track});
  if (predict) spec.policies.push_back({"predict-rps", *predict});
  spec.behavior.reset();
  spec.guards = GuardsSpec::none();
  return config;
}

}  // namespace autoscaler::testing
