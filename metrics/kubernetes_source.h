#pragma once

#include "base/worker_pool.h"
#include "metrics/asks.h"
#include "metrics/breakers.h"
#include "metrics/kubernetes_metrics.h"
#include "metrics/kubernetes_reading.h"
#include "metrics/query.h"

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

namespace autoscaler {

// Fills every signal that is a KubernetesRead.
//
// - In each tick metrics.k8s.io is asked once for each namespace, and the other two once for each
//   distinct namespace, metric and selector; what several workloads ask alike is asked once. (Where
//   one workload alone asks for a metric of pods, it asks for its own pods.) All on threads
//   beneath, as PrometheusSource does: a server that hangs delays no tick. What tenants ask of
//   these two stands apart (SignalQuery::tenant).
// - A sample belongs to the instance whose pod it names; of other pods it is dropped. It is as old
//   as its own timestamp says.
// - What an API says again, of the same pods, stands as it was made: at rest nothing is.
// - Any failure takes the place of the last good answer. After three in a row an API is left alone
//   for a while (Breaker); what it does not have, or forbids, is no failure of the API.
class KubernetesSource : public MetricSource {
 public:
  struct Settings {
    Duration timeout{std::chrono::seconds(10)};  // of one request
    Patience patience{};
    size_t threads = 4;
    uint64_t seed = 0;  // of the breakers' pauses
  };
  // `api` outlives the source.
  KubernetesSource(KubernetesMetricsApi& api, Settings settings);
  ~KubernetesSource() override;

  void read(std::span<const WorkloadQuery> queries, Instant now, std::vector<Signals>& answers,
            std::vector<ReadError>& errors) override;
  std::vector<SourceHealth> health() const override;

 private:
  enum class Group { kMetrics, kCustom, kExternal };
  struct Ask {
    Group group;
    std::string rest;    // of the path, after the version
    std::string tenant;  // SignalQuery::tenant; of metrics.k8s.io there is none
    auto operator<=>(const Ask&) const = default;
  };
  using Answer = std::variant<std::shared_ptr<const PodUsages>,
                              std::shared_ptr<const std::vector<MetricValue>>, Missing>;

  // What was made of one answer for one list of targets: a loop makes its own lists, and those that
  // are kept here to be compared (their pods may be gone) are at no other's address.
  struct Made {
    std::shared_ptr<const PodUsages> of;
    SharedList<Target> targets;
    Signal signal;
  };

  // Workloads that ask for one metric of pods alike.
  using Askers = std::map<KubernetesRead, int>;

  static Ask ask_of(const KubernetesRead& read, const WorkloadQuery& query,
                    const std::string& tenant, const Askers& askers);
  void start(const Ask& ask);
  Breaker& breaker_of(const Ask& ask);
  Result<std::string> get(const Ask& ask, Duration deadline, const std::stop_token& stop);
  static Result<Answer> read_answer(Group group, const std::string& body);
  void keep_room(const Ask& ask, std::string body);
  Answer newest(const Ask& ask) const;
  void make(const KubernetesRead& read, const WorkloadQuery& query, const Answer& answer,
            Instant now, Made& last, Signal& signal) const;

  const Settings settings_;
  KubernetesMetricsApi& api_;
  std::atomic<bool> is_old_custom_{false};  // custom.metrics.k8s.io has v1beta1 alone
  std::array<Breakers, 3> breakers_;        // by Group
  Asks<Ask, Answer> asks_;
  std::vector<std::vector<Made>> made_;  // by workload and signal
  std::mutex rooms_mutex_;               // guards:
  std::map<Ask, std::string> rooms_;  // of long answers the last, whose memory the next one takes
  WorkerPool pool_;                   // after what its threads use
};

}  // namespace autoscaler
