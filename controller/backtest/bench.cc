#include "controller/backtest/bench.h"

#include "controller/backtest/hard_world.h"
#include "controller/backtest/predictive.h"
#include "controller/backtest/rivals.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <memory>
#include <mutex>
#include <thread>

namespace autoscaler {
namespace {

struct Entry {
  std::string name;
  std::unique_ptr<Contender> contender;
  double capacity_factor = 1;
};

std::string named(const char* prefix, double number) {
  char name[32];
  std::snprintf(name, sizeof name, "%s-%g", prefix, number);
  return name;
}

std::vector<Entry> rivals(const Demand& demand, int64_t lead_s) {
  std::vector<Entry> all;
  all.push_back({"static-peak", make_static_peak(demand)});
  for (const int64_t target : {50, 60, 70}) {
    all.push_back({"hpa-" + std::to_string(target), make_hpa(target, demand)});
  }
  all.push_back({"aws-like-70", make_aws_like(70, demand)});
  all.push_back({"cron-hpa-70", make_cron_hpa(70, demand, lead_s)});
  return all;
}

}  // namespace

std::vector<std::string> traces_of(const BenchResult& result) {
  std::vector<std::string> names;
  const auto add = [&names](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const BenchRow& row : result.rows) add(row.trace);
  for (const ForecastScore& score : result.forecasts) add(score.trace);
  return names;
}

std::vector<NamedPolicy> bench_policies() {
  std::vector<NamedPolicy> all;
  for (const double price : kPrices) all.push_back({named("predict", price), {price, {}, 1}});
  for (const double factor : kCapacityFactors) {
    for (const double budget : kBudgets) {
      all.push_back({named("budget", 100 * budget), {{}, budget, factor}});
    }
  }
  return all;
}

BenchResult bench_demand(const Demand& demand, const BenchOptions& options) {
  BenchResult result;
  const Hardships hardships(demand);
  const Demand seen = options.hard ? hardships.seen_of(demand) : demand;
  const Minutes minutes = minutes_of(seen);
  for (const int64_t lead_s : options.leads_s) {
    const Score oracle = run_oracle(demand, lead_s);
    const ForecastTrack track = track_forecasts(seen, lead_s, kRowsGate);
    const auto add = [&](const std::string& policy, double factor, const Score& score) {
      result.rows.push_back({demand.name, policy, lead_s, factor, score, oracle.instance_hours});
    };
    std::vector<Entry> entries = rivals(demand, lead_s);
    for (const auto& [name, policy] : bench_policies()) {
      entries.push_back({name, make_predictive(policy, lead_s, track), policy.capacity_factor});
    }
    for (const Entry& each : entries) {
      add(each.name, each.capacity_factor,
          options.hard ? run_hard_world(demand, hardships, lead_s, *each.contender)
                       : run_world(demand, lead_s, *each.contender));
    }
    add("oracle", 1, oracle);
  }
  if (!options.hard) result.forecasts = score_forecasts(demand.name, minutes, {});
  return result;
}

BenchResult run_bench(const std::vector<Demand>& demands, const BenchOptions& options) {
  std::vector<BenchResult> by_demand(demands.size());
  std::atomic<size_t> next{0};
  std::mutex mutex;  // guards `finished` and the progress
  size_t finished = 0;
  const auto work = [&] {
    for (size_t i = next++; i < demands.size(); i = next++) {
      by_demand[i] = bench_demand(demands[i], options);
      const std::lock_guard lock(mutex);
      options.progress(++finished, demands.size(), demands[i].name);
    }
  };
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < options.threads; ++i) threads.emplace_back(work);
  }
  BenchResult all;
  for (auto& each : by_demand) {
    all.rows.insert(all.rows.end(), each.rows.begin(), each.rows.end());
    all.forecasts.insert(all.forecasts.end(), each.forecasts.begin(), each.forecasts.end());
  }
  return all;
}

}  // namespace autoscaler
