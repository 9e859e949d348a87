#pragma once

#include "controller/tick_record.h"

#include <memory>

namespace autoscaler {

// 2026-11-22T10:00:00Z
inline constexpr Instant kTen{std::chrono::seconds(1795341600)};

inline WorkloadConfig shop_workload(const std::string& name) {
  WorkloadConfig config;
  config.spec.name = name;
  config.spec.bounds = {2, 10};
  for (const char* signal : {"cpu", "latency", "rps"}) {
    config.spec.signals.emplace_back().name = signal;
  }
  config.spec.policies.push_back({"track-cpu", TrackSpec{}});
  config.spec.policies.push_back({"threshold-latency", ThresholdSpec{}});
  TrackSpec learned;
  learned.signal = 2;
  learned.kind = TrackSpec::Target::kLearned;
  config.spec.policies.push_back({"track-rps", learned});
  PredictSpec predict;
  predict.signal = 2;
  predict.mode = PredictSpec::Mode::kFull;
  config.spec.policies.push_back({"predict-rps", predict});
  config.spec.slo = Slo{1, 0.3, 0.005};
  config.json = "{}";
  return config;
}

// A tick in which everything that can have a series has one: `checkout` scales out from 3 to 5 in
// dry-run, with a missing and an idle signal, an abstaining policy and an error of each kind.
inline WorkloadTick full_workload(const WorkloadConfig& config) {
  WorkloadTick tick;
  tick.config = &config;
  tick.recent.emplace();
  tick.workload.size = 3;
  tick.workload.status_size = 3;
  tick.workload.capacities.resize(3);
  tick.workload.capacities[2] = {CapacityEvidence::kKnee, 80, 100, 75.5, 320};
  Prediction forecast;
  forecast.policy = 3;
  forecast.gate = Gate::kUncalibrated;
  forecast.judged = 4000;
  forecast.loss_ratio = 0.75;
  forecast.coverage = 0.875;
  forecast.at = kTen - std::chrono::seconds(15);
  forecast.lead = std::chrono::minutes(4);
  forecast.hold = std::chrono::minutes(10);
  forecast.lead_highest = QuantileValues{100, 110, 120, 130, 140, 150, 160, 170};
  forecast.hold_highest = QuantileValues{110, 120, 130, 140, 150, 160, 170, 180};
  forecast.usual = 90;
  forecast.peak = 200;
  forecast.price = 2.5;
  tick.workload.predictions = {forecast};
  tick.workload.budget = BudgetSpending{0.75, 0.5, 2.5, false};
  tick.signals.assign(3, Signal{Reading(Missing{MissingReason::kTimeout, "no answer in 1 s"})});
  tick.decision.from = 3;
  tick.decision.to = 5;
  tick.decision.combined = 6;
  tick.decision.reason = Reason::kScaleOut;
  tick.decision.bound_by = uint16_t{0};
  tick.decision.signals.resize(3);
  tick.decision.signals[0].value = 0.91;
  tick.decision.signals[0].at = Instant{std::chrono::seconds(1795341596)};
  tick.decision.signals[0].expected = 4;
  tick.decision.signals[0].reporting = 3;
  tick.decision.signals[0].completeness = 0.5;
  tick.decision.signals[0].doubt = Doubt::kIncomplete;
  tick.decision.signals[1].missing = MissingReason::kTimeout;
  tick.decision.signals[2].idle = true;
  Proposal track;
  track.policy = 0;
  track.signal = uint16_t{0};
  track.current = 0.91;
  track.target = 0.65;
  track.replicas = 6;
  Proposal threshold;
  threshold.policy = 1;
  threshold.abstain = AbstainReason::kHeld;
  threshold.missing = MissingReason::kTimeout;
  Proposal predict;
  predict.policy = 3;
  predict.signal = uint16_t{2};
  predict.abstain = AbstainReason::kGateUncalibrated;
  predict.forecast = 4;
  tick.decision.proposals = {track, threshold, predict};
  tick.decision.adjustments = {{Rule::kRateLimitOut, 6, 5}};
  tick.outcome = Outcome::kSkipped;
  for (int i = 1; i <= 4; ++i) {
    FleetInstance instance;
    instance.instance = config.spec.name + "-" + std::to_string(i);
    instance.lifecycle = i == 4 ? Lifecycle::kWarming : Lifecycle::kInService;
    instance.address = "127.0.0.1:900" + std::to_string(i);
    instance.registered = true;
    instance.exists = true;
    tick.instances.push_back(std::move(instance));
  }
  const std::string& name = config.spec.name;
  tick.changes.push_back({Launch{name, name + "-5"}, true, std::nullopt});
  tick.changes.push_back({Attach{name, name + "-4", "127.0.0.1:9004"}, false, std::nullopt});
  tick.changes.push_back(
      {Drain{name, name + "-1"}, false, Error{Code::kUnavailable, "the balancer is gone"}});
  tick.read_errors.push_back({name, name + "-2", MissingReason::kTimeout, "1 s"});
  tick.read_errors.push_back(
      {name, "", MissingReason::kUnreachable, "refused", ReadFrom::kBalancer});
  tick.cluster_error = Error{Code::kTimeout, "no list in 1 s"};
  tick.balancer_error = Error{Code::kUnavailable, "refused"};
  tick.shadow_size = 5;
  tick.time_to_ready = std::chrono::milliseconds(2500);
  tick.workload.time_to_ready = std::chrono::milliseconds(4500);
  tick.cooldown_out_left = std::chrono::seconds(90);
  tick.became_ready = {std::chrono::seconds(2), std::chrono::seconds(45)};
  tick.launch_failures = 2;
  return tick;
}

inline std::shared_ptr<TickRecord> full_record(const std::vector<std::string>& names,
                                               Instant now = kTen) {
  auto config = std::make_shared<Config>();
  for (const std::string& name : names) config->workloads.push_back(shop_workload(name));
  auto record = std::make_shared<TickRecord>();
  record->config = config;
  record->now = now;
  record->dry_run = true;
  record->number = 1;
  for (const WorkloadConfig& workload : config->workloads) {
    record->workloads.push_back(full_workload(workload));
  }
  record->stages.fill(std::chrono::milliseconds(3));
  record->overran = true;
  record->sources = {{"json/billing:80", BreakerState::kClosed, 0, std::nullopt},
                     {"prometheus/main", BreakerState::kOpen, 4, now + std::chrono::seconds(3)}};
  return record;
}

}  // namespace autoscaler
