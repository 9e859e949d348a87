#include "controller/backtest/bench.h"
#include "controller/backtest/bench_report.h"
#include "controller/backtest/bench_rows.h"
#include "controller/backtest/gate_comparison.h"
#include "controller/backtest/trace.h"
#include "controller/backtest/verify.h"
#include "metrics/instant.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
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

constexpr int kExitFailed = 1;
constexpr int kExitInvalid = 2;
constexpr int kExitDiffers = 3;  // as of replay

void tell(const std::string& message) {
  std::fprintf(stderr, "bench-traces: %s\n", message.c_str());
}

// Hidden ones are what archives and desktops leave beside a file: ._shop.csv.
bool is_csv(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return ending == ".csv" && path.filename().string().front() != '.';
}

Result<std::vector<std::string>> csv_files(const std::string& folder) {
  std::error_code failed;
  if (!std::filesystem::exists(folder, failed)) {
    return Error{Code::kNotFound, folder + ": there is no such folder"};
  }
  std::vector<std::string> files;
  auto each = std::filesystem::directory_iterator(folder, failed);
  for (; !failed && each != std::filesystem::directory_iterator(); each.increment(failed)) {
    if (is_csv(each->path())) files.push_back(each->path().string());
  }
  if (failed) {
    return Error{Code::kNotFound,
                 folder + ": " + failed.message() + "; name a folder of CSV files"};
  }
  if (files.empty()) return Error{Code::kNotFound, folder + ": there is no .csv file in it"};
  std::sort(files.begin(), files.end());
  return files;
}

struct Loads {
  std::vector<Demand> demands;
  bool complete = true;  // every file could be used
};

// What cannot be used is told, and the others are.
Result<Loads> read_loads(const std::string& folder) {
  const auto files = csv_files(folder);
  if (!files) return files.error();
  Loads loads;
  for (const std::string& file : *files) {
    const auto trace = read_trace(file);
    auto demand = trace ? demand_of(*trace) : trace.error();
    if (!demand) {
      tell("not used: " + (trace ? file + ": " : "") + demand.error().message);
      loads.complete = false;
      continue;
    }
    for (const std::string& note : trace->notes) tell(note);
    if (demand->scaled_by_peak) {
      tell(file + ": 99.5 % of its values are 0, so that its highest one needs 40 instances");
    }
    loads.demands.push_back(std::move(demand).value());
  }
  if (loads.demands.empty()) return Error{Code::kInvalid, folder + ": no file in it can be used"};
  return loads;
}

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
int verify(const Loads& loads, const std::vector<int64_t>& leads_s, uint32_t seed) {
  std::mt19937 chance(seed);
  const auto draw = [&chance](size_t count) { return static_cast<size_t>(chance() % count); };
  const Demand& demand = loads.demands[draw(loads.demands.size())];
  const int64_t lead_s = leads_s[draw(leads_s.size())];
  const NamedPolicy policy = bench_policies()[draw(bench_policies().size())];
  std::printf("seed %u: %s, lead %lld s, %s with the capacity believed %g times what it is\n", seed,
              demand.name.c_str(), static_cast<long long>(lead_s), policy.name.c_str(),
              policy.policy.capacity_factor);
  std::fflush(stdout);
  const ScratchFolder folder;
  const auto journal = Journal::open(folder.file("verify.db"), {}, false);
  if (!journal) {
    tell(journal.error().message);
    return kExitFailed;
  }
  const auto differ = verify_sizes(demand, lead_s, policy.policy, kRowsGate, **journal);
  if (!differ) {
    std::printf("the same size at each of %zu ticks\n", demand.ticks());
    return loads.complete ? 0 : kExitInvalid;
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

int print(const BenchResult& result, bool json, bool judges) {
  const std::string text = json ? bench_json(result) : bench_report(result, judges);
  std::fputs(text.c_str(), stdout);
  return std::fflush(stdout) == 0 ? 0 : kExitFailed;
}

// An error budget behind the gate of its forecast, and what the newest minute is worth there.
int print_gates(const Loads& loads, const BenchOptions& options) {
  std::vector<GateComparison> all;
  for (size_t i = 0; i < loads.demands.size(); ++i) {
    for (auto& each : compare_gates(loads.demands[i], options.leads_s)) {
      all.push_back(std::move(each));
    }
    options.progress(i + 1, loads.demands.size(), loads.demands[i].name);
  }
  std::fputs(gate_report(all).c_str(), stdout);
  if (std::fflush(stdout) != 0) return kExitFailed;
  return loads.complete ? 0 : kExitInvalid;
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
      ->excludes("--from", "--forecasts");
  app.add_option("--seed", seed, "of --verify; printed")->needs("--verify");
  app.add_flag(
         "--hard", options.hard,
         "The world with slow and failed launches, retries, spread, lost samples, outages and "
         "deploys: a table of its own")
      ->excludes("--forecasts", "--verify");
  bool gates = false;
  app.add_flag("--gates", gates,
               "A budget of 0.5 % behind the gate of its forecast, as live: with forecasts that "
               "always act, with the newest minute in their place, and with nothing")
      ->excludes("--from", "--forecasts", "--verify", "--hard");
  app.add_option("--threads", options.threads, "Traces at a time")->check(CLI::Range(1, 64));
  app.add_option("--output", output, "text, or json for programs")
      ->check(CLI::IsMember({"text", "json"}))
      ->excludes("--verify", "--gates");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitInvalid;
  }

  const bool json = output == "json";
  if (!from.empty()) {
    const auto rows = read_rows(from);
    if (rows) return print(*rows, json, !options.hard);
    tell(rows.error().message);
    return kExitInvalid;
  }
  const auto loads = read_loads(folder);
  if (!loads) {
    tell(loads.error().message);
    return kExitInvalid;
  }
  if (quick) options.leads_s = {300};
  if (verifies) return verify(*loads, options.leads_s, seed);
  if (forecasts) options.leads_s.clear();
  options.progress = [](size_t done, size_t all, const std::string& name) {
    std::fprintf(stderr, "%zu of %zu: %s\n", done, all, name.c_str());
  };
  if (gates) return print_gates(*loads, options);
  const int printed = print(run_bench(loads->demands, options), json, !options.hard);
  if (loads->complete) return printed;
  tell("rows of what could be used; what could not is named above");
  return kExitInvalid;
}
