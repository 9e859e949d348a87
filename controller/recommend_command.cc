#include "controller/backtest/backtest_report.h"
#include "controller/backtest/config_rivals.h"
#include "controller/backtest/recommend.h"
#include "controller/backtest_command.h"
#include "controller/sim/service.h"
#include "controller/snapshot/snapshot.h"

#include <nlohmann/json.hpp>

namespace autoscaler {
namespace {

// The lines of a text as comments of YAML.
std::string commented(const std::string& text) {
  std::string lines = "# ";
  for (size_t i = 0; i < text.size(); ++i) {
    lines += text[i];
    if (text[i] == '\n' && i + 1 < text.size()) lines += "# ";
  }
  return lines;
}

// The second half of the scored time is kept from the choice, and proves it.
Instant proven_from(const Setting& all) {
  const Instant ends(std::chrono::seconds(all.load.rows.back().at_s + all.load.step_s));
  return all.scored_from + (ends - all.scored_from) / 2;
}

Trace until(Trace load, Instant end) {
  std::erase_if(load.rows, [end](const Trace::Row& row) {
    return Instant(std::chrono::seconds(row.at_s)) >= end;
  });
  return load;
}

std::string judged(const char* when, Instant from, const Rehearsal& run, double budget) {
  const double share = run.score.violating_share();
  char line[200];
  std::snprintf(line, sizeof line, "%s %s on: %.3f %% violating, %s the budget of %g %%", when,
                format_instant(from).c_str(), 100 * share,
                share <= budget ? "within" : "NOT WITHIN", 100 * budget);
  return line;
}

// The proposal, and others beside it, on a part of the load that nobody has looked at before.
Backtest proof_of(const RecommendedPolicy& made, const Setting& setting) {
  Backtest proof{.workload = "the service", .load = setting.load.name};
  proof.scored_from = setting.scored_from;
  proof.promise = setting.promise;
  proof.instance_carries = rate_within(setting.model.release, setting.promise);
  proof.price = setting.model.price;
  proof.runs.push_back(rehearse(made.tried.front().name, made.config, setting));
  WorkloadConfig bounds;
  bounds.spec.bounds = {1, kMostRecommended};
  for (const Rival& rival : rivals_of(bounds, setting)) {
    proof.runs.push_back(rehearse(rival.name, rival.config, setting, rival.numbers));
  }
  proof.runs.push_back(clairvoyant(setting));
  proof.scored = std::chrono::round<Duration>(
      std::chrono::duration<double>(proof.runs.front().score.scored_seconds()));
  return proof;
}

Result<std::string> recommended(const RecommendOptions& options) {
  const auto model = model_of(options.load);
  if (!model) return model.error();
  const auto load = load_of(options.load, options.workload);
  if (!load) return load.error();
  Setting proving = setting_of(*load, *model, model->promise);
  const Instant scored_from = proving.scored_from;
  proving.scored_from = proven_from(proving);
  const Trace first = until(*load, proving.scored_from);
  if (first.rows.size() < 2) {
    return Error{Code::kInvalid, load->name + ": is too short to choose on a part of it"};
  }
  const Setting choosing{first, *model, model->promise, scored_from};
  const auto progress = progress_of("trying policies");
  RecommendedPolicy made =
      recommend(choosing, options.budget, [&progress](size_t done, size_t all) {
        progress(static_cast<double>(done) / static_cast<double>(all));
      });
  const Backtest proof = proof_of(made, proving);
  const Rehearsal& chosen = made.tried.front();
  const Rehearsal& proven = proof.runs.front();
  made.because.push_back(judged("chosen from", scored_from, chosen, options.budget));
  made.because.push_back(judged("proven from", proving.scored_from, proven, options.budget));
  if (options.json) {
    auto json = nlohmann::ordered_json::parse(backtest_json(proof));
    json["withinBudget"] = proven.score.violating_share() <= options.budget;
    json["chosenFrom"] = format_instant(scored_from);
    json["chosenWithinBudget"] = made.within_budget;
    for (const Rehearsal& each : made.tried) {
      json["candidates"].push_back({{"policy", each.name},
                                    {"instanceHours", each.score.instance_hours()},
                                    {"violatingShare", each.score.violating_share()}});
    }
    json["because"] = made.because;
    json["config"] = made.yaml;
    return json.dump(2) + "\n";
  }
  std::string text;
  for (const std::string& each : made.because) text += each + "\n";
  return commented(text + "\n" + backtest_text(proof)) + made.yaml;
}

}  // namespace

int recommend_command(const RecommendOptions& options) {
  return ended(recommended(options));
}

}  // namespace autoscaler
