#include "controller/backtest/recommend.h"

#include "base/check.h"
#include "controller/config/units.h"
#include "controller/sim/service.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace autoscaler {
namespace {

constexpr double kShares[] = {0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5};  // of what an instance carries
constexpr double kLeastPredicted = 0.85;  // of these shares: a forecast has its own margin
constexpr double kWorthIt = 0.95;         // of plain track's cost: what more than that must reach
constexpr double kSpare = 1.5;            // max over what the highest load needs
constexpr double kFewest = 0.01;          // of the time, the load is below that of `min`
constexpr int32_t kEarlyMinutes = 15;     // a window begins before its hour does
constexpr double kBusy = 1.5;             // busy hours over the quietest one
constexpr double kLeastBudget = 0.0001;   // that a config takes

struct Found {
  double highest = 0;
  double lowest = 0;  // the kFewest quantile
  Bounds bounds;
  std::optional<BusyHours> busy;
};

Found look_at(const Setting& setting) {
  Found found;
  std::vector<double> values;
  std::array<double, 24> peaks{};
  for (const Trace::Row& row : setting.load.rows) {
    values.push_back(row.value);
    found.highest = std::max(found.highest, row.value);
    if (Instant(std::chrono::seconds(row.at_s)) >= setting.scored_from) continue;
    double& peak = peaks[static_cast<size_t>(row.at_s / 3600 % 24)];
    peak = std::max(peak, row.value);
  }
  found.lowest = quantile_of(std::move(values), kFewest);
  const auto needed = [&](double rate) {
    return instances_needed(rate, setting.model, setting.promise);
  };
  found.bounds.min = std::max(2, needed(found.lowest));
  found.bounds.max =
      std::max(found.bounds.min, static_cast<int32_t>(std::ceil(kSpare * needed(found.highest))));
  found.busy = busy_hours(peaks);
  return found;
}

struct Candidate {
  std::string name;
  std::string policies;  // of the YAML list; empty: they follow from the budget
  bool plain = false;
};

std::string in_percent(double share) {
  return format_number(std::round(1e6 * share) / 1e4) + "%";
}

std::string in_rate(double rate) {
  return format_number(std::max(0.01, std::floor(100 * rate) / 100)) + "/s";
}

std::string schedule_of(const BusyHours& busy, double rate, int32_t max) {
  const int32_t begins = (busy.from * 60 - kEarlyMinutes + 1440) % 1440;
  char line[160];
  std::snprintf(
      line, sizeof line,
      "      - schedule: {cron: \"%d %d * * *\", for: %dm, min: %d}   # %02d:00 to %02d:00 "
      "UTC, %d minutes early\n",
      begins % 60, begins / 60, busy.hours * 60 + kEarlyMinutes,
      std::min(max, static_cast<int32_t>(std::ceil(busy.peak / rate))), busy.from,
      (busy.from + busy.hours) % 24, kEarlyMinutes);
  return line;
}

std::vector<Candidate> candidates_of(const Setting& setting, const Found& found, double budget) {
  const double carries = rate_within(setting.model.release, setting.promise);
  std::vector<Candidate> all;
  for (const double share : kShares) {
    const double rate = share * carries;
    const std::string name = "track " + in_rate(rate);
    const std::string track = "      - track: {signal: rps, perInstance: " + in_rate(rate) + "}\n";
    all.push_back({name, track, true});
    if (found.busy)
      all.push_back(
          {name + " + schedule", track + schedule_of(*found.busy, rate, found.bounds.max)});
    if (share < kLeastPredicted) continue;
    all.push_back({name + " + predict", track + "      - predict: {signal: rps, perInstance: " +
                                            in_rate(rate) + ", mode: full}\n"});
  }
  if (budget >= kLeastBudget) all.push_back({"budget " + in_percent(budget), ""});
  return all;
}

std::string yaml_of(const Candidate& candidate, const Setting& setting, const Found& found,
                    double budget) {
  const bool by_budget = candidate.policies.empty();
  const Duration startup = setting.model.release.startup + setting.model.release.startup_tail;
  std::string yaml = "controller: {interval: 15s}\nworkloads:\n  - name: service\n";
  yaml +=
      "    target: {process: {command: [/usr/bin/service, --port, \"{port}\"], ports: 9000-65000}}"
      "   # yours\n";
  yaml += "    replicas: {min: " + std::to_string(found.bounds.min) +
          ", max: " + std::to_string(found.bounds.max) + "}\n";
  yaml += "    startupDeadline: " +
          format_duration(std::max<Duration>(std::chrono::minutes(5), 4 * startup)) + "\n";
  yaml += "    slo: {signal: latency, p95: " + format_duration(setting.promise) +
          (by_budget ? ", budget: " + in_percent(budget) : "") + "}\n";
  yaml += "    signals:   # with the names that your service has\n";
  yaml += "      rps: {source: scrape, counter: http_requests_total}\n";
  yaml += "      latency: {source: scrape, histogram: http_request_duration_seconds}\n";
  if (by_budget) return yaml + "    # its policies follow from the budget: see autoscaler check\n";
  return yaml + "    policies:\n" + candidate.policies;
}

std::shared_ptr<const Config> config_of(const std::string& yaml) {
  ConfigResult read = parse_config(yaml, "recommendation");
  for (const ConfigProblem& problem : read.problems) {
    std::fprintf(stderr, "%s\n", describe(problem).c_str());
  }
  CHECK(read.config.has_value());  // we wrote it
  return std::make_shared<const Config>(std::move(*read.config));
}

// Within the budget the cheapest, otherwise who violates least.
bool is_better(const Rehearsal& a, const Rehearsal& b, double budget) {
  const bool a_within = a.score.violating_share() <= budget;
  const bool b_within = b.score.violating_share() <= budget;
  if (a_within != b_within) return a_within;
  if (a_within) return a.score.instance_hours() < b.score.instance_hours();
  return a.score.violating_seconds() < b.score.violating_seconds();
}

std::vector<std::string> reasons(const Setting& setting, const Found& found) {
  char line[200];
  std::vector<std::string> because;
  std::snprintf(
      line, sizeof line,
      "the load is between %.4g (exceeded 99 %% of the time) and %.4g requests per second",
      found.lowest, found.highest);
  because.emplace_back(line);
  std::snprintf(line, sizeof line, "an instance carries %.4g of them with p95 within %s",
                rate_within(setting.model.release, setting.promise),
                format_duration(setting.promise).c_str());
  because.emplace_back(line);
  if (found.busy) {
    std::snprintf(line, sizeof line, "from %02d:00 to %02d:00 UTC each hour has had %.4g at least",
                  found.busy->from, (found.busy->from + found.busy->hours) % 24, found.busy->peak);
    because.emplace_back(line);
  } else {
    because.emplace_back("no hours of the day are much busier than the others");
  }
  return because;
}

std::string verdict(const char* what, const Rehearsal& plain, const Rehearsal* best) {
  if (best == nullptr) return std::string(what) + ": not tried";
  const double ratio = best->score.instance_hours() / plain.score.instance_hours();
  char line[160];
  std::snprintf(line, sizeof line,
                "%s: %+.1f %% of track's cost at %.3f %% violating instead of %.3f %%", what,
                100 * (ratio - 1), 100 * best->score.violating_share(),
                100 * plain.score.violating_share());
  return line;
}

}  // namespace

