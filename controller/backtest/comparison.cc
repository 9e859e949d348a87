#include "controller/backtest/comparison.h"

#include "controller/backtest/fleet.h"
#include "controller/backtest/judged_table.h"
#include "controller/backtest/trace_comparison.h"

#include <algorithm>
#include <cstdio>

namespace autoscaler {
namespace {

using Measured = JudgedTable::Measured;
using Most = JudgedTable::Most;

constexpr const char* kNoneAsCheap = "none as cheap";

Measured shown(const char* format, double value, double times = 1) {
  char text[48];
  std::snprintf(text, sizeof text, format, times * value);
  return {value, text};
}

Measured change(double ours, double rivals) {
  return shown("%+.1f %%", change_of(ours, rivals), 100);
}

class Comparisons {
 public:
  Comparisons(const std::vector<BenchRow>& rows, bool judges)
      : rows_(rows), fleet_(rows), judges_(judges) {
    for (const int64_t lead_s : fleet_.leads_s()) {
      columns_.emplace_back(lead_s, std::to_string(lead_s / 60) + " min");
    }
  }

  std::string text() {
    return against_rivals() + "\n" + of_budgets() + "\n" + of_wrong_capacities();
  }

 private:
  using Pair = std::pair<const FleetRow*, const FleetRow*>;  // the rival, and the V as cheap

  std::optional<Pair> at_its_cost(const std::string& rival, int64_t lead_s) const {
    const FleetRow* its = fleet_.find(rival, lead_s);
    if (its == nullptr) return std::nullopt;
    const FleetRow* ours = fleet_.at_no_more_cost(its->cost, lead_s);
    if (ours == nullptr) return std::nullopt;
    return Pair{its, ours};
  }

  std::string against_rivals() {
    JudgedTable table("predict-V", columns_, judges_);
    violations(table, "hpa-70", "-65 / -55 %", {{120, -0.65}, {300, -0.55}});
    violations(table, "hpa-60", "-80 / -80 %", {{120, -0.80}, {300, -0.80}});
    medians(table);
    cost(table, "hpa-60", "-18 % at 2 min", {{120, -0.18}});
    cost(table, "aws-like-70", "-15 % at 2 min", {{120, -0.15}});
    cost(table, "cron-hpa-70", "-20 % at 2 min", {{120, -0.20}});
    table.add(
        "cheapest V within 0.8 % violating: cost", "1.23 at 2 min", {{120, 1.23}},
        [&](int64_t lead_s) { return cost_within(0.008, lead_s); }, "none");
    for (const char* rival : {"hpa-70", "hpa-60"}) changes(table, rival);
    return table.text();
  }

  void violations(JudgedTable& table, const std::string& rival, const std::string& must,
                  const Most& most) {
    table.add(
        "violations against " + rival + " at no more fleet cost", must, most,
        [&](int64_t lead_s) -> std::optional<Measured> {
          const auto pair = at_its_cost(rival, lead_s);
          if (!pair) return std::nullopt;
          Measured measured = change(pair->second->violating, pair->first->violating);
          measured.text += " (" + pair->second->policy + ")";
          return measured;
        },
        kNoneAsCheap);
  }

  void medians(JudgedTable& table) {
    table.add(
        "the same V, median of the traces' changes against hpa-70", "-40 / -30 %",
        {{120, -0.40}, {300, -0.30}},
        [&](int64_t lead_s) -> std::optional<Measured> {
          const auto pair = at_its_cost("hpa-70", lead_s);
          if (!pair) return std::nullopt;
          return median(traces_at(rows_, *pair->first, *pair->second));
        },
        kNoneAsCheap);
    // Not judged: the traces on which no V is as cheap are not in it.
    table.add(
        "each trace's own V at no more cost, median against hpa-70", "", {},
        [&](int64_t lead_s) -> std::optional<Measured> {
          const FleetRow* rival = fleet_.find("hpa-70", lead_s);
          if (rival == nullptr) return std::nullopt;
          return median(traces_at_own_cost(rows_, *rival));
        },
        kNoneAsCheap);
  }

  static std::optional<Measured> median(const std::vector<TraceComparison>& traces) {
    const auto value = median_change(traces);
    if (!value) return std::nullopt;
    Measured measured = shown("%+.1f %%", *value, 100);
    const auto count = std::count_if(traces.begin(), traces.end(),
                                     [](const auto& each) { return each.ours != nullptr; });
    measured.text += " of " + std::to_string(count) + " traces";
    return measured;
  }

  void cost(JudgedTable& table, const std::string& rival, const std::string& must,
            const Most& most) {
    table.add(
        "fleet cost at no more violations than " + rival, must, most,
        [&](int64_t lead_s) -> std::optional<Measured> {
          const FleetRow* its = fleet_.find(rival, lead_s);
          if (its == nullptr) return std::nullopt;
          const FleetRow* ours = fleet_.at_no_more_violating(its->violating, lead_s);
          if (ours == nullptr) return std::nullopt;
          Measured measured = change(ours->cost, its->cost);
          measured.text += " (" + ours->policy + ")";
          return measured;
        },
        "none as good");
  }

