#include "tests/e2e/load/flags.h"

#include <CLI/CLI.hpp>

#include <charconv>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>

namespace autoscaler::e2e {
namespace {

// As written on the command line: exactly one of rate (with duration), steps and trace.
struct Written {
  std::string url;
  double rate = 0;
  std::string duration = "30s";
  std::string steps;
  std::string trace;
  double speed = 1;
  double scale = 1;
  Spacing spacing = Spacing::kPoisson;
  uint64_t seed = 1;
  std::string timeout = "10s";
};

Error bad(std::string message) {
  return {Code::kInvalid, std::move(message)};
}

Result<Schedule> schedule_of(const Written& written) {
  if (!written.steps.empty()) return parse_steps(written.steps);
  if (!written.trace.empty()) {
    std::ifstream file(written.trace);
    if (!file) return Error{Code::kNotFound, "cannot read " + written.trace};
    std::ostringstream text;
    text << file.rdbuf();
    return parse_trace(text.str(), written.speed, written.scale);
  }
  auto length = parse_duration(written.duration);
  if (!length) return bad("'" + written.duration + "' is no duration, as 30s is");
  return Schedule{{*length, written.rate}};
}

Status read_url(std::string_view url, LoadPlan& plan) {
  Error wrong = bad("'" + std::string(url) + "' is no URL, as http://127.0.0.1:8080/work is");
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return wrong;
  url.remove_prefix(kScheme.size());
  size_t slash = url.find('/');
  std::string_view authority = url.substr(0, slash);
  if (slash != url.npos) plan.target = url.substr(slash);
  size_t colon = authority.rfind(':');
  plan.host = authority.substr(0, colon);
  if (plan.host.empty()) return wrong;
  if (colon == authority.npos) return Done{};
  std::string_view port = authority.substr(colon + 1);
  auto [rest, failure] = std::from_chars(port.begin(), port.end(), plan.port);
  if (failure != std::errc() || rest != port.end()) return wrong;
  return Done{};
}

Status fill(const Written& written, LoadFlags& flags) {
  Status url = read_url(written.url, flags.plan);
  if (!url) return url;
  auto timeout = parse_duration(written.timeout);
  if (!timeout) return bad("'" + written.timeout + "' is no duration, as 10s is");
  auto schedule = schedule_of(written);
  if (!schedule) return schedule.error();
  flags.plan.timeout = *timeout;
  flags.plan.seed = written.seed;
  flags.plan.arrivals = arrivals(*schedule, written.spacing, written.seed);
  flags.length = total_length(*schedule);
  return Done{};
}

void add_options(CLI::App& app, Written& written, LoadFlags& flags) {
  app.add_option("--url", written.url, "what to GET: http://host[:port]/path")->required();
  auto* shape = app.add_option_group("load", "the arrival rate")->require_option(1);
  shape->add_option("--rate", written.rate, "constant: requests per second, see --duration")
      ->check(CLI::Range(0.0, 1e6));
  shape->add_option("--steps", written.steps, "stepped: 10s@20,20s@120,...");
  shape->add_option("--trace", written.trace, "traced: a CSV file of timestamp,value");
  app.add_option("--duration", written.duration, "of --rate (30s)");
  app.add_option("--speed", written.speed, "of --trace: 60 plays an hour in a minute")
      ->check(CLI::Range(1e-3, 1e6));
  app.add_option("--scale", written.scale, "of --trace: multiplies its rates")
      ->check(CLI::Range(0.0, 1e6));
  const std::map<std::string, Spacing> spacings{{"uniform", Spacing::kUniform},
                                                {"poisson", Spacing::kPoisson}};
  app.add_option("--spacing", written.spacing, "poisson (default) or uniform")
      ->transform(CLI::CheckedTransformer(spacings));
  app.add_option("--seed", written.seed, "the same one sends the same requests at the same times");
  app.add_option("--fresh", flags.plan.fresh,
                 "share of requests on a connection of their own (0.2)")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--timeout", written.timeout, "of a request (10s)");
  app.add_option("--max-open", flags.plan.max_open, "connections open at a time (2000)")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--csv", flags.csv, "file for a line on each request");
}

}  // namespace

std::variant<LoadFlags, int> parse_load_flags(int argc, char** argv) {
  LoadFlags flags;
  Written written;
  CLI::App app("Open-loop HTTP load: requests leave at their times, whatever became of others.");
  add_options(app, written, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  Status filled = fill(written, flags);
  if (!filled) {
    std::fprintf(stderr, "load-generator: %s\n", filled.error().message.c_str());
    return 2;
  }
  return flags;
}

}  // namespace autoscaler::e2e