std::optional<BusyHours> busy_hours(const std::array<double, 24>& peaks) {
  const auto [low, high] = std::minmax_element(peaks.begin(), peaks.end());
  if (*high < kBusy * std::max(*low, 1e-9)) return std::nullopt;
  const double middle = (*low + *high) / 2;
  const auto is_busy = [&](int hour) { return peaks[static_cast<size_t>(hour % 24)] >= middle; };
  // The longest run, around midnight too.
  BusyHours best;
  for (int from = 0; from < 24; ++from) {
    if (!is_busy(from) || is_busy(from + 23)) continue;
    int hours = 0;
    double peak = *high;
    while (hours < 23 && is_busy(from + hours)) {
      peak = std::min(peak, peaks[static_cast<size_t>((from + hours) % 24)]);
      ++hours;
    }
    if (hours > best.hours) best = {from, hours, peak};
  }
  return best.hours > 0 ? std::optional(best) : std::nullopt;
}

RecommendedPolicy recommend(const Setting& setting, double budget,
                            const std::function<void(size_t, size_t)>& progress) {
  const Found found = look_at(setting);
  const std::vector<Candidate> candidates = candidates_of(setting, found, budget);
  std::vector<Rehearsal> runs;
  for (const Candidate& candidate : candidates) {
    progress(runs.size(), candidates.size());
    runs.push_back(
        rehearse(candidate.name, config_of(yaml_of(candidate, setting, found, budget)), setting));
  }
  progress(runs.size(), candidates.size());

  const auto best_of = [&](auto wanted) -> const Rehearsal* {
    const Rehearsal* best = nullptr;
    for (size_t i = 0; i < runs.size(); ++i) {
      if (!wanted(candidates[i])) continue;
      if (best == nullptr || is_better(runs[i], *best, budget)) best = &runs[i];
    }
    return best;
  };
  const auto with = [](const char* word) {
    return [word](const Candidate& each) { return each.name.find(word) != std::string::npos; };
  };
  const Rehearsal* plain = best_of([](const Candidate& each) { return each.plain; });
  const Rehearsal* best = best_of([](const Candidate&) { return true; });
  const bool plain_within = plain->score.violating_share() <= budget;
  const bool pays = best->score.instance_hours() < kWorthIt * plain->score.instance_hours();
  if (plain_within && !pays) best = plain;

  RecommendedPolicy made;
  made.within_budget = best->score.violating_share() <= budget;
  made.because = reasons(setting, found);
  made.because.push_back(verdict("a schedule", *plain, best_of(with("schedule"))));
  made.because.push_back(verdict("prediction", *plain, best_of(with("predict"))));
  made.because.push_back(verdict("an error budget", *plain, best_of(with("budget"))));
  const auto chosen = static_cast<size_t>(best - runs.data());
  made.yaml = yaml_of(candidates[chosen], setting, found, budget);
  made.config = config_of(made.yaml);
  std::swap(runs[0], runs[chosen]);
  made.tried = std::move(runs);
  return made;
}

}  // namespace autoscaler