  std::optional<Measured> cost_within(double violating, int64_t lead_s) const {
    const FleetRow* ours = fleet_.at_no_more_violating(violating, lead_s);
    if (ours == nullptr) return std::nullopt;
    Measured measured = shown("%.3f", ours->cost);
    measured.text += " (" + ours->policy + ")";
    return measured;
  }

  void changes(JudgedTable& table, const std::string& rival) {
    table.add(
        "direction changes an hour, at the cost of " + rival, "2.0", {{120, 2.0}, {300, 2.0}},
        [&](int64_t lead_s) -> std::optional<Measured> {
          const auto pair = at_its_cost(rival, lead_s);
          if (!pair) return std::nullopt;
          return shown("%.2f", pair->second->reversals);
        },
        kNoneAsCheap);
    table.add(
        "actions over those of hpa-70, at the cost of " + rival, "1.2", {{120, 1.2}, {300, 1.2}},
        [&](int64_t lead_s) -> std::optional<Measured> {
          const auto pair = at_its_cost(rival, lead_s);
          return pair ? actions(*pair->second) : std::nullopt;
        },
        kNoneAsCheap);
  }

  std::optional<Measured> actions(const FleetRow& ours) const {
    const FleetRow* hpa = fleet_.find("hpa-70", ours.lead_s);
    if (hpa == nullptr || !(hpa->actions > 0)) return std::nullopt;
    return shown("%.2f", ours.actions / hpa->actions);
  }

  std::string of_budgets() {
    JudgedTable table("budget-B", columns_, judges_);
    // What 1.25 of the budget is is decided on the share itself, not on what is shown of it.
    worst(table, "budget-1", "1 %; 1.25 at 10 min", {{120, 0.01}, {300, 0.01}, {600, 0.0125}});
    worst(table, "budget-0.5", "0.5 %; 0.625 at 10 min",
          {{120, 0.005}, {300, 0.005}, {600, 0.00625}});
    worst(table, "budget-0.1", "none; aim 0.15 %", {});
    of_row(table, "budget-0.5", "cost", "1.6 / 1.85", {{120, 1.6}, {300, 1.85}},
           [](const FleetRow& row) { return shown("%.3f", row.cost); });
    for (const char* policy : {"budget-1", "budget-0.5"}) {
      of_row(table, policy, "direction changes an hour", "2.0", {{120, 2.0}, {300, 2.0}},
             [](const FleetRow& row) { return shown("%.2f", row.reversals); });
      of_row(table, policy, "actions over those of hpa-70", "1.2", {{120, 1.2}, {300, 1.2}},
             [this](const FleetRow& row) { return actions(row); });
    }
    return table.text();
  }

  void worst(JudgedTable& table, const std::string& policy, const std::string& must,
             const Most& most) {
    of_row(table, policy, "violating, the worst trace", must, most, [](const FleetRow& row) {
      Measured measured = shown("%.2f %%", row.worst, 100);
      measured.text += " (" + row.worst_trace + ")";
      return measured;
    });
  }

  void of_row(JudgedTable& table, const std::string& policy, const std::string& what,
              const std::string& must, const Most& most,
              const std::function<std::optional<Measured>(const FleetRow&)>& measure) {
    table.add(policy + ": " + what, must, most, [&](int64_t lead_s) -> std::optional<Measured> {
      const FleetRow* row = fleet_.find(policy, lead_s);
      return row != nullptr ? measure(*row) : std::nullopt;
    });
  }

  // How much cost and violations rise with a belief that is not the truth.
  std::string of_wrong_capacities() {
    JudgedTable table("capacity believed wrong", columns_, judges_);
    for (const char* policy : {"budget-1", "budget-0.5", "budget-0.1"}) {
      for (const double factor : kCapacityFactors) {
        if (factor == 1) continue;
        const std::string what =
            std::string(policy) + ", " + shown("%+.0f %%", factor - 1, 100).text;
        rise(table, policy, factor, what + ": cost", "+5 %", 0.05,
             [](const FleetRow& row, const FleetRow& right) {
               return change(row.cost, right.cost);
             });
        rise(table, policy, factor, what + ": violating, points", "+0.05", 0.0005,
             [](const FleetRow& row, const FleetRow& right) {
               return shown("%+.3f", row.violating - right.violating, 100);
             });
      }
    }
    return table.text();
  }

  void rise(JudgedTable& table, const std::string& policy, double factor, const std::string& what,
            const std::string& must, double most,
            const std::function<Measured(const FleetRow&, const FleetRow&)>& measure) {
    table.add(what, must, {{120, most}, {300, most}},
              [&](int64_t lead_s) -> std::optional<Measured> {
                const FleetRow* row = fleet_.find(policy, lead_s, factor);
                const FleetRow* right = fleet_.find(policy, lead_s);
                if (row == nullptr || right == nullptr) return std::nullopt;
                return measure(*row, *right);
              });
  }

  const std::vector<BenchRow>& rows_;
  const Fleet fleet_;
  const bool judges_;
  std::vector<std::pair<int64_t, std::string>> columns_;
};

}  // namespace

std::string comparison_tables(const std::vector<BenchRow>& rows, bool judges) {
  return Comparisons(rows, judges).text();
}

}  // namespace autoscaler
