#include "controller/run.h"

#include "controller/balancer/haproxy/haproxy_check.h"
#include "controller/balancer/haproxy/haproxy_reader.h"
#include "controller/balancer/haproxy/haproxy_writer.h"
#include "controller/commands.h"
#include "controller/config/config.h"
#include "controller/dry_run.h"
#include "controller/journal/journal.h"
#include "controller/log.h"
#include "controller/loop.h"
#include "controller/pacing.h"
#include "controller/process/process_reader.h"
#include "controller/process/process_writer.h"
#include "controller/system_clock.h"
#include "controller/telemetry/telemetry.h"
#include "controller/tick_log.h"
#include "controller/web/web.h"
#include "metrics/haproxy_source.h"
#include "metrics/http_poller.h"
#include "metrics/scrape_source.h"

#include <sys/resource.h>

#include <filesystem>

// The composition root: the one place that knows which parts stand behind the ports.
namespace autoscaler {
namespace {

// One descriptor for each instance that is scraped, one for its health check.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// A dry-run keeps a journal of its own beside the live one: autoscaler.dry-run.db.
std::string journal_path(const ControllerSpec& controller, bool dry_run) {
  if (!dry_run) return controller.journal;
  std::filesystem::path path(controller.journal);
  const std::string extension = path.extension();
  return path.replace_extension(".dry-run" + extension);
}

// Where the files of the instances are; a dry-run looks where the live controller does.
std::string state_directory(const ControllerSpec& controller) {
  if (!controller.state_directory.empty()) return controller.state_directory;
  const std::filesystem::path folder = std::filesystem::path(controller.journal).parent_path();
  return folder.empty() ? "." : folder.string();
}

std::vector<HaproxyStatQuery> balancer_queries(const Config& config) {
  std::vector<HaproxyStatQuery> queries;
  for (const WorkloadConfig& workload : config.workloads) {
    if (!workload.balancer) continue;
    queries.push_back({workload.spec.name, workload.balancer->socket, workload.balancer->backend,
                       workload.balancer->timeout});
  }
  return queries;
}

std::unique_ptr<Poller> make_poller(const ScrapeSpec& spec, Clock& clock) {
  PollSettings settings;
  settings.interval = spec.interval;
  settings.timeout = spec.timeout;
  settings.body_bytes = static_cast<size_t>(spec.max_bytes);
  settings.identity = spec.identity;
  return std::make_unique<HttpPoller>(std::move(settings), [&clock] { return clock.elapsed(); });
}

// Half an interval, and a second at most: the first tick stays on time.
ScrapeSettings scrape_settings(const Config& config) {
  return {config.scrape.interval,
          std::min<Duration>(config.controller.interval / 2, std::chrono::seconds(1))};
}

// The write halves. Live ones exist only in this struct; a dry-run never makes one.
struct Writers {
  std::unique_ptr<ClusterWriter> cluster;
  std::unique_ptr<BalancerWriter> balancer;
};

Writers make_writers(const Config& config, bool dry_run) {
  if (dry_run) {
    return {std::make_unique<SkippingClusterWriter>(), std::make_unique<SkippingBalancerWriter>()};
  }
  return {std::make_unique<ProcessWriter>(config, state_directory(config.controller)),
          std::make_unique<HaproxyWriter>(config)};
}

bool balancers_are_fit(const Config& config, bool dry_run) {
  const HaproxyCheck found = dry_run ? check_haproxy(config) : HaproxyWriter(config).check();
  for (const Error& warning : found.warnings) log_line(LogLevel::kWarning, warning.message);
  for (const Error& refusal : found.refusals) log_line(LogLevel::kError, refusal.message);
  return found.refusals.empty();
}

int fail(const Error& error) {
  log_line(LogLevel::kError, error.message);
  return error.code == Code::kInvalid ? kExitInvalid : kExitFailed;
}

// Ticks until a signal says stop. A tick that overruns is followed by the next at once; none queue.
void run_ticks(Loop& loop, Clock& clock, Duration interval, StopSignals& stop) {
  std::chrono::nanoseconds next = clock.elapsed();
  do {
    loop.tick();
    next = std::max(next + interval, clock.elapsed());
  } while (!stop.wait(next - clock.elapsed()));
}

// Drains and stops every instance. A second signal leaves the rest running.
void stop_instances(Loop& loop, Duration interval, StopSignals& stop) {
  log_line(LogLevel::kInfo, "draining and stopping all instances; a second signal leaves the rest");
  while (!loop.wind_down()) {
    if (stop.wait(std::min<Duration>(interval, std::chrono::milliseconds(200)))) return;
  }
}

}  // namespace

int run_command(const RunOptions& options) {
  ConfigResult read = load_config(options.config);
  if (!read.config) {
    for (const ConfigProblem& problem : read.problems) {
      std::fprintf(stderr, "%s\n", describe(problem).c_str());
    }
    return kExitInvalid;
  }
  const auto config = std::make_shared<const Config>(std::move(*read.config));
  const ControllerSpec& controller = config->controller;
  StopSignals stop;  // before any thread, so that all of them leave the signals to it
  raise_descriptor_limit();

  const std::string journal_file = journal_path(controller, options.dry_run);
  auto journal = Journal::open(
      journal_file, {controller.journal_max_age, controller.journal_max_bytes}, options.dry_run);
  if (!journal) return fail(journal.error());
  if (!balancers_are_fit(*config, options.dry_run)) return kExitInvalid;

  SystemClock clock;
  Telemetry telemetry;
  TickLog tick_log;
  auto web = Web::start(controller.listen_address, controller.listen_port, controller.interval,
                        {telemetry, [&clock] { return clock.now(); }});
  if (!web) return fail(web.error());

  ProcessReader cluster(*config, state_directory(controller));
  HaproxyReader balancer(*config);
  const Writers writers = make_writers(*config, options.dry_run);
  ScrapeSource scrape(
      make_poller(config->scrape, clock), [&clock] { return clock.now(); },
      scrape_settings(*config));
  HaproxySource balancer_stats(balancer_queries(*config));
  const Ports ports{clock,    cluster,           *writers.cluster,
                    balancer, *writers.balancer, {&scrape, &balancer_stats}};
  Loop loop(config, ports, **journal, options.dry_run,
            {[&](const auto& tick) { telemetry.observe(tick); },
             [&](const auto& tick) { tick_log.write(*tick); },
             [&](const auto& tick) { (*web)->publish(tick); }});
  if (const Status restored = loop.restore(); !restored) return fail(restored.error());

  log_line(LogLevel::kInfo,
           "autoscaler " AUTOSCALER_VERSION " listens on http://" + controller.listen_address +
               ":" + std::to_string((*web)->port()) + (options.dry_run ? " (dry-run)" : "") +
               ", journal " + journal_file,
           {{"port", std::to_string((*web)->port())}, {"journal", journal_file}});
  run_ticks(loop, clock, controller.interval, stop);
  if (options.stop_instances && !options.dry_run) stop_instances(loop, controller.interval, stop);
  log_line(LogLevel::kInfo, options.stop_instances ? "stopped" : "stopped; instances keep running");
  return kExitDone;
}

}  // namespace autoscaler
