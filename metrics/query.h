#pragma once

#include "metrics/breaker.h"
#include "policies/signal.h"
#include "policies/workload.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace autoscaler {

// A label that must match a regular expression (RE2/ECMAScript common subset, anchored both ends).
struct LabelMatcher {
  std::string label;
  std::string pattern;
  bool operator==(const LabelMatcher&) const = default;
};

// What one such pattern may take, compiled and while it is matched: a few characters may mean
// megabytes, and whoever writes a ScalingPolicy is not who runs the controller.
inline constexpr int64_t kMostPatternBytes = int64_t{256} << 10;

struct Selector {
  std::string metric;
  std::vector<LabelMatcher> matching;  // all must match; several series are summed
  bool operator==(const Selector&) const = default;
};

// How a signal is taken out of an instance's /metrics page.
struct GaugeOf {
  Selector of;
  double capacity = 1;    // the value is divided by it: a memory limit in bytes, for example
  Duration mean_over{0};  // the mean of its samples over this much time; 0: the newest
  bool operator==(const GaugeOf&) const = default;
};
struct RateOf {
  Selector of;          // a counter; the rate per second, resets handled
  double capacity = 1;  // 2 for process_cpu_seconds_total on two cores: a ratio
  bool operator==(const RateOf&) const = default;
};
struct RatioOf {
  Selector of;                         // the denominator
  std::vector<LabelMatcher> matching;  // further labels of the numerator: {code: "5.."}
  bool operator==(const RatioOf&) const = default;
};
struct HistogramOf {
  Selector of;  // the family's name without _bucket; classic histograms
  bool operator==(const HistogramOf&) const = default;
};

// Whose pages are read: those of the workload's own instances, or of targets that are none, each
// named by its URL.
struct OwnInstances {
  bool operator==(const OwnInstances&) const = default;
};
struct UrlList {
  std::vector<std::string> urls;
  bool operator==(const UrlList&) const = default;
};
struct TargetList {
  std::string file;  // in the form of Prometheus' file_sd, JSON; read again when it changes
  bool operator==(const TargetList&) const = default;
};
using ScrapeTargets = std::variant<OwnInstances, UrlList, TargetList>;

struct ScrapeRead {
  std::variant<GaugeOf, RateOf, RatioOf, HistogramOf> what;
  Duration window{std::chrono::seconds(30)};  // rates are taken over this much time
  ScrapeTargets from{};
  Duration offset{0};   // the window ends so long before the newest sample
  int32_t samples = 1;  // as many must lie in the window; rates need 2 of themselves
  bool operator==(const ScrapeRead&) const = default;
};

// What the balancer itself knows of a service, so that one without instances still has signals.
struct BalancerRead {
  enum class What {
    kRequestRate,  // requests per second, from the backend's request counter
    kQueue,        // requests waiting for a server, now
    // Seconds, mean of the balancer's last 1024 requests, as RatioParts of a denominator of 1; 0/0
    // once no response has come for `window` and no request is in flight: there is no traffic.
    kResponseTime,
    kErrors,    // RatioParts: 5xx responses over all responses
    kSessions,  // requests in flight
  } what;
  Duration window{std::chrono::seconds(30)};
  bool operator==(const BalancerRead&) const = default;
};

// What several series become; the same words as for the numbers of several instances.
enum class OverSeries { kSum, kMax, kMin, kMean, kMedian };

// One number for the service out of a query to a Prometheus server, or to one that speaks its HTTP
// API.
struct PrometheusRead {
  std::string server;  // by its name among the sources
  std::string query;
  Duration offset{0};                       // asked about this long ago, when all samples are in
  std::optional<double> when_empty{};       // nullopt: an empty answer is kNoSeries
  std::optional<OverSeries> over_series{};  // nullopt: several series are kAmbiguous
  auto operator<=>(const PrometheusRead&) const = default;
};

// One number out of a JSON document.
struct JsonRead {
  struct Service {
    std::string url;  // http://billing:8080/queue: one reading for the service
    auto operator<=>(const Service&) const = default;
  };
  struct Instance {
    std::string path;  // /health/cpu at the address of each instance: one reading for each
    auto operator<=>(const Instance&) const = default;
  };
  std::variant<Service, Instance> where;
  std::string pointer;  // RFC 6901; "" is the whole document
  double scale = 1;     // the number is multiplied by it: 0.01 makes a ratio of a percentage
  Duration timeout{std::chrono::seconds(1)};
  auto operator<=>(const JsonRead&) const = default;
};

