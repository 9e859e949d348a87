#include "controller/backtest_command.h"

#include "controller/backtest/backtest_report.h"
#include "controller/backtest/config_rivals.h"
#include "controller/backtest/difference.h"
#include "controller/backtest/sweep.h"
#include "controller/backtest/synthetic.h"
#include "controller/commands.h"
#include "controller/journal/journal.h"
#include "controller/sim/service.h"
#include "controller/sim/simulated_source.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace autoscaler {
namespace {

constexpr Duration kLongestWarmUp = std::chrono::hours(24 * 7);

using Numbers = std::map<std::string, std::function<double(Instant)>>;

Error invalid(std::string message) {
  return Error{Code::kInvalid, std::move(message)};
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in) return Error{Code::kNotFound, path + ": cannot be read"};
  return text;
}

Status write_file(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text << std::flush;
  if (!out) return Error{Code::kUnavailable, path + ": cannot be written"};
  return Done{};
}

std::string lines_of(const std::vector<ConfigProblem>& problems) {
  std::string text;
  for (const ConfigProblem& problem : problems) {
    text += (text.empty() ? "" : "\n") + autoscaler::describe(problem);
  }
  return text;
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

Result<ServiceModel> model_of(const std::optional<std::string>& file) {
  std::string text;
  if (file) {
    auto read = read_file(*file);
    if (!read) return read.error();
    text = std::move(read).value();
  }
  ServiceModelResult result = parse_service_model(text, file.value_or(""));
  if (!result.problems.empty()) return invalid(lines_of(result.problems));
  return result.model;
}

Result<Trace> recorded_load(const std::string& file, const std::string& workload) {
  const auto journal = Journal::open_read_only(file);
  if (!journal) return journal.error();
  Trace trace{.name = workload + "'s journal", .step_s = 60, .rows = {}};
  const Status read =
      (*journal)->demand(workload, Instant::min(), Instant::max(), [&trace](const DemandRow& row) {
        const int64_t at_s =
            std::chrono::floor<std::chrono::seconds>(row.minute).time_since_epoch().count();
        const bool ascends = trace.rows.empty() || at_s > trace.rows.back().at_s;
        if (row.requests_per_second && ascends) {
          trace.rows.push_back({at_s, *row.requests_per_second});
        }
        return true;
      });
  if (!read) return read.error();
  if (trace.rows.size() < 2) {
    return invalid(file + ": knows no demand of '" + workload +
                   "': the journal keeps that of the signal named rps");
  }
  return trace;
}

Result<Trace> load_of(const BacktestOptions& options, const std::string& workload) {
  Result<Trace> load = [&]() -> Result<Trace> {
    if (!options.load.empty()) return read_trace(options.load);
    if (!options.journal.empty()) return recorded_load(options.journal, workload);
    const auto like = parse_synthetic(options.synthetic);
    if (!like) return like.error();
    return make_load(*like);
  }();
  if (load) {
    for (Trace::Row& row : load->rows) row.value *= options.scale;
  }
  return load;
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

// Progress on a terminal: one line that is written over.
std::function<void(double)> progress_of(const std::string& name) {
  if (isatty(STDERR_FILENO) == 0) return [](double) {};
  return [name](double share) {
    std::fprintf(stderr, "\r\033[K%s", name.c_str());
    if (share < 1) std::fprintf(stderr, ": %.0f %%", 100 * share);
    if (share >= 1) std::fputs("\r\033[K", stderr);
  };
}

class Command {
 public:
  explicit Command(const BacktestOptions& options) : options_(options) {}

  Result<std::string> run() {
    const auto config = config_of(options_.config, options_.workload);
    if (!config) return config.error();
    const WorkloadConfig& workload = (*config)->workloads.front();
    const auto model = model_of(options_.service);
    if (!model) return model.error();
    const auto load = load_of(options_, workload.spec.name);
    if (!load) return load.error();
    auto numbers = numbers_of(options_.numbers, workload.spec);
    if (!numbers) return numbers.error();

    const Instant begins(std::chrono::seconds(load->rows.front().at_s));
    const Instant ends(std::chrono::seconds(load->rows.back().at_s + load->step_s));
    Setting setting{*load, *model, model->promise,
                    begins + std::min(kLongestWarmUp, (ends - begins) / 2)};
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
    add({workload.spec.name, *config, *numbers}, setting, backtest);
    for (const Rival& other : *others) add(other, setting, backtest);
    backtest.runs.push_back(clairvoyant(backtest.runs.front().moments, setting));
    backtest.scored = std::chrono::round<Duration>(
        std::chrono::duration<double>(backtest.runs.front().score.scored_seconds()));
    if (!options_.report.empty()) {
      const Status written = write_file(options_.report, backtest_html(backtest));
      if (!written) return written.error();
    }
    if (options_.json) return backtest_json(backtest);
    std::string text = backtest_text(backtest);
    if (options_.against) text += difference_text(backtest.runs[0], backtest.runs[1]);
    return text;
  }

 private:
  // The other config, the variants, and what others would do.
  Result<std::vector<Rival>> others_of(const WorkloadConfig& workload, const Setting& setting,
                                       const Numbers& numbers) {
    std::vector<Rival> others;
    if (options_.against) {
      const auto config = config_of(*options_.against, workload.spec.name);
      if (!config) return config.error();
      others.push_back({*options_.against, *config, numbers});
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
  }

  const BacktestOptions& options_;
};

}  // namespace

int backtest_command(const BacktestOptions& options) {
  const Result<std::string> text = Command(options).run();
  if (text) {
    std::fputs(text->c_str(), stdout);
    return kExitDone;
  }
  std::fprintf(stderr, "%s\n", text.error().message.c_str());
  const bool failed = text.error().code == Code::kUnavailable;
  return failed ? kExitFailed : kExitInvalid;
}

}  // namespace autoscaler
