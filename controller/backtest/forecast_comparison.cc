#include "controller/backtest/comparison.h"
#include "controller/backtest/judged_table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

namespace autoscaler {
namespace {

using Measured = JudgedTable::Measured;

Measured shown(const char* format, double value) {
  char text[48];
  std::snprintf(text, sizeof text, format, value);
  return {value, text};
}

// Scored for less than a day: too little to say what a quantile covers.
std::set<std::string> short_traces(const std::vector<BenchRow>& rows) {
  std::set<std::string> names;
  for (const BenchRow& row : rows) {
    if (row.score.scored_s < 86400) names.insert(row.trace);
  }
  return names;
}

class Forecasts {
 public:
  Forecasts(const BenchResult& result, bool judges)
      : scores_(result.forecasts),
        traces_(traces_of(result)),
        short_(short_traces(result.rows)),
        judges_(judges) {
    for (const int64_t steps : kScoredHorizons) {
      columns_.emplace_back(60 * steps, std::to_string(steps) + " min");
    }
  }

  std::string text() const {
    JudgedTable table("forecasts", columns_, judges_);
    table.add("loss over seasonal naive, geometric mean", "0.38 / 0.46 / 0.57 / 0.60",
              {{180, 0.38}, {360, 0.46}, {660, 0.57}, {3600, 0.60}},
              [this](int64_t horizon_s) { return mean(horizon_s, &ForecastScore::wql_naive); });
    table.add("the worst trace", "1.3", {{180, 1.3}, {360, 1.3}, {660, 1.3}, {3600, 1.3}},
              [this](int64_t horizon_s) {
                return most(horizon_s, false, "%.2f",
                            [](const ForecastScore& score) { return score.wql / score.wql_naive; });
              });
    table.add("loss over persistence, geometric mean", "", {}, [this](int64_t horizon_s) {
      return mean(horizon_s, &ForecastScore::wql_persistence);
    });
    const auto error = [](const ForecastScore& score) {
      return 100 * std::abs(score.cover95() - 0.95);
    };
    const JudgedTable::Most points{{180, 1.1}, {360, 1.1}, {660, 1.1}};
    table.add("P95 coverage, largest error in points", "1.1 to 11 min", points,
              [&](int64_t horizon_s) { return most(horizon_s, false, "%.2f", error); });
    if (!short_.empty()) {
      table.add("the same, of traces scored for a day at least", "1.1 to 11 min", points,
                [&](int64_t horizon_s) { return most(horizon_s, true, "%.2f", error); });
    }
    table.add("P95 not covered in the worst hour of the day", "none; aim 0.10", {},
              [this](int64_t horizon_s) {
                return most(horizon_s, true, "%.3f", [](const ForecastScore& score) {
                  return 1 - score.worst_hour_cover95;
                });
              });
    return table.text() + without_score();
  }

 private:
  // Those that are in no number above, by name.
  std::string without_score() const {
    std::string text;
    for (const std::string& trace : traces_) {
      for (const auto& [horizon_s, heading] : columns_) {
        const auto found =
            std::find_if(scores_.begin(), scores_.end(), [&](const ForecastScore& score) {
              return score.trace == trace && score.horizon_s == horizon_s;
            });
        if (found == scores_.end()) text += (text.empty() ? "" : ", ") + trace + " at " + heading;
      }
    }
    return text.empty() ? "" : "\nNothing to score, and left out: " + text + ".\n";
  }

  template <typename Visit>
  void each(int64_t horizon_s, Visit visit) const {
    for (const ForecastScore& score : scores_) {
      if (score.horizon_s == horizon_s) visit(score);
    }
  }

  std::optional<Measured> mean(int64_t horizon_s, double ForecastScore::*of) const {
    double sum = 0;
    int count = 0;
    each(horizon_s, [&](const ForecastScore& score) {
      sum += std::log(score.wql / score.*of);
      ++count;
    });
    if (count == 0) return std::nullopt;
    const double value = std::exp(sum / count);
    return shown("%.3f", value);
  }

  // Of all traces, or of those that are long enough, with the name of the one that has it.
  template <typename Take>
  std::optional<Measured> most(int64_t horizon_s, bool long_alone, const char* format,
                               Take take) const {
    std::optional<double> value;
    std::string trace;
    each(horizon_s, [&](const ForecastScore& score) {
      if (long_alone && short_.count(score.trace) != 0) return;
      if (value && take(score) <= *value) return;
      value = take(score);
      trace = score.trace;
    });
    if (!value) return std::nullopt;
    Measured measured = shown(format, *value);
    measured.text += " (" + trace + ")";
    return measured;
  }

  const std::vector<ForecastScore>& scores_;
  const std::vector<std::string> traces_;
  const std::set<std::string> short_;
  const bool judges_;
  std::vector<std::pair<int64_t, std::string>> columns_;
};

}  // namespace

std::string forecast_table(const BenchResult& result, bool judges) {
  return Forecasts(result, judges).text();
}

}  // namespace autoscaler
