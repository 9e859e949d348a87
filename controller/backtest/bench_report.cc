#include "controller/backtest/bench_report.h"

#include "controller/backtest/comparison.h"
#include "controller/backtest/fleet.h"
#include "controller/backtest/markdown_table.h"
#include "controller/backtest/trace_comparison.h"

#include <algorithm>
#include <cstdio>
#include <map>

namespace autoscaler {
namespace {

template <typename... Arguments>
std::string print(const char* format, Arguments... arguments) {
  char text[96];
  std::snprintf(text, sizeof text, format, arguments...);
  return text;
}

std::string minutes(int64_t seconds) {
  return std::to_string(seconds / 60) + " min";
}

// A row for each policy, a column for each lead.
template <typename Cell>
std::string fleet_table(const Fleet& fleet, const std::string& subject, Cell cell) {
  const std::vector<int64_t> leads = fleet.leads_s();
  std::vector<std::string> header{subject};
  for (const int64_t lead_s : leads) header.push_back(minutes(lead_s));
  MarkdownTable table(header);
  for (const FleetRow& row : fleet.rows()) {
    if (row.lead_s != leads.front() || row.capacity_factor != 1) continue;
    std::vector<std::string> cells{row.policy};
    for (const int64_t lead_s : leads) {
      const FleetRow* at = fleet.find(row.policy, lead_s);
      cells.push_back(at != nullptr ? cell(*at) : "");
    }
    table.add(std::move(cells));
  }
  return table.text();
}

std::string policies_text(const std::vector<BenchRow>& rows, bool judges) {
  const Fleet fleet(rows);
  std::string text =
      print("Means over %d traces: cost over the oracle's / violating %% of the time.\n\n",
            fleet.rows().front().traces);
  text += fleet_table(fleet, "cost / violating", [](const FleetRow& row) {
    return print("%.3f / %.2f", row.cost, 100 * row.violating);
  });
  text += "\nChanges of the size an hour / those in another direction than the one before.\n\n";
  text += fleet_table(fleet, "changes / turns", [](const FleetRow& row) {
    return print("%.2f / %.2f", row.actions, row.reversals);
  });
  text +=
      "\nCompared at the V of the sweep whose fleet cost is the largest not above the rival's, "
      "without\ninterpolation.\n\n";
  return text + comparison_tables(rows, judges);
}

// One trace: its forecasts, hpa-70 and the V as cheap, and the budgets.
class TraceLines {
 public:
  explicit TraceLines(const BenchResult& result) : result_(result), fleet_(result.rows) {
    for (const int64_t lead_s : fleet_.leads_s()) {
      const FleetRow* hpa = fleet_.find("hpa-70", lead_s);
      if (hpa != nullptr) ours_[lead_s] = traces_at_own_cost(result.rows, *hpa);
    }
  }

  std::string text() const {
    std::vector<std::string> header{"trace", "loss over naive", "P95 at 11 min"};
    const std::vector<int64_t> leads = fleet_.leads_s();
    for (const int64_t lead_s : leads) {
      header.push_back("hpa-70, " + minutes(lead_s));
      header.emplace_back("V at its cost");
      header.emplace_back("budget-1");
      header.emplace_back("budget-0.5");
    }
    MarkdownTable table(header);
    for (const std::string& trace : traces_of(result_)) {
      std::vector<std::string> cells{trace};
      add_forecasts(trace, cells);
      for (const int64_t lead_s : leads) {
        cells.push_back(cell(trace, "hpa-70", lead_s));
        cells.push_back(ours(trace, lead_s));
        cells.push_back(cell(trace, "budget-1", lead_s));
        cells.push_back(cell(trace, "budget-0.5", lead_s));
      }
      table.add(std::move(cells));
    }
    return table.text();
  }

 private:
  void add_forecasts(const std::string& trace, std::vector<std::string>& cells) const {
    std::string losses;
    std::string covered;
    bool any = false;
    for (const int64_t steps : kScoredHorizons) {
      const auto score = std::find_if(result_.forecasts.begin(), result_.forecasts.end(),
                                      [&](const ForecastScore& each) {
                                        return each.trace == trace && each.horizon_s == 60 * steps;
                                      });
      const bool scored = score != result_.forecasts.end();
      any |= scored;
      losses += (losses.empty() ? "" : " / ") +
                (scored ? print("%.2f", score->wql / score->wql_naive) : "-");
      if (scored && steps == 11) covered = print("%.3f", score->cover95());
    }
    cells.push_back(any ? losses : "");
    cells.push_back(covered);
  }

  static std::string told(const BenchRow& row) {
    return print("%.2f / %.2f", cost_of(row), 100 * violating_of(row));
  }

  std::string cell(const std::string& trace, const std::string& policy, int64_t lead_s) const {
    for (const BenchRow& row : result_.rows) {
      if (row.trace == trace && row.policy == policy && row.lead_s == lead_s &&
          row.capacity_factor == 1) {
        return told(row);
      }
    }
    return "";
  }

  std::string ours(const std::string& trace, int64_t lead_s) const {
    const auto at = ours_.find(lead_s);
    if (at == ours_.end()) return "";
    for (const TraceComparison& each : at->second) {
      if (each.trace == trace) return each.ours != nullptr ? told(*each.ours) : "none as cheap";
    }
    return "";
  }

  const BenchResult& result_;
  const Fleet fleet_;
  std::map<int64_t, std::vector<TraceComparison>> ours_;  // by lead
};

}  // namespace

std::string bench_report(const BenchResult& result, bool judges) {
  std::string text;
  if (!result.rows.empty()) text += policies_text(result.rows, judges) + "\n";
  if (!result.forecasts.empty()) text += forecast_table(result, judges) + "\n";
  text +=
      "Of each trace: the loss over naive at 3, 6, 11 and 60 minutes, then cost / violating %.\n\n";
  return text + TraceLines(result).text();
}

}  // namespace autoscaler
