#include "controller/backtest/backtest_report.h"

#include "controller/backtest/difference.h"
#include "controller/config/units.h"
#include "controller/snapshot/snapshot.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

namespace autoscaler {
namespace {

double oracle_hours(const Backtest& backtest) {
  const double hours = backtest.runs.back().score.instance_hours();
  return hours > 0 ? hours : 1;
}

template <typename... Arguments>
void add(std::string& text, const char* format, Arguments... arguments) {
  char line[240];
  std::snprintf(line, sizeof line, format, arguments...);
  text += line;
}

nlohmann::ordered_json json_of(const Rehearsal& run, const Backtest& backtest, bool on_front) {
  const Elasticity& score = run.score;
  return {{"policy", run.name},
          {"cost", score.instance_hours() / oracle_hours(backtest)},
          {"instanceHours", score.instance_hours()},
          {"oracleHours", oracle_hours(backtest)},
          {"price", score.instance_hours() * backtest.price},
          {"scoredSeconds", score.scored_seconds()},
          {"violatingSeconds", score.violating_seconds()},
          {"violatingShare", score.violating_share()},
          {"worstHourViolatingShare", score.worst_hour_share()},
          {"failedShare", score.failed_share()},
          {"actions", score.actions()},
          {"turns", score.turns()},
          {"actionsPerHour", score.an_hour(score.actions())},
          {"turnsPerHour", score.an_hour(score.turns())},
          {"underProvisioning", score.under()},
          {"overProvisioning", score.over()},
          {"underTime", score.under_time()},
          {"overTime", score.over_time()},
          {"instability", score.instability()},
          {"onFront", on_front}};
}

}  // namespace

std::vector<bool> pareto_front(const std::vector<Rehearsal>& runs) {
  std::vector<bool> front;
  for (const Rehearsal& run : runs) {
    const double cost = run.score.instance_hours();
    const double violating = run.score.violating_seconds();
    const bool beaten = std::any_of(runs.begin(), runs.end(), [&](const Rehearsal& other) {
      const double its_cost = other.score.instance_hours();
      const double its_violating = other.score.violating_seconds();
      return other.name != "oracle" && its_cost <= cost && its_violating <= violating &&
             (its_cost < cost || its_violating < violating);
    });
    front.push_back(run.name != "oracle" && !beaten);
  }
  return front;
}

std::string backtest_text(const Backtest& backtest) {
  std::string text;
  add(text, "%s over %s: scored for %s from %s on\n", backtest.workload.c_str(),
      backtest.load.c_str(), format_duration(backtest.scored).c_str(),
      format_instant(backtest.scored_from).c_str());
  add(text, "an instance carries %.4g requests per second with p95 within %s\n\n",
      backtest.instance_carries, format_duration(backtest.promise).c_str());
  int width = 18;
  for (const Rehearsal& run : backtest.runs) {
    width = std::max(width, static_cast<int>(run.name.size()));
  }
  add(text, "  %-*s %7s %9s %10s %10s %9s %8s %8s %7s %7s\n", width, "policy", "cost", "hours",
      "violating", "worst hour", "failed", "sizes/h", "turns/h", "under", "over");
  const std::vector<bool> front = pareto_front(backtest.runs);
  for (size_t i = 0; i < backtest.runs.size(); ++i) {
    const Elasticity& score = backtest.runs[i].score;
    add(text, "%s %-*s %7.3f %9.1f %9.3f%% %9.1f%% %8.3f%% %8.2f %8.2f %6.1f%% %6.1f%%\n",
        front[i] ? "*" : " ", width, backtest.runs[i].name.c_str(),
        score.instance_hours() / oracle_hours(backtest), score.instance_hours(),
        100 * score.violating_share(), 100 * score.worst_hour_share(), 100 * score.failed_share(),
        score.an_hour(score.actions()), score.an_hour(score.turns()), 100 * score.under(),
        100 * score.over());
  }
  text +=
      "\ncost: instance-hours over the oracle's, who knows the future. violating: of the time,\n"
      "more than 5 % late or failed. *: nobody has both less cost and fewer violations.\n";
  if (backtest.price > 0) {
    add(text, "at %g an instance-hour: %s pays %.2f, the oracle %.2f\n", backtest.price,
        backtest.runs.front().name.c_str(),
        backtest.price * backtest.runs.front().score.instance_hours(),
        backtest.price * oracle_hours(backtest));
  }
  if (!backtest.budgets.empty()) {
    text += "\nwhat each error budget costs\n\n   budget    cost     hours  violating";
    text += backtest.price > 0 ? "      price\n" : "\n";
    for (const PricedBudget& each : backtest.budgets) {
      const double hours = each.score.instance_hours();
      add(text, "  %6g%% %7.3f %9.1f %9.3f%%", 100 * each.budget, hours / oracle_hours(backtest),
          hours, 100 * each.score.violating_share());
      if (backtest.price > 0) add(text, " %10.2f", backtest.price * hours);
      text += "\n";
    }
  }
  if (backtest.compares_two) text += difference_text(backtest.runs[0], backtest.runs[1]);
  return text;
}

std::string backtest_json(const Backtest& backtest) {
  nlohmann::ordered_json json;
  json["workload"] = backtest.workload;
  json["load"] = backtest.load;
  json["scoredFrom"] = format_instant(backtest.scored_from);
  json["promiseSeconds"] = std::chrono::duration<double>(backtest.promise).count();
  json["instanceCarries"] = backtest.instance_carries;
  const std::vector<bool> front = pareto_front(backtest.runs);
  for (size_t i = 0; i < backtest.runs.size(); ++i) {
    json["policies"].push_back(json_of(backtest.runs[i], backtest, front[i]));
  }
  for (const PricedBudget& each : backtest.budgets) {
    const double hours = each.score.instance_hours();
    json["budgets"].push_back({{"budget", each.budget},
                               {"cost", hours / oracle_hours(backtest)},
                               {"instanceHours", hours},
                               {"price", backtest.price * hours},
                               {"violatingShare", each.score.violating_share()}});
  }
  if (backtest.compares_two) {
    json["differences"] = nlohmann::ordered_json::array();
    for (const Difference& each : differences_of(backtest.runs[0], backtest.runs[1])) {
      json["differences"].push_back({{"from", format_instant(each.from)},
                                     {"to", format_instant(each.to)},
                                     {"instances", each.most}});
    }
  }
  return json.dump(2) + "\n";
}

}  // namespace autoscaler