// A metric of the metrics APIs of Kubernetes, of the pods of a workload or in their namespace.
struct KubernetesRead {
  // metrics.k8s.io, one reading for each pod: what its containers use together, or the one named.
  struct Resource {
    std::string resource;   // "cpu", "memory"
    std::string container;  // empty: all of the pod's
    bool of_request;        // a ratio of the request; otherwise cores or bytes
    auto operator<=>(const Resource&) const = default;
  };
  // custom.metrics.k8s.io, one reading for each pod.
  struct Pods {
    std::string metric;
    std::string selector;  // of the metric, as the API takes it: "queue=mail,tier in (a,b)"
    auto operator<=>(const Pods&) const = default;
  };
  // custom.metrics.k8s.io, one reading for the service.
  struct Object {
    std::string resource;  // plural, with its group: "services", "ingresses.networking.k8s.io"
    std::string name;
    std::string metric;
    std::string selector;
    auto operator<=>(const Object&) const = default;
  };
  // external.metrics.k8s.io, one reading for the service: the sum of its series.
  struct External {
    std::string metric;
    std::string selector;
    auto operator<=>(const External&) const = default;
  };
  std::variant<Resource, Pods, Object, External> what;
  std::string name_space;
  // The readings are those of HpaMetricSpec (policies/spec.h): ContainerUsage and Quantities.
  bool exact = false;
  auto operator<=>(const KubernetesRead&) const = default;
};

inline constexpr Duration kTenantTimeout = std::chrono::seconds(1);

struct SignalQuery {
  std::variant<ScrapeRead, BalancerRead, PrometheusRead, JsonRead, KubernetesRead> how;
  // Of a ScalingPolicy: its namespace. Tenants share servers and the threads that ask them: each
  // has its turn, and a breaker of its own, and an answer that takes longer than kTenantTimeout is
  // none. Empty: of the config file.
  std::string tenant{};
  bool operator==(const SignalQuery&) const = default;
};

// An instance to scrape. Without an address yet its URL is empty.
struct Target {
  InstanceId instance;
  SharedText url;                 // http://127.0.0.1:9001/metrics
  SharedText address{};           // 127.0.0.1:9001; empty: it has none yet
  const PodFacts* pod = nullptr;  // of a pod; outlives the call
};

// Everything asked about one workload in one tick. The spans outlive the call.
struct WorkloadQuery {
  const std::string* workload;
  std::span<const SignalQuery> signals;  // parallel to WorkloadSpec::signals
  SharedList<Target> targets{};     // ordered by instance; the same list while they are the same
  std::string_view pod_selector{};  // Kubernetes: which pods are its own; outlives the call
};

// Where a reading comes from: a metric label.
enum class ReadFrom { kInstance, kBalancer, kPrometheus, kJson, kKubernetes };
inline constexpr int kReadFromCount = 5;
constexpr const char* read_from_name(ReadFrom from) {
  constexpr const char* kNames[kReadFromCount] = {"instance", "balancer", "prometheus", "json",
                                                  "kubernetes"};
  return kNames[static_cast<int>(from)];
}

// What went wrong while reading, for the log and /metrics; the readings carry their own reasons.
struct ReadError {
  std::string workload;
  InstanceId instance;  // or the URL of a target, or the file of targets; empty: the service
  MissingReason reason;
  std::string detail;
  ReadFrom from = ReadFrom::kInstance;
  std::optional<size_t> signal{};  // by index, where it is about one alone
};

// How the targets of scrapes are doing, for /metrics.
struct TargetCounts {
  int64_t good = 0;     // the latest answer was a good page
  int64_t failing = 0;  // it was not
  int64_t paused = 0;   // it failed again and again in a way that costs: asked less often
  int64_t waiting = 0;  // no answer yet
};

// Fills the signals it can read; the others are left untouched for the next source.
// `answers[i]` belongs to `queries[i]` and is as long as its `signals`.
class MetricSource {
 public:
  virtual ~MetricSource() = default;
  virtual void read(std::span<const WorkloadQuery> queries, Instant now,
                    std::vector<Signals>& answers, std::vector<ReadError>& errors) = 0;
  // Of each server behind it that has a breaker, ordered by name. Called on the loop's thread.
  virtual std::vector<SourceHealth> health() const { return {}; }
  // Adds what it knows of its targets since the last read.
  virtual void count_targets(TargetCounts&) const {}
};

}  // namespace autoscaler
