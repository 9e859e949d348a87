#include "controller/backtest/bench.h"
#include "controller/backtest/bench_report.h"
#include "controller/backtest/bench_rows.h"
#include "controller/backtest/trace.h"
#include "controller/backtest/verify.h"
#include "metrics/instant.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <unistd.h>
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

constexpr int kExitDiffers = 3;  // as of replay

// A folder of its own, gone with it.
class ScratchFolder {
 public:
  ScratchFolder()
      : path_(std::filesystem::temp_directory_path() /
              ("bench-traces-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~ScratchFolder() {
    std::error_code none;
    std::filesystem::remove_all(path_, none);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::string file(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// One trace, lead and policy, drawn by the seed.
int verify(const std::string& traces, uint32_t seed) {
  const auto demands = read_demands(traces);
  if (!demands) {
    std::fprintf(stderr, "bench-traces: %s\n", demands.error().message.c_str());
    return 2;
  }
  std::mt19937 chance(seed);
  const auto draw = [&chance](size_t count) { return static_cast<size_t>(chance() % count); };
  const Demand& demand = (*demands)[draw(demands->size())];
  const int64_t lead_s = BenchOptions{}.leads_s[draw(BenchOptions{}.leads_s.size())];
  const NamedPolicy policy = bench_policies()[draw(bench_policies().size())];
  std::printf("seed %u: %s, lead %lld s, %s with the capacity believed %g times what it is\n", seed,
              demand.name.c_str(), static_cast<long long>(lead_s), policy.name.c_str(),
              policy.policy.capacity_factor);
  std::fflush(stdout);
  const ScratchFolder folder;
  const auto journal = Journal::open(folder.file("verify.db"), {}, false);
  if (!journal) {
    std::fprintf(stderr, "bench-traces: %s\n", journal.error().message.c_str());
    return 1;
  }
  const auto differ = verify_sizes(demand, lead_s, policy.policy, **journal);
  if (!differ) {
    std::printf("the same size at each of %zu ticks\n", demand.ticks());
    return 0;
  }
  const Instant at{std::chrono::seconds(differ->at_s)};
  std::printf("tick %zu, %s: from %d the bench goes to %d and the loop to %d; %s\n", differ->tick,
              format_instant(at).c_str(), differ->from, differ->bench, differ->looped,
              differ->inputs.c_str());
  return kExitDiffers;
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
  bool verifies = false;
  uint32_t seed = std::random_device{}();
  app.add_flag("--verify", verifies,
               "One trace, lead and policy by chance: the bench's sizes against those of the whole "
               "loop with its journal, at every tick; 3 where they differ")
      ->excludes("--from");
  app.add_option("--seed", seed, "of --verify; printed")->needs("--verify");
  app.add_flag(
         "--hard", options.hard,
         "The world with slow and failed launches, retries, spread, lost samples, outages and "
         "deploys: a table of its own")
      ->excludes("--forecasts");
  app.add_option("--threads", options.threads, "Traces at a time")->check(CLI::Range(1, 64));
  app.add_option("--output", output, "text, or json for programs")
      ->check(CLI::IsMember({"text", "json"}));
  CLI11_PARSE(app, argc, argv);

  if (verifies) return verify(folder, seed);
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
