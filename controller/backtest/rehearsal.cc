#include "controller/backtest/rehearsal.h"

#include "controller/backtest/oracle.h"
#include "controller/lifecycle.h"
#include "controller/sim/simulation.h"
#include "controller/snapshot/explain.h"
#include "policies/histogram.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

constexpr double kLateShare = 0.05;  // what is beyond p95
constexpr Duration kDrain = std::chrono::seconds(30);

using Totals = SimulatedService::Totals;

double p95_of(const Totals& before, const Totals& after) {
  std::vector<double> bounds(latency_bounds().begin(), latency_bounds().end());
  bounds.push_back(std::numeric_limits<double>::infinity());
  std::vector<double> counts(bounds.size());
  for (size_t i = 0; i < counts.size(); ++i) counts[i] = after.latencies[i] - before.latencies[i];
  return quantile_of(bounds, counts, 1 - kLateShare).value_or(0);
}

std::optional<std::pair<double, double>> expected_by(const Workload& workload) {
  constexpr size_t kP50 = 0;
  constexpr size_t kP95 = 3;
  static_assert(kQuantiles[kP50] == 0.5 && kQuantiles[kP95] == 0.95);
  if (workload.predictions.empty() || !workload.predictions.front().lead_highest) return {};
  const QuantileValues& highest = *workload.predictions.front().lead_highest;
  return std::pair(highest[kP50], highest[kP95]);
}

void count_lives(const SimulatedService& service, Moment& moment) {
  for (const auto& [id, instance] : service.instances) {
    if (!instance.running) continue;
    if (instance.draining) {
      ++moment.leaving;
    } else if (service.serves(instance)) {
      ++moment.serving;
    } else {
      ++moment.starting;
    }
  }
}

// Some cells make one moment, so that a long load takes no more memory than a short one.
class Curve {
 public:
  explicit Curve(size_t cells) : each_((cells + kMostMoments - 1) / kMostMoments) {}
  void add(const Moment& moment, std::vector<Moment>& to) {
    if (count_++ % each_ == 0) {
      to.push_back(moment);
    } else {
      to.back().add(moment);
    }
  }

 private:
  size_t each_;
  size_t count_ = 0;
};

class Performance {
 public:
  Performance(std::shared_ptr<const Config> config, const Setting& setting,
              const std::map<std::string, std::function<double(Instant)>>& numbers)
      : setting_(setting),
        cells_(cells_of(setting.load, setting.scored_from)),
        begins_(std::chrono::seconds(setting.load.rows.front().at_s)),
        interval_(config->controller.interval),
        ticks_at_(begins_ + interval_),
        workload_(config->workloads.front()),
        simulation_(
            config, setting.model.release, [this](Instant at) { return demand_at(at); }, begins_,
            setting.model.seed) {
    simulation_.service.one_by_one = setting.model.one_by_one;
    simulation_.service.retries = setting.model.retries;
    simulation_.service.promise = setting.promise;
    simulation_.source.delay = setting.model.metric_delay;
    simulation_.source.lost = setting.model.lost;
    simulation_.source.cpu_noise = setting.model.cpu_noise;
    simulation_.source.numbers = numbers;
    deploys_ = setting.model.deploys;
    std::sort(deploys_.begin(), deploys_.end());
    stand();
  }

  void run(Rehearsal& to) {
    constexpr size_t kTold = 1000;
    Curve curve(cells_.size());
    for (size_t i = 0; i < cells_.size(); ++i) {
      const LoadCell& cell = cells_[i];
      const Totals before = simulation_.service.totals();
      stands(cell.begins, cell.scored, to);
      for (; ticks_at_ <= cell.ends(); ticks_at_ += interval_) {
        pass(ticks_at_);
        decide(cell.scored, to);
      }
      pass(cell.ends());
      curve.add(judge(cell, before, to.score), to.moments);
      if (i % kTold == 0) {
        setting_.progress(static_cast<double>(i) / static_cast<double>(cells_.size()));
      }
    }
    stands(simulation_.now(), false, to);
  }

 private:
  // What the first load needs is there from the beginning: the HPA starts nothing from size 0.
  void stand() {
    const WorkloadSpec& spec = workload_.spec;
    const double first = cells_.empty() ? 0 : cells_.front().demand;
    const int32_t needed = instances_needed(first, setting_.model, setting_.promise);
    size_ = std::clamp(needed, spec.bounds.min, spec.bounds.max);
    for (int64_t number = 1; number <= size_; ++number) {
      simulation_.service.launch(spec.name, instance_id(spec.name, number), begins_);
    }
  }

  double demand_at(Instant at) {
    return value_at(setting_.load, std::chrono::duration<double>(at.time_since_epoch()).count(),
                    cursor_);
  }

  void pass(Instant to) {
    if (to <= simulation_.now()) return;
    befall();
    simulation_.pass(to - simulation_.now());
  }

