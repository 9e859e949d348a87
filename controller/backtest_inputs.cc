#include "controller/backtest_inputs.h"

#include "controller/backtest/synthetic.h"
#include "controller/commands.h"
#include "controller/config/units.h"
#include "controller/journal/journal.h"
#include "controller/recorded_load.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <set>
#include <unistd.h>

namespace autoscaler {
namespace {

constexpr Duration kLongestWarmUp = std::chrono::hours(24 * 7);

Error invalid(std::string message) {
  return Error{Code::kInvalid, std::move(message)};
}

// With the workloads that have a demand in it.
Error nothing_known(Journal& journal, const std::string& file, const std::string& workload) {
  std::set<std::string> known;
  const Status read =
      journal.demand(std::nullopt, Instant::min(), Instant::max(), [&known](const DemandRow& row) {
        if (row.requests_per_second) known.insert(row.workload);
        return true;
      });
  if (!read) return read.error();
  std::string names;
  for (const std::string& each : known) names += (names.empty() ? "" : ", ") + each;
  if (known.empty()) {
    return invalid(file + ": has no demand: the journal keeps that of the signal named rps");
  }
  if (workload.empty()) return invalid(file + ": say whose demand with --workload: " + names);
  return invalid(file + ": has no demand of '" + workload + "': it has that of " + names);
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
  if (trace.rows.size() < 2) return nothing_known(**journal, file, workload);
  return trace;
}

void keep_last(Duration last, Trace& load) {
  const int64_t ends_s = load.rows.back().at_s + load.step_s;
  const auto kept_s = std::chrono::floor<std::chrono::seconds>(last).count();
  const auto first =
      std::lower_bound(load.rows.begin(), load.rows.end(), ends_s - kept_s,
                       [](const Trace::Row& row, int64_t at_s) { return row.at_s < at_s; });
  if (first == load.rows.begin() || load.rows.end() - first < 2) return;
  const std::string whole = format_duration(std::chrono::seconds(ends_s - load.rows.front().at_s));
  load.rows.erase(load.rows.begin(), first);
  std::fprintf(stderr, "%s: the last %s of %s; --last %s takes all of it\n", load.name.c_str(),
               format_duration(last).c_str(), whole.c_str(), whole.c_str());
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
    keep_last(options.last, *load);
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
