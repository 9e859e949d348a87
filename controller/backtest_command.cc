#include "controller/backtest_command.h"

#include "controller/backtest/backtest_report.h"
#include "controller/backtest/config_rivals.h"
#include "controller/commands.h"
#include "controller/config/units.h"
#include "controller/sim/service.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace autoscaler {
namespace {

constexpr Duration kLongestWarmUp = std::chrono::hours(24 * 7);

int refuse(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  return kExitInvalid;
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in) return Error{Code::kNotFound, path + ": cannot be read"};
  return text;
}

std::string lines_of(const std::vector<ConfigProblem>& problems) {
  std::string text;
  for (const ConfigProblem& problem : problems) {
    text += (text.empty() ? "" : "\n") + autoscaler::describe(problem);
  }
  return text;
}

Result<std::shared_ptr<const Config>> config_of(const std::string& file,
                                                const std::optional<std::string>& workload) {
  ConfigResult read = load_config(file);
  if (!read.config) return Error{Code::kInvalid, lines_of(read.problems)};
  Config& config = *read.config;
  std::string names;
  for (const WorkloadConfig& each : config.workloads) {
    names += (names.empty() ? "" : ", ") + each.spec.name;
  }
  if (!workload && config.workloads.size() > 1) {
    return Error{Code::kInvalid,
                 file + ": has several workloads: say which with --workload: " + names};
  }
  if (workload) {
    std::erase_if(config.workloads,
                  [&](const WorkloadConfig& each) { return each.spec.name != *workload; });
    if (config.workloads.empty()) {
      return Error{Code::kInvalid, file + ": has no workload '" + *workload + "': it has " + names};
    }
  }
  return std::make_shared<const Config>(std::move(config));
}

Result<ServiceModel> model_of(const std::optional<std::string>& file) {
  std::string text;
  if (file) {
    auto read = read_file(*file);
    if (!read) return read.error();
    text = std::move(read).value();
  }
  ServiceModelResult result = parse_service_model(text, file.value_or(""));
  if (!result.problems.empty()) return Error{Code::kInvalid, lines_of(result.problems)};
  return result.model;
}

// Progress on a terminal, one line that is written over.
std::function<void(double)> progress_of(const std::string& name) {
  if (isatty(STDERR_FILENO) == 0) return [](double) {};
  return [name](double share) {
    std::fprintf(stderr, "\r\033[K%s: %.0f %%", name.c_str(), 100 * share);
    if (share >= 1) std::fputs("\r\033[K", stderr);
  };
}

}  // namespace

int backtest_command(const BacktestOptions& options) {
  const auto config = config_of(options.config, options.workload);
  if (!config) return refuse(config.error().message);
  const auto model = model_of(options.service);
  if (!model) return refuse(model.error().message);
  auto load = read_trace(options.load);
  if (!load) return refuse(load.error().message);
  for (Trace::Row& row : load->rows) row.value *= options.scale;

  const WorkloadConfig& workload = (*config)->workloads.front();
  const int64_t begins = load->rows.front().at_s;
  const Duration length = std::chrono::seconds(load->rows.back().at_s + load->step_s - begins);
  Setting setting{*load, *model, model->promise,
                  Instant(std::chrono::seconds(begins)) + std::min(kLongestWarmUp, length / 2)};
  if (workload.spec.slo && !model->promise_given) {
    setting.promise =
        std::chrono::round<Duration>(std::chrono::duration<double>(workload.spec.slo->p95));
  }

  Backtest backtest{.workload = workload.spec.name, .load = load->name};
  backtest.scored_from = setting.scored_from;
  backtest.promise = setting.promise;
  backtest.instance_carries = rate_within(model->release, setting.promise);
  backtest.price = model->price;

  setting.progress = progress_of(workload.spec.name);
  backtest.runs.push_back(rehearse(workload.spec.name, *config, setting));
  if (!options.only_mine) {
    for (const Rival& rival : rivals_of(workload, setting)) {
      setting.progress = progress_of(rival.name);
      backtest.runs.push_back(rehearse(rival.name, rival.config, setting, rival.numbers));
    }
  }
  backtest.runs.push_back(clairvoyant(backtest.runs.front().moments, setting));
  backtest.scored = std::chrono::round<Duration>(
      std::chrono::duration<double>(backtest.runs.front().score.scored_seconds()));
  std::fputs(options.json ? backtest_json(backtest).c_str() : backtest_text(backtest).c_str(),
             stdout);
  return kExitDone;
}

}  // namespace autoscaler