  // What the model lets happen now.
  void befall() {
    const Duration since = simulation_.now() - begins_;
    simulation_.source.is_down = std::any_of(
        setting_.model.outages.begin(), setting_.model.outages.end(), [&](const auto& outage) {
          return since >= outage.after && since < outage.after + outage.lasts;
        });
    while (deployed_ < deploys_.size() && since >= deploys_[deployed_]) {
      simulation_.service.deploy(setting_.model.release);
      ++deployed_;
    }
  }

  void decide(bool scored, Rehearsal& to) {
    const WorkloadTick& tick = simulation_.decide();
    const Decision& decision = tick.decision;
    size_ = decision.to;
    expected_ = expected_by(tick.workload);
    stands(simulation_.now(), scored, to);
    if (!scored) return;
    to.score.count_change(decision.to - decision.from);
    if (decision.to != decision.from && to.decisions.size() < kMostTold) {
      to.decisions.push_back({simulation_.now(), decision.from, decision.to, decision.reason,
                              explain_lines(workload_.spec, decision)});
    }
  }

  void stands(Instant from, bool scored, Rehearsal& to) const {
    const bool same =
        !to.sizes.empty() && to.sizes.back().size == size_ && to.sizes.back().scored == scored;
    if (!same) to.sizes.push_back({from, size_, scored});
  }

  Moment judge(const LoadCell& cell, const Totals& before, Elasticity& to) const {
    const Totals& after = simulation_.service.totals();
    const double requests = after.requests - before.requests;
    const double failed = after.failed - before.failed;
    Moment moment{.at = cell.ends(), .demand = cell.demand, .size = size_, .expected = expected_};
    moment.needed = instances_needed(moment.demand, setting_.model, setting_.promise);
    count_lives(simulation_.service, moment);
    moment.p95_seconds = p95_of(before, after);
    if (!cell.scored) return moment;
    moment.violating = failed + after.late - before.late > kLateShare * requests;
    const double paid = (after.instance_seconds - before.instance_seconds) /
                        std::chrono::duration<double>(LoadCell::kLength).count();
    to.count(LoadCell::kLength, moment.needed, moment.serving, paid, moment.violating);
    to.count_requests(requests, failed);
    return moment;
  }

  const Setting& setting_;
  const std::vector<LoadCell> cells_;
  const Instant begins_;
  const Duration interval_;
  Instant ticks_at_;  // next
  const WorkloadConfig workload_;
  size_t cursor_ = 0;
  std::vector<Duration> deploys_;
  size_t deployed_ = 0;
  int32_t size_ = 0;
  std::optional<std::pair<double, double>> expected_;
  Simulation simulation_;
};

}  // namespace

void Moment::add(const Moment& next) {
  at = next.at;
  demand = std::max(demand, next.demand);
  needed = std::max(needed, next.needed);
  size = std::max(size, next.size);
  serving = std::max(serving, next.serving);
  starting = std::max(starting, next.starting);
  leaving = std::max(leaving, next.leaving);
  if (next.expected) expected = next.expected;
  p95_seconds = std::max(p95_seconds, next.p95_seconds);
  violating = violating || next.violating;
}

int32_t instances_needed(double requests_per_second, const ServiceModel& model, Duration promise) {
  const double each = rate_within(model.release, promise);
  if (!(each > 0)) return 1;
  return std::max(1, static_cast<int32_t>(std::ceil(requests_per_second / each)));
}

Rehearsal rehearse(const std::string& name, std::shared_ptr<const Config> config,
                   const Setting& setting,
                   const std::map<std::string, std::function<double(Instant)>>& numbers) {
  Rehearsal rehearsal{.name = name};
  Performance(std::move(config), setting, numbers).run(rehearsal);
  return rehearsal;
}

Rehearsal clairvoyant(const Setting& setting) {
  Rehearsal oracle{.name = "oracle"};
  const std::vector<LoadCell> cells = cells_of(setting.load, setting.scored_from);
  const Duration lead = setting.model.release.startup + setting.model.release.startup_tail;
  const auto in_cells = [](Duration span) {
    return static_cast<size_t>((span + LoadCell::kLength - Duration{1}) / LoadCell::kLength);
  };
  std::vector<int32_t> needed;
  for (const LoadCell& cell : cells) {
    needed.push_back(instances_needed(cell.demand, setting.model, setting.promise));
  }
  const std::vector<int32_t> paid = oracle_paid(needed, in_cells(lead), in_cells(kDrain));
  Curve curve(cells.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    curve.add({.at = cells[i].ends(),
               .demand = cells[i].demand,
               .needed = needed[i],
               .size = paid[i],
               .serving = needed[i]},
              oracle.moments);
    if (!cells[i].scored) continue;
    oracle.score.count(LoadCell::kLength, needed[i], needed[i], paid[i], false);
    if (i > 0) oracle.score.count_change(paid[i] - paid[i - 1]);
  }
  return oracle;
}

}  // namespace autoscaler
