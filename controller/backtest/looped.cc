#include "controller/backtest/looped.h"

#include "base/check.h"
#include "controller/backtest/predictive.h"
#include "controller/loop.h"
#include "controller/sim/virtual_clock.h"

#include <algorithm>
#include <cstdio>
#include <optional>

namespace autoscaler {
namespace {

// The fleet of the fixed world as a Deployment, and what is measured of it.
class FixedScale final : public ClusterReader, public ClusterWriter, public MetricSource {
 public:
  explicit FixedScale(const WorkloadConfig& config) : workload_(config.spec.name) {}

  void show(const Sight& sight, Instant now) {
    sight_ = sight;
    pods_.resize(std::min(pods_.size(), static_cast<size_t>(sight.size)));
    while (pods_.size() < static_cast<size_t>(sight.size)) pods_.push_back(starting_pod(now));
    for (size_t i = 0; i < static_cast<size_t>(sight.serving); ++i) {
      if (*pods_[i].pod->ready) continue;
      PodFacts& pod = pods_[i].pod.edit();
      pod.ready = true;
      pod.ready_changed = now;
    }
  }

  Result<ClusterObservation> observe(Instant) override {
    ClusterObservation seen;
    ScaleObservation scale;
    scale.pods = pods_;
    scale.workload = workload_;
    scale.spec_replicas = scale.status_replicas = sight_.size;
    scale.resource_version = std::to_string(sight_.tick);
    scale.selector = "app=bench";
    seen.scales.push_back(std::move(scale));
    return seen;
  }
  std::vector<ChangeResult> apply(std::span<const Change> changes, Instant) override {
    std::vector<ChangeResult> results;
    for (const Change& change : changes) results.push_back({change, false, std::nullopt});
    return results;
  }

  void read(std::span<const WorkloadQuery>, Instant, std::vector<Signals>& answers,
            std::vector<ReadError>&) override {
    answers.at(0) = readings_of(sight_);
  }

 private:
  InstanceObservation starting_pod(Instant now) const {
    char name[24];
    std::snprintf(name, sizeof name, "p%05zu", pods_.size());
    InstanceObservation pod{.workload = workload_, .instance = name};
    pod.started = now;
    PodFacts& facts = pod.pod.emplace();
    facts.phase = PodFacts::Phase::kRunning;
    facts.started = facts.ready_changed = now;
    facts.ready = false;
    return pod;
  }

  WorkloadId workload_;
  Sight sight_;
  std::vector<InstanceObservation> pods_;
};

// A Service balances, and is not asked.
class NoBalancer final : public BalancerReader, public BalancerWriter {
 public:
  BalancerObservation observe(Instant) override { return {}; }
  std::vector<ChangeResult> apply(std::span<const Change>, Instant) override { return {}; }
};

class Looped final : public Contender {
 public:
  Looped(std::shared_ptr<const Config> config, GateRule gate, LoopJournal& journal)
      : config_(std::move(config)), gate_(gate), scale_(config_->workloads[0]), journal_(journal) {}

  int32_t wants(const Sight& sight) override {
    const Instant now{std::chrono::seconds(sight.at_s)};
    scale_.show(sight, now);
    if (!loop_) begin(now);
    clock_->advance(now - clock_->now());
    const auto tick = loop_->tick();
    CHECK(!tick->journal_error);
    return tick->workloads[0].decision.to;
  }

 private:
  void begin(Instant now) {
    clock_.emplace(now);
    Ports ports{*clock_, scale_, scale_, balancer_, balancer_, {&scale_}};
    ports.gate = gate_;
    loop_.emplace(config_, ports, journal_, false, std::vector<Loop::Sink>{});
    CHECK(loop_->restore().ok());
  }

  std::shared_ptr<const Config> config_;
  GateRule gate_;
  FixedScale scale_;
  NoBalancer balancer_;
  LoopJournal& journal_;
  std::optional<VirtualClock> clock_;
  std::optional<Loop> loop_;
};

}  // namespace

std::unique_ptr<Contender> make_looped(const BenchPolicy& policy, int64_t lead_s, GateRule gate,
                                       LoopJournal& journal) {
  return std::make_unique<Looped>(bench_config(policy, lead_s), gate, journal);
}

}  // namespace autoscaler
