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

class Performance {
 public:
  Performance(std::shared_ptr<const Config> config, const Setting& setting,
              const std::map<std::string, std::function<double(Instant)>>& numbers)
      : setting_(setting),
        begins_(std::chrono::seconds(setting.load.rows.front().at_s)),
        ends_(std::chrono::seconds(setting.load.rows.back().at_s + setting.load.step_s)),
        interval_(config->controller.interval),
        workload_(config->workloads.front()),
        simulation_(
            config, setting.model.release, [this](Instant at) { return demand_at(at); }, begins_,
            setting.model.seed) {
    simulation_.service.one_by_one = setting.model.one_by_one;
    simulation_.service.retries = setting.model.retries;
    simulation_.service.promise = setting.promise;
    simulation_.source.delay = setting.model.metric_delay;
    simulation_.source.cpu_noise = setting.model.cpu_noise;
    simulation_.source.numbers = numbers;
    deploys_ = setting.model.deploys;
    std::sort(deploys_.begin(), deploys_.end());
    stand();
  }

  void run(Rehearsal& to) {
    size_t told = 0;
    while (simulation_.now() + interval_ <= ends_) {
      befall();
      const Totals before = simulation_.service.totals();
      const WorkloadTick& tick = simulation_.tick();
      to.moments.push_back(moment(before, tick));
      const Moment& now = to.moments.back();
      if (now.scored) {
        score(now, before, to.score);
        to.score.count_change(tick.decision.to - tick.decision.from);
        if (tick.decision.to != tick.decision.from && to.decisions.size() < kMostTold) {
          to.decisions.push_back({now.at, tick.decision.from, tick.decision.to,
                                  tick.decision.reason,
                                  explain_lines(workload_.spec, tick.decision)});
        }
      }
      if (++told % 1000 == 0) {
        setting_.progress(static_cast<double>((now.at - begins_).count()) /
                          static_cast<double>((ends_ - begins_).count()));
      }
    }
  }

 private:
  // What the first load needs is there from the beginning: the HPA starts nothing from size 0.
  void stand() {
    const WorkloadSpec& spec = workload_.spec;
    const int32_t needed = instances_needed(demand_at(begins_), setting_.model, setting_.promise);
    const int32_t size = std::clamp(needed, spec.bounds.min, spec.bounds.max);
    for (int64_t number = 1; number <= size; ++number) {
      simulation_.service.launch(spec.name, instance_id(spec.name, number), begins_);
    }
  }

  double demand_at(Instant at) {
    return value_at(setting_.load, std::chrono::duration<double>(at.time_since_epoch()).count(),
                    cursor_);
  }

  // What the model lets happen before the next tick.
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

  Moment moment(const Totals& before, const WorkloadTick& tick) {
    const Totals& after = simulation_.service.totals();
    Moment moment{.at = simulation_.now()};
    const double seconds = std::chrono::duration<double>(interval_).count();
    const double requests = after.requests - before.requests;
    const double bad = after.failed - before.failed + after.late - before.late;
    moment.demand = demand_at(moment.at - interval_);
    moment.needed = instances_needed(moment.demand, setting_.model, setting_.promise);
    moment.size = tick.decision.to;
    moment.expected = expected_by(tick.workload);
    count_lives(simulation_.service, moment);
    moment.p95_seconds = p95_of(before, after);
    moment.violating = bad > kLateShare * requests;
    const int64_t at_s =
        std::chrono::floor<std::chrono::seconds>(moment.at).time_since_epoch().count();
    // The interval ends here: its last second counts.
    const bool recorded = is_recorded(setting_.load, at_s - 1, cursor_);
    moment.scored = moment.at > setting_.scored_from && recorded;
    paid_ = (after.instance_seconds - before.instance_seconds) / seconds;
    return moment;
  }

  void score(const Moment& moment, const Totals& before, Elasticity& to) const {
    const Totals& after = simulation_.service.totals();
    to.count(interval_, moment.needed, moment.serving, paid_, moment.violating);
    to.count_requests(after.requests - before.requests, after.failed - before.failed);
  }

  const Setting& setting_;
  const Instant begins_;
  const Instant ends_;
  const Duration interval_;
  const WorkloadConfig workload_;
  size_t cursor_ = 0;
  std::vector<Duration> deploys_;
  size_t deployed_ = 0;
  double paid_ = 0;  // instances, mean over the last interval
  Simulation simulation_;
};

}  // namespace

int32_t instances_needed(double requests_per_second, const ServiceModel& model, Duration promise) {
  const double each = rate_within(model.release, promise);
  if (!(each > 0)) return 1;
  return std::max(1, static_cast<int32_t>(std::ceil(requests_per_second / each)));
}

Rehearsal rehearse(const std::string& name, std::shared_ptr<const Config> config,
                   const Setting& setting,
                   const std::map<std::string, std::function<double(Instant)>>& numbers) {
  Rehearsal rehearsal{.name = name, .score = {}, .moments = {}, .decisions = {}};
  Performance(std::move(config), setting, numbers).run(rehearsal);
  return rehearsal;
}

Rehearsal clairvoyant(const std::vector<Moment>& moments, const Setting& setting) {
  Rehearsal oracle{.name = "oracle", .score = {}, .moments = moments, .decisions = {}};
  if (moments.size() < 2) return oracle;
  const Duration step = moments[1].at - moments[0].at;
  const Duration lead = setting.model.release.startup + setting.model.release.startup_tail;
  const auto steps = [&](Duration span) {
    return static_cast<size_t>((span + step - Duration{1}) / step);
  };
  std::vector<int32_t> needed;
  for (const Moment& moment : moments) needed.push_back(moment.needed);
  const std::vector<int32_t> paid = oracle_paid(needed, steps(lead), steps(kDrain));
  for (size_t i = 0; i < moments.size(); ++i) {
    Moment& moment = oracle.moments[i];
    moment.size = paid[i];
    moment.serving = moment.needed;
    moment.violating = false;
    if (!moment.scored) continue;
    oracle.score.count(step, moment.needed, moment.needed, paid[i], false);
    if (i > 0) oracle.score.count_change(paid[i] - paid[i - 1]);
  }
  return oracle;
}

}  // namespace autoscaler
