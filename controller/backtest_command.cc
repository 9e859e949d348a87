#include "controller/backtest_command.h"

#include "controller/backtest/backtest_report.h"
#include "controller/backtest/budget_variants.h"
#include "controller/backtest/config_rivals.h"
#include "controller/backtest/sweep.h"
#include "controller/config/units.h"
#include "controller/sim/service.h"
#include "controller/sim/simulated_source.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace autoscaler {
namespace {

using Numbers = std::map<std::string, std::function<double(Instant)>>;

Error invalid(std::string message) {
  return Error{Code::kInvalid, std::move(message)};
}

// With the chosen workload alone.
Result<std::shared_ptr<const Config>> config_of(const std::string& file,
                                                const std::optional<std::string>& workload) {
  ConfigResult read = load_config(file);
  if (!read.config) return invalid(lines_of(read.problems));
  Config& config = *read.config;
  std::string names;
  for (const WorkloadConfig& each : config.workloads) {
    names += (names.empty() ? "" : ", ") + each.spec.name;
  }
  if (!workload && config.workloads.size() > 1) {
    return invalid(file + ": has several workloads: say which with --workload: " + names);
  }
  if (workload) {
    std::erase_if(config.workloads,
                  [&](const WorkloadConfig& each) { return each.spec.name != *workload; });
    if (config.workloads.empty()) {
      return invalid(file + ": has no workload '" + *workload + "': it has " + names);
    }
  }
  return std::make_shared<const Config>(std::move(config));
}

// Every signal must be one that the service has, or have a number.
Result<Numbers> numbers_of(const std::vector<std::string>& given, const WorkloadSpec& spec) {
  Numbers numbers;
  for (const std::string& each : given) {
    const size_t equals = each.find('=');
    char* end = nullptr;
    const double value =
        equals == std::string::npos ? NAN : std::strtod(each.c_str() + equals + 1, &end);
    if (!std::isfinite(value) || *end != '\0' || end == each.c_str() + equals + 1) {
      return invalid("--number " + each + ": is no NAME=NUMBER");
    }
    numbers[each.substr(0, equals)] = [value](Instant) { return value; };
  }
  for (const SignalSpec& signal : spec.signals) {
    if (SimulatedSource::knows(signal) || numbers.count(signal.name) != 0) continue;
    return invalid("signal '" + signal.name +
                   "': the simulated service has rps, latency, errors, cpu, memory, queue and "
                   "sessions; say `means:` in the config, or give it a value with --number " +
                   signal.name + "=5");
  }
  return numbers;
}

class Command {
 public:
  explicit Command(const BacktestOptions& options) : options_(options) {}

  Result<std::string> run() {
    const auto config = config_of(options_.config, options_.workload);
    if (!config) return config.error();
    const WorkloadConfig& workload = (*config)->workloads.front();
    const auto model = model_of(options_.load);
    if (!model) return model.error();
    const auto load = load_of(options_.load, workload.spec.name);
    if (!load) return load.error();
    auto numbers = numbers_of(options_.numbers, workload.spec);
    if (!numbers) return numbers.error();

    Setting setting = setting_of(*load, *model, model->promise);
    if (workload.spec.slo && !model->promise_given) {
      setting.promise =
          std::chrono::round<Duration>(std::chrono::duration<double>(workload.spec.slo->p95));
    }
    const auto others = others_of(workload, setting, *numbers);
    if (!others) return others.error();

    Backtest backtest{.workload = workload.spec.name, .load = load->name};
    backtest.scored_from = setting.scored_from;
    backtest.promise = setting.promise;
    backtest.instance_carries = rate_within(model->release, setting.promise);
    backtest.price = model->price;
    backtest.compares_two = options_.other.has_value();
    const auto budgets = budgets_of(workload.spec.name);
    if (!budgets) return budgets.error();
    add({workload.spec.name, *config, *numbers}, setting, backtest);
    for (const Rival& other : *others) add(other, setting, backtest);
    for (const BudgetVariant& each : *budgets) {
      setting.progress = progress_of("a budget of " + format_number(100 * each.budget) + " %");
      backtest.budgets.push_back({each.budget, rehearse("", each.config, setting, *numbers).score});
    }
    backtest.runs.push_back(clairvoyant(setting));
    backtest.scored = std::chrono::round<Duration>(
        std::chrono::duration<double>(backtest.runs.front().score.scored_seconds()));
    if (!options_.report.empty()) {
      const Status written = write_file(options_.report, backtest_html(backtest));
      if (!written) return written.error();
    }
    return options_.json ? backtest_json(backtest) : backtest_text(backtest);
  }

 private:
  Result<std::vector<BudgetVariant>> budgets_of(const std::string& workload) {
    if (!options_.prices) return std::vector<BudgetVariant>();
    const auto yaml = read_file(options_.config);
    if (!yaml) return yaml.error();
    return budget_variants_of(*yaml, options_.config, workload);
  }

  // The other config, the variants, and what others would do.
  Result<std::vector<Rival>> others_of(const WorkloadConfig& workload, const Setting& setting,
                                       const Numbers& numbers) {
    std::vector<Rival> others;
    if (options_.other) {
      const auto config = config_of(*options_.other, workload.spec.name);
      if (!config) return config.error();
      others.push_back({*options_.other, *config, numbers});
    }
    std::vector<Sweep> sweeps;
    for (const std::string& each : options_.sweeps) {
      const auto sweep = parse_sweep(each);
      if (!sweep) return sweep.error();
      sweeps.push_back(*sweep);
    }
    if (!sweeps.empty()) {
      const auto yaml = read_file(options_.config);
      if (!yaml) return yaml.error();
      const auto variants = variants_of(*yaml, options_.config, workload.spec.name, sweeps);
      if (!variants) return variants.error();
      for (const Variant& each : *variants) others.push_back({each.name, each.config, numbers});
    }
    if (!options_.only_mine) {
      for (Rival& rival : rivals_of(workload, setting)) others.push_back(std::move(rival));
    }
    return others;
  }

  static void add(const Rival& rival, Setting& setting, Backtest& backtest) {
    setting.progress = progress_of(rival.name);
    backtest.runs.push_back(rehearse(rival.name, rival.config, setting, rival.numbers));
    setting.progress(1);
    // Nobody reads why others decided.
    if (backtest.runs.size() > 1) backtest.runs.back().decisions = {};
  }

  const BacktestOptions& options_;
};

}  // namespace

int backtest_command(const BacktestOptions& options) {
  return ended(Command(options).run());
}

}  // namespace autoscaler
