#include "controller/backtest/bench.h"
#include "controller/backtest/bench_report.h"
#include "controller/backtest/bench_rows.h"
#include "controller/backtest/trace.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

// ./dev bench-traces: every policy on every CSV of a folder, in the fixed world.
namespace {

using namespace autoscaler;

std::vector<std::string> csv_files(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code none;
  for (const auto& each : std::filesystem::directory_iterator(folder, none)) {
    if (each.path().extension() == ".csv") files.push_back(each.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Nothing that stands in the folder is left out in silence: a file that cannot be used is an error.
Result<std::vector<Demand>> read_demands(const std::string& folder) {
  std::vector<Demand> demands;
  for (const std::string& file : csv_files(folder)) {
    const auto trace = read_trace(file);
    if (!trace) return trace.error();
    auto demand = demand_of(*trace);
    if (!demand) return demand.error();
    demands.push_back(std::move(demand).value());
  }
  if (demands.empty()) return Error{Code::kNotFound, folder + ": there is no .csv file in it"};
  return demands;
}

// Rows that were printed with --output json.
Result<BenchResult> read_rows(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in) return Error{Code::kNotFound, file + ": cannot be read"};
  auto rows = parse_bench_json(text);
  if (!rows) return Error{Code::kInvalid, file + ": " + rows.error().message};
  return rows;
}

Result<BenchResult> run_folder(const std::string& folder, const BenchOptions& options) {
  const auto demands = read_demands(folder);
  if (!demands) return demands.error();
  return run_bench(*demands, options);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Compares policies on recorded load, in a world that is always the same."};
  std::string folder;
  std::string from;
  std::string output = "text";
  bool quick = false;
  bool forecasts = false;
  BenchOptions options;
  auto* source = app.add_option_group("loads")->require_option(1);
  source->add_option("folder", folder, "A folder of CSV files: timestamp,value");
  source->add_option("--from", from, "Rows that --output json printed: nothing is run");
  app.add_flag("--quick", quick, "One lead of 5 minutes instead of 2, 5 and 10");
  app.add_flag("--forecasts", forecasts, "The forecasts alone: a minute")->excludes("--quick");
  app.add_flag(
         "--hard", options.hard,
         "The world with slow and failed launches, retries, spread, lost samples, outages and "
         "deploys: a table of its own")
      ->excludes("--forecasts");
  app.add_option("--threads", options.threads, "Traces at a time")->check(CLI::Range(1, 64));
  app.add_option("--output", output, "text, or json for programs")
      ->check(CLI::IsMember({"text", "json"}));
  CLI11_PARSE(app, argc, argv);

  if (quick) options.leads_s = {300};
  if (forecasts) options.leads_s.clear();
  options.progress = [](size_t done, size_t all, const std::string& name) {
    std::fprintf(stderr, "%zu of %zu: %s\n", done, all, name.c_str());
  };
  const auto result = from.empty() ? run_folder(folder, options) : read_rows(from);
  if (!result) {
    std::fprintf(stderr, "bench-traces: %s\n", result.error().message.c_str());
    return 2;
  }
  const std::string text =
      output == "json" ? bench_json(*result) : bench_report(*result, !options.hard);
  std::fputs(text.c_str(), stdout);
  return std::fflush(stdout) == 0 ? 0 : 1;
}
