#include "controller/kubernetes/kubernetes_cluster.h"

#include "controller/kubernetes/kubeconfig.h"

#include <algorithm>

namespace autoscaler {
namespace {

// The usage of all pods of a namespace is one answer: some 300 bytes a container.
constexpr size_t kLargestAnswer = size_t{64} << 20;

// So long what is left for a successor may keep it waiting: a third of the time that Kubernetes
// gives a pod to end.
constexpr std::chrono::milliseconds kGoodbye{10'000};

// So long a tick waits for all its questions, and for all its writes, together: a tick that is
// never over is taken for a dead controller, and restarted (web/health.h).
std::chrono::milliseconds budget_of(const Config& config) {
  const Duration least = std::chrono::seconds(5);
  return std::chrono::duration_cast<std::chrono::milliseconds>(
      std::max(config.controller.interval, least));
}

}  // namespace

Result<std::unique_ptr<KubernetesCluster>> KubernetesCluster::find(const KubernetesSpec& spec,
                                                                   const std::string& version,
                                                                   std::function<Instant()> now,
                                                                   std::stop_token stop) {
  Result<ApiAccess> access = find_access({.kubeconfig = spec.kubeconfig, .context = spec.context});
  if (!access) return access.error();
  ApiSettings settings;
  settings.per_second = spec.requests_per_second;
  settings.burst = spec.burst;
  settings.in_flight = spec.writes_in_flight;
  settings.deadline = spec.timeout;
  settings.body_bytes = kLargestAnswer;
  settings.user_agent = "autoscaler/" + version;
  settings.stop = std::move(stop);
  return std::unique_ptr<KubernetesCluster>(
      new KubernetesCluster(*std::move(access), std::move(settings), spec, std::move(now)));
}

KubernetesCluster::KubernetesCluster(ApiAccess access, ApiSettings settings,
                                     const KubernetesSpec& spec, std::function<Instant()> now)
    : now_(now),
      spec_(spec),
      access_(std::move(access)),
      settings_(std::move(settings)),
      client_(access_, fenced(), std::move(now)),
      names_(client_),
      collections_(client_, now_) {}

ApiSettings KubernetesCluster::fenced() const {
  ApiSettings settings = settings_;
  settings.may_write_for = [this](const WorkloadId& workload) { return may_write_for(workload); };
  return settings;
}

std::chrono::nanoseconds KubernetesCluster::may_write_for(const WorkloadId& workload) const {
  if (!spec_.lease) return std::chrono::nanoseconds::max();
  return campaign_ ? campaign_->lead_left(workload) : std::chrono::nanoseconds(0);
}

void KubernetesCluster::campaign(std::function<std::chrono::nanoseconds()> elapsed) {
  if (!spec_.lease) return;
  campaign_ =
      std::make_unique<Campaign>(access_, settings_, *spec_.lease, std::move(elapsed), now_);
}

std::unique_ptr<ClusterReader> KubernetesCluster::make_reader(const Config& config, uint64_t seed,
                                                              std::chrono::milliseconds patience) {
  auto reader = std::make_unique<KubernetesReader>(config, client_, names_, written_, collections_,
                                                   seed, budget_of(config));
  reader->wait_until_known(patience);
  return reader;
}

std::unique_ptr<ClusterWriter> KubernetesCluster::make_writer(const Config& config) {
  return std::make_unique<KubernetesWriter>(config, client_, names_, written_, budget_of(config));
}

void KubernetesCluster::write_beside(std::function<void(const Error&)> report_events,
                                     std::function<void(const Error&)> report_state) {
  // Beside the sizes and at their pace, so that what is left of a change is not later than it; what
  // people read in Events may be.
  beside_ = std::make_unique<ApiClient>(access_, fenced(), now_);
  if (spec_.events) {
    ApiSettings slower = fenced();
    slower.per_second /= 2;
    for_events_ = std::make_unique<ApiClient>(access_, std::move(slower), now_);
    events_ = std::make_unique<ScaleEvents>(*for_events_, written_, now_, std::move(report_events));
  }
  KubernetesSuccession::Maps maps;
  for (int32_t shard = 0; spec_.lease && shard < spec_.lease->shards; ++shard) {
    const std::string& space = spec_.lease->name_space;
    maps.push_back(std::make_unique<StateMap>(*beside_, space.empty() ? access_.name_space : space,
                                              lease_name(*spec_.lease, shard) + "-state", now_,
                                              report_state));
  }
  succession_ = std::make_unique<KubernetesSuccession>(
      client_, *beside_, std::move(maps), now_,
      [this](const WorkloadId& workload) { return may_write_for(workload).count() > 0; },
      std::move(report_state));
}

void KubernetesCluster::publish(PolicyStates states) {
  if (succession_) succession_->publish(std::move(states));
}

void KubernetesCluster::resign() {
  if (succession_) succession_->flush(kGoodbye);
  if (campaign_) campaign_->resign();
}

void KubernetesCluster::publish(const TickRecord& tick) {
  if (events_) events_->publish(tick);
  if (succession_) succession_->publish(tick);
  const auto is_seen = [](const WorkloadTick& workload) {
    return workload.config->kubernetes() != nullptr && !workload.cluster_error;
  };
  const bool sees = std::any_of(tick.workloads.begin(), tick.workloads.end(), is_seen);
  if (campaign_ && sees) campaign_->ticked();
}

Result<std::string> KubernetesCluster::get(const std::string& path, Duration deadline,
                                           const std::stop_token& stop, std::string room) {
  ApiAnswer answer = client_.get(
      path, stop, std::chrono::duration_cast<std::chrono::milliseconds>(deadline), std::move(room));
  if (!answer.ok()) return answer.error->error;
  return std::move(answer.body);
}

}  // namespace autoscaler
