#include "controller/backtest/backtest_report.h"
#include "controller/backtest/config_rivals.h"
#include "controller/backtest/recommend.h"
#include "controller/backtest_command.h"
#include "controller/sim/service.h"

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

Result<std::string> recommended(const RecommendOptions& options) {
  const auto model = model_of(options.load);
  if (!model) return model.error();
  const auto load = load_of(options.load, options.workload);
  if (!load) return load.error();
  Setting setting = setting_of(*load, *model, model->promise);
  const auto progress = progress_of("trying policies");
  RecommendedPolicy made = recommend(setting, options.budget, [&progress](size_t done, size_t all) {
    progress(static_cast<double>(done) / static_cast<double>(all));
  });

  Backtest backtest{.workload = "the service", .load = load->name};
  backtest.scored_from = setting.scored_from;
  backtest.promise = setting.promise;
  backtest.instance_carries = rate_within(model->release, setting.promise);
  backtest.price = model->price;
  backtest.runs = std::move(made.tried);
  WorkloadConfig bounds;
  bounds.spec.bounds = {1, kMostRecommended};
  for (const Rival& rival : rivals_of(bounds, setting)) {
    backtest.runs.push_back(rehearse(rival.name, rival.config, setting, rival.numbers));
  }
  backtest.runs.push_back(clairvoyant(backtest.runs.front().moments, setting));
  backtest.scored = std::chrono::round<Duration>(
      std::chrono::duration<double>(backtest.runs.front().score.scored_seconds()));

  char budget[80];
  std::snprintf(budget, sizeof budget, "%s the budget of %g %% of the time",
                made.within_budget ? "the cheapest found within" : "NOTHING FOUND KEEPS TO",
                100 * options.budget);
  made.because.emplace_back(budget);
  if (options.json) {
    auto json = nlohmann::ordered_json::parse(backtest_json(backtest));
    json["withinBudget"] = made.within_budget;
    json["because"] = made.because;
    json["config"] = made.yaml;
    return json.dump(2) + "\n";
  }
  std::string text;
  for (const std::string& each : made.because) text += each + "\n";
  return commented(text + "\n" + backtest_text(backtest)) + made.yaml;
}

}  // namespace

int recommend_command(const RecommendOptions& options) {
  return ended(recommended(options));
}

}  // namespace autoscaler
