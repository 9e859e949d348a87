#include "controller/wiring.h"

#include "controller/balancer/haproxy/haproxy_reader.h"
#include "controller/balancer/haproxy/haproxy_writer.h"
#include "controller/dry_run.h"
#include "controller/kubernetes/kubernetes_cluster.h"
#include "controller/log.h"
#include "controller/process/process_reader.h"
#include "controller/process/process_writer.h"
#include "metrics/http_poller.h"
#include "metrics/json_source.h"
#include "metrics/kubernetes_source.h"
#include "metrics/prometheus_history.h"
#include "metrics/prometheus_source.h"
#include "metrics/scrape_source.h"

#include <algorithm>
#include <filesystem>
#include <ranges>

// With run.cc the composition root: the one place that knows which parts stand behind the ports.
namespace autoscaler {
namespace {

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

// One answer is megabytes where pods are thousands: one that comes a little late would count in the
// next tick alone.
Patience pods_patience(const ControllerSpec& controller) {
  Patience patience = query_patience(controller);
  patience.later = patience.first / 2;
  return patience;
}

bool is_process(const WorkloadConfig& workload) {
  return workload.process() != nullptr;
}

bool is_kubernetes(const WorkloadConfig& workload) {
  return workload.kubernetes() != nullptr;
}

// Ordered, as those of the config are.
SharedList<WorkloadId> names_of(const Config& config, bool (*are_meant)(const WorkloadConfig&)) {
  std::vector<WorkloadId> names;
  for (const WorkloadConfig& workload : config.workloads) {
    if (are_meant(workload)) names.push_back(workload.spec.name);
  }
  return names;
}

bool are_in_same_place(const Config& a, const Config& b) {
  const auto in_kubernetes = std::views::filter(is_kubernetes);
  return std::ranges::equal(a.workloads | in_kubernetes, b.workloads | in_kubernetes,
                            [](const WorkloadConfig& one, const WorkloadConfig& other) {
                              return one.spec.name == other.spec.name &&
                                     *one.kubernetes() == *other.kubernetes();
                            });
}

// Not in a dry-run: the lease, Events, and what is left for whoever leads next.
void begin_writing(KubernetesCluster& kubernetes, Clock& clock) {
  kubernetes.campaign([&clock] { return clock.elapsed(); });
  kubernetes.write_beside(
      [](const Error& error) {
        log_line(LogLevel::kError, "Events of changed sizes cannot be written: " + error.message);
      },
      [](const Error& error) {
        log_line(LogLevel::kError,
                 "statuses and what is left for the next leader: " + error.message);
      });
}

}  // namespace

std::string state_directory(const ControllerSpec& controller) {
  if (!controller.state_directory.empty()) return controller.state_directory;
  const std::filesystem::path folder = std::filesystem::path(controller.journal).parent_path();
  return folder.empty() ? "." : folder.string();
}

Wiring::Wiring(std::shared_ptr<const Config> config) : config_(std::move(config)) {}
Wiring::~Wiring() = default;

Result<std::unique_ptr<Wiring>> Wiring::make(std::shared_ptr<const Config> config, Clock& clock,
                                             bool dry_run, uint64_t seed,
                                             const std::stop_token& stop, const Before* before) {
  std::unique_ptr<Wiring> made(new Wiring(std::move(config)));
  const std::string state = state_directory(made->config_->controller);
  made->cluster_.add(std::make_unique<ProcessReader>(*made->config_, state),
                     names_of(*made->config_, is_process));
  if (const Status wired = made->wire_kubernetes(clock, dry_run, seed, stop, before); !wired) {
    return wired.error();
  }
  made->balancer_ = std::make_unique<HaproxyReader>(*made->config_);
  made->writers_ = made->make_writers(dry_run);
  made->wire_sources(clock, seed, before);
  return made;
}

Status Wiring::wire_kubernetes(Clock& clock, bool dry_run, uint64_t seed,
                               const std::stop_token& stop, const Before* before) {
  in_kubernetes_ = names_of(*config_, is_kubernetes);
  if (in_kubernetes_.empty() && !config_->controller.kubernetes.policies) return Done{};
  if (before && !before->diff.touches("controller.kubernetes")) {
    kubernetes_ = before->wiring.kubernetes_;
  }
  if (kubernetes_ && are_in_same_place(*config_, *before->wiring.config_)) {
    kubernetes_reader_ = before->wiring.kubernetes_reader_;
  }
  if (!kubernetes_) {
    auto found = KubernetesCluster::find(
        config_->controller.kubernetes, AUTOSCALER_VERSION, [&clock] { return clock.now(); }, stop);
    if (!found) return found.error();
    kubernetes_ = std::move(*found);
    if (!dry_run) begin_writing(*kubernetes_, clock);
  }
  if (!kubernetes_reader_) {
    kubernetes_reader_ = kubernetes_->make_reader(*config_, seed, config_->controller.interval);
  }
  cluster_.add(kubernetes_reader_, in_kubernetes_);
  return Done{};
}

// The write halves. Live ones are made here alone, and never for a dry-run.
Wiring::Writers Wiring::make_writers(bool dry_run) const {
  if (dry_run) {
    return {std::make_unique<SkippingClusterWriter>(), std::make_unique<SkippingBalancerWriter>()};
  }
  auto clusters = std::make_unique<ClusterWriters>();
  clusters->add(std::make_unique<ProcessWriter>(*config_, state_directory(config_->controller)),
                names_of(*config_, is_process));
  if (kubernetes_) {
    clusters->add(kubernetes_->make_writer(*config_), in_kubernetes_);
  }
  return {std::move(clusters), std::make_unique<HaproxyWriter>(*config_)};
}

void Wiring::wire_sources(Clock& clock, uint64_t seed, const Before* before) {
  const Patience patience = query_patience(config_->controller);
  const auto stands = [before](const char* section) {
    return before && !before->diff.touches(section) && !before->diff.touches("controller.interval");
  };
  if (stands("sources.scrape")) {
    scrape_ = before->wiring.scrape_;
  } else {
    scrape_ = std::make_shared<ScrapeSource>(
        make_poller(config_->scrape, clock), [&clock] { return clock.now(); },
        scrape_settings(*config_));
  }
  if (stands("sources.prometheus")) {
    prometheus_ = before->wiring.prometheus_;
    past_ = before->wiring.past_;
    warm_start_ = before->wiring.warm_start_;
  } else {
    const auto now = [&clock] { return clock.now(); };
    prometheus_ = std::make_shared<PrometheusSource>(config_->prometheus, patience, seed);
    past_ = std::make_shared<PrometheusHistory>(config_->prometheus, now, seed);
    warm_start_ = std::make_shared<WarmStart>(*past_, now);
  }
  if (stands("sources.json")) {
    json_ = before->wiring.json_;
  } else {
    json_ = std::make_shared<JsonSource>(patience, seed, config_->json);
  }
  if (before) {
    balancer_stats_ = before->wiring.balancer_stats_;
  } else {
    balancer_stats_ = std::make_shared<HaproxySource>(balancer_queries(*config_));
  }
  if (stands("controller.kubernetes") && kubernetes_ == before->wiring.kubernetes_) {
    pod_metrics_ = before->wiring.pod_metrics_;
  }
  if (kubernetes_ && !pod_metrics_) {
    pod_metrics_ = std::make_shared<KubernetesSource>(
        *kubernetes_, KubernetesSource::Settings{.timeout = config_->controller.kubernetes.timeout,
                                                 .patience = pods_patience(config_->controller),
                                                 .seed = seed});
  }
}

Ports Wiring::ports(Clock& clock) {
  std::vector<MetricSource*> sources{scrape_.get(), balancer_stats_.get(), prometheus_.get(),
                                     json_.get()};
  if (pod_metrics_) sources.push_back(pod_metrics_.get());
  return {clock,
          cluster_,
          *writers_.cluster,
          *balancer_,
          *writers_.balancer,
          std::move(sources),
          kubernetes_ ? kubernetes_->election() : nullptr,
          kubernetes_ ? kubernetes_->succession() : nullptr,
          warm_start_.get()};
}

void Wiring::publish(const TickRecord& tick) {
  if (kubernetes_) kubernetes_->publish(tick);
}

void Wiring::publish(const PolicyStates& states) {
  if (kubernetes_) kubernetes_->publish(states);
}

void Wiring::resign(const Wiring* next) {
  if (kubernetes_ && (next == nullptr || next->kubernetes_ != kubernetes_)) kubernetes_->resign();
}

void Wiring::follow() {
  balancer_stats_->follow(balancer_queries(*config_));
}

}  // namespace autoscaler
