#include "tests/e2e/service/flags.h"

#include <CLI/CLI.hpp>

#include <map>

namespace autoscaler::e2e {
namespace {

CLI::Option* duration_option(CLI::App& app, const std::string& name, const std::string& help,
                             const std::function<void(Duration)>& store) {
  return app.add_option_function<std::string>(
      name,
      [name, store](const std::string& text) {
        auto parsed = parse_duration(text);
        if (!parsed) throw CLI::ValidationError(name, "'" + text + "' is no duration, as 50ms is");
        store(*parsed);
      },
      help);
}

}  // namespace

std::variant<ServiceFlags, int> parse_service_flags(int argc, char** argv) {
  ServiceFlags flags;
  CLI::App app("A service with a stated capacity: workers / service time requests per second.");
  app.footer("SIGTERM ends it gracefully; after SIGUSR1 its /metrics fails.");
  app.add_option("--address", flags.address, "IP address to listen on");
  app.add_option("--port", flags.port, "port to listen on; 0 is any free one")->required();
  app.add_option("--workers", flags.pool.workers, "requests worked on at a time")
      ->check(CLI::Range(1, 100'000));
  app.add_option("--queue", flags.pool.queue, "requests that may wait; further ones get 503")
      ->check(CLI::Range(0, 1'000'000));
  auto into = [](Duration& field) { return [&field](Duration value) { field = value; }; };
  duration_option(app, "--service-time", "how long a request keeps a worker (50ms)",
                  into(flags.pool.service_time));
  duration_option(app, "--warmup", "slow for so long after the start (0)", into(flags.pool.warmup));
  app.add_option("--warmup-factor", flags.pool.warmup_factor,
                 "service time at the start of the warm-up, falling to 1 at its end")
      ->check(CLI::Range(1.0, 1000.0));
  const std::map<std::string, Jitter> jitters{{"none", Jitter::kNone},
                                              {"exponential", Jitter::kExponential}};
  app.add_option("--jitter", flags.pool.jitter, "none, or exponential service times")
      ->transform(CLI::Transformer(jitters));
  app.add_option("--seed", flags.pool.seed, "of the exponential service times");
  duration_option(app, "--startup-delay", "unhealthy for so long", into(flags.startup_delay));
  app.add_flag("--fail-health", flags.fail_health, "never healthy");
  duration_option(app, "--exit-after", "die as in a crash, exit code 1",
                  [&flags](Duration value) { flags.exit_after = value; });
  duration_option(app, "--linger", "after SIGTERM: accept connections for so long (0)",
                  into(flags.linger));
  duration_option(app, "--grace", "after that: finish the work in hand (30s)", into(flags.grace));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return flags;
}

}  // namespace autoscaler::e2e
