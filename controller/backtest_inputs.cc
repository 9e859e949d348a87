#include "controller/backtest_inputs.h"

#include "controller/backtest/synthetic.h"
#include "controller/commands.h"
#include "controller/journal/journal.h"
#include "controller/recorded_load.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace autoscaler {
namespace {

constexpr Duration kLongestWarmUp = std::chrono::hours(24 * 7);

Error invalid(std::string message) {
  return Error{Code::kInvalid, std::move(message)};
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

}  // namespace

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

Result<Trace> load_of(const LoadOptions& options, const std::string& workload) {
  Result<Trace> load = [&]() -> Result<Trace> {
    if (!options.load.empty()) return read_trace(options.load);
    if (!options.journal.empty()) return recorded_load(options.journal, workload);
    if (!options.prometheus.empty()) {
      const auto recorded = recorded_at(options.prometheus, options.query);
      if (!recorded) return recorded.error();
      return load_from(*recorded, options.span);
    }
    const auto like = parse_synthetic(options.synthetic);
    if (!like) return like.error();
    return make_load(*like);
  }();
  if (load) {
    for (const std::string& note : load->notes) std::fprintf(stderr, "%s\n", note.c_str());
    for (Trace::Row& row : load->rows) row.value *= options.scale;
  }
  return load;
}

Result<ServiceModel> model_of(const LoadOptions& options) {
  const std::optional<std::string>& file = options.service;
  std::string text;
  if (file) {
    auto read = read_file(*file);
    if (!read) return read.error();
    text = std::move(read).value();
  }
  ServiceModelResult result = parse_service_model(text, file.value_or(""));
  if (!result.problems.empty()) return invalid(lines_of(result.problems));
  result.model.one_by_one = options.discrete;
  return result.model;
}

Setting setting_of(const Trace& load, const ServiceModel& model, Duration promise) {
  const Instant begins(std::chrono::seconds(load.rows.front().at_s));
  const Instant ends(std::chrono::seconds(load.rows.back().at_s + load.step_s));
  return {load, model, promise, begins + std::min(kLongestWarmUp, (ends - begins) / 2)};
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

int ended(const Result<std::string>& text) {
  if (text) {
    std::fputs(text->c_str(), stdout);
    return kExitDone;
  }
  std::fprintf(stderr, "%s\n", text.error().message.c_str());
  return text.error().code == Code::kUnavailable ? kExitFailed : kExitInvalid;
}

}  // namespace autoscaler
