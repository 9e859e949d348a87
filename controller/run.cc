#include "controller/run.h"

#include "base/file_lock.h"
#include "base/mailbox.h"
#include "controller/balancer/haproxy/haproxy_check.h"
#include "controller/balancer/haproxy/haproxy_reader.h"
#include "controller/balancer/haproxy/haproxy_writer.h"
#include "controller/clusters.h"
#include "controller/commands.h"
#include "controller/config/config.h"
#include "controller/dry_run.h"
#include "controller/journal/journal.h"
#include "controller/kubernetes/kubernetes_cluster.h"
#include "controller/log.h"
#include "controller/loop.h"
#include "controller/pacing.h"
#include "controller/process/descriptors.h"
#include "controller/process/process_reader.h"
#include "controller/process/process_writer.h"
#include "controller/process/state_directory.h"
#include "controller/system_clock.h"
#include "controller/telemetry/telemetry.h"
#include "controller/tick_log.h"
#include "controller/web/web.h"
#include "metrics/haproxy_source.h"
#include "metrics/http_poller.h"
#include "metrics/json_source.h"
#include "metrics/kubernetes_source.h"
#include "metrics/prometheus_source.h"
#include "metrics/scrape_source.h"

#include <filesystem>

// The composition root: the one place that knows which parts stand behind the ports.
namespace autoscaler {
namespace {

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

// A first tick waits for its first answers, later ones hardly.
Patience query_patience(const ControllerSpec& controller) {
  Patience patience;
  patience.first = std::min<Duration>(controller.interval / 2, std::chrono::seconds(1));
  return patience;
}

std::set<WorkloadId> process_workloads(const Config& config) {
  std::set<WorkloadId> names;
  for (const WorkloadConfig& workload : config.workloads) {
    if (workload.process() != nullptr) names.insert(workload.spec.name);
  }
  return names;
}

// The write halves. Live ones exist only in this struct; a dry-run never makes one.
struct Writers {
  std::unique_ptr<ClusterWriter> cluster;
  std::unique_ptr<BalancerWriter> balancer;
};

// `kubernetes`: nullptr where no workload is there.
Writers make_writers(const Config& config, KubernetesCluster* kubernetes, bool dry_run) {
  if (dry_run) {
    return {std::make_unique<SkippingClusterWriter>(), std::make_unique<SkippingBalancerWriter>()};
  }
  auto clusters = std::make_unique<ClusterWriters>();
  clusters->add(std::make_unique<ProcessWriter>(config, state_directory(config.controller)),
                process_workloads(config));
  if (kubernetes != nullptr) {
    clusters->add(kubernetes->make_writer(config), kubernetes_workloads(config));
  }
  return {std::move(clusters), std::make_unique<HaproxyWriter>(config)};
}

// nullptr where no workload needs one.
Result<std::unique_ptr<KubernetesCluster>> find_kubernetes(const Config& config, Clock& clock) {
  if (kubernetes_workloads(config).empty()) return std::unique_ptr<KubernetesCluster>();
  return KubernetesCluster::find(config.controller.kubernetes, AUTOSCALER_VERSION,
                                 [&clock] { return clock.now(); });
}

// Not in a dry-run: the lease, and Events.
void begin_writing(KubernetesCluster& kubernetes, Clock& clock) {
  kubernetes.campaign([&clock] { return clock.elapsed(); });
  kubernetes.write_events([](const Error& error) {
    log_line(LogLevel::kError, "Events of changed sizes cannot be written: " + error.message);
  });
}

// nullopt: they are fit to run with. Otherwise how to end: what the config names is wrong, or only
// closed to us.
std::optional<ExitCode> balancers_refuse(const Config& config, bool dry_run) {
  const HaproxyCheck found = dry_run ? check_haproxy(config) : HaproxyWriter(config).check();
  for (const Error& warning : found.warnings) log_line(LogLevel::kWarning, warning.message);
  for (const Error& refusal : found.refusals) log_line(LogLevel::kError, refusal.message);
  if (found.refusals.empty()) return std::nullopt;
  const bool closed = std::all_of(found.refusals.begin(), found.refusals.end(),
                                  [](const Error& error) { return error.code == Code::kDenied; });
  return closed ? kExitFailed : kExitInvalid;
}

void warn_of_instances_of_nobody(const Config& config, const std::string& state) {
  const std::vector<std::string> names = instances_of_nobody(config, state);
  if (names.empty()) return;
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  log_line(LogLevel::kWarning,
           "instances of workloads that are not in the config, which nobody sizes or stops: " +
               list + "; name their workload again, or end them by hand");
}

int fail(const Error& error) {
  log_line(LogLevel::kError, error.message);
  return error.code == Code::kInvalid ? kExitInvalid : kExitFailed;
}

// Ticks until a signal says stop, and takes orders in between. A tick that overruns is followed by
// the next at once; none queue.
void run_ticks(Loop& loop, Clock& clock, Duration interval, StopSignals& stop,
               Mailbox<OrderRequest>& orders) {
  for (std::chrono::nanoseconds next = clock.elapsed();;) {
    loop.tick();
    next = std::max(next + interval, clock.elapsed());
    do {
      if (stop.wait(next - clock.elapsed())) return;
      loop.take(orders.take());
    } while (clock.elapsed() < next);
  }
}

// As long as the slowest of them may take: to drain, and to stop after SIGTERM.
Duration longest_goodbye(const Config& config) {
  Duration longest{0};
  for (const WorkloadConfig& workload : config.workloads) {
    const ProcessTarget* target = workload.process();
    if (target != nullptr)
      longest = std::max(longest, workload.drain_deadline + target->stop_grace);
  }
  return longest + std::chrono::seconds(10);  // for the balancer's and the cluster's answers
}

// Drains and stops every instance. A second signal leaves the rest running. False when some would
// not go.
bool stop_instances(Loop& loop, const Config& config, Clock& clock, StopSignals& stop) {
  log_line(LogLevel::kInfo, "draining and stopping all instances; a second signal leaves the rest");
  const std::chrono::nanoseconds end = clock.elapsed() + longest_goodbye(config);
  while (!loop.wind_down()) {
    if (stop.wait(std::min<Duration>(config.controller.interval, std::chrono::milliseconds(200)))) {
      log_line(LogLevel::kWarning, "told to leave the rest: instances keep running");
      return true;
    }
    if (clock.elapsed() >= end) {
      log_line(LogLevel::kError,
               "some instances are still there after drainDeadline and stopGrace: see the errors "
               "above, and end them by hand");
      return false;
    }
  }
  log_line(LogLevel::kInfo, "all instances are stopped");
  return true;
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
  prepare_descriptors();

  const std::string journal_file = journal_path(controller, options.dry_run);
  auto journal = Journal::open(
      journal_file, {controller.journal_max_age, controller.journal_max_bytes}, options.dry_run);
  if (!journal) return fail(journal.error());
  if (const auto refused = balancers_refuse(*config, options.dry_run)) return *refused;

  const std::string state = state_directory(controller);
  Result<std::vector<FileLock>> locks = std::vector<FileLock>();
  if (!options.dry_run) locks = lock_instances(*config, state);
  if (!locks) return fail(locks.error());
  warn_of_instances_of_nobody(*config, state);

  SystemClock clock;
  const auto kubernetes = find_kubernetes(*config, clock);
  if (!kubernetes) return fail(kubernetes.error());
  Telemetry telemetry;
  TickLog tick_log;
  Mailbox<OrderRequest> orders;
  auto web = Web::start(controller.listen_address, controller.listen_port, controller.interval,
                        {telemetry, [&clock] { return clock.now(); }, controller.api_token,
                         [&orders, &stop](OrderRequest request) {
                           orders.put(std::move(request));
                           stop.wake();
                         }});
  if (!web) return fail(web.error());

  ClusterReaders cluster;
  cluster.add(std::make_unique<ProcessReader>(*config, state), process_workloads(*config));
  // Controllers that start together must not probe a sick server together.
  const auto seed = static_cast<uint64_t>(clock.now().time_since_epoch().count());
  if (*kubernetes != nullptr) {
    if (!options.dry_run) begin_writing(**kubernetes, clock);
    cluster.add((*kubernetes)->make_reader(*config, seed, controller.interval),
                kubernetes_workloads(*config));
  }
  HaproxyReader balancer(*config);
  const Writers writers = make_writers(*config, kubernetes->get(), options.dry_run);
  ScrapeSource scrape(
      make_poller(config->scrape, clock), [&clock] { return clock.now(); },
      scrape_settings(*config));
  HaproxySource balancer_stats(balancer_queries(*config));
  PrometheusSource prometheus(config->prometheus, query_patience(controller), seed);
  JsonSource json(query_patience(controller), seed, config->json);
  std::vector<MetricSource*> sources{&scrape, &balancer_stats, &prometheus, &json};
  std::optional<KubernetesSource> pod_metrics;
  if (*kubernetes != nullptr) {
    pod_metrics.emplace(**kubernetes,
                        KubernetesSource::Settings{.timeout = controller.kubernetes.timeout,
                                                   .patience = query_patience(controller),
                                                   .seed = seed});
    sources.push_back(&*pod_metrics);
  }
  const Ports ports{clock,
                    cluster,
                    *writers.cluster,
                    balancer,
                    *writers.balancer,
                    sources,
                    *kubernetes ? (*kubernetes)->election() : nullptr};
  Loop loop(config, ports, **journal, options.dry_run,
            {[&](const auto& tick) { telemetry.observe(tick); },
             [&](const auto& tick) { tick_log.write(*tick); },
             [&](const auto& tick) { (*web)->publish(tick); },
             [&](const auto& tick) {
               if (*kubernetes != nullptr) (*kubernetes)->publish(*tick);
             }});
  if (const Status restored = loop.restore(); !restored) return fail(restored.error());

  for (const std::string& part : loop.not_restored()) {
    log_line(LogLevel::kWarning, "what was learned of " + part +
                                     " cannot be read from the journal and is learned again");
  }
  log_line(LogLevel::kInfo,
           "autoscaler " AUTOSCALER_VERSION " listens on http://" + controller.listen_address +
               ":" + std::to_string((*web)->port()) + (options.dry_run ? " (dry-run)" : "") +
               ", journal " + journal_file,
           {{"port", std::to_string((*web)->port())}, {"journal", journal_file}});
  run_ticks(loop, clock, controller.interval, stop, orders);
  if (*kubernetes != nullptr) (*kubernetes)->resign();
  if (const Status ended = loop.end(); !ended) {
    log_line(LogLevel::kWarning,
             "the last minute's demand is not in the journal: " + ended.error().message);
  }
  if (options.stop_instances && !options.dry_run) {
    return stop_instances(loop, *config, clock, stop) ? kExitDone : kExitFailed;
  }
  log_line(LogLevel::kInfo, "stopped; instances keep running");
  return kExitDone;
}

}  // namespace autoscaler
