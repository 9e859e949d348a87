#pragma once

#include "base/identity.h"
#include "base/secret.h"
#include "base/shared.h"
#include "metrics/prometheus_server.h"
#include "metrics/query.h"
#include "policies/spec.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace autoscaler {

// The leases that several controllers share, one for each shard of the workloads. Who holds it
// leads that shard.
struct LeaseSpec {
  std::string name;  // of several: name-0, name-1, ...
  int32_t shards = 1;
  std::string name_space;  // empty: that of the service account or of the kubeconfig
  Duration duration{std::chrono::seconds(15)};  // whole seconds: a dead leader is followed within
  Duration renew{std::chrono::seconds(5)};
};

// ScalingPolicies of Kubernetes are workloads beside those of the file.
struct PoliciesSpec {
  std::string name_space;            // `namespace`; empty: of all namespaces
  int32_t most = 5000;               // `max`; those made after them do not run
  int32_t most_per_namespace = 500;  // `maxPerNamespace`

  bool operator==(const PoliciesSpec&) const = default;
};

// How the API server of Kubernetes is reached, for workloads whose target is there.
struct KubernetesSpec {
  // Empty: in a pod its service account, elsewhere $KUBECONFIG or ~/.kube/config.
  std::string kubeconfig;
  std::string context;  // empty: the current one of the kubeconfig
  // Requests per second and at once; watches under way are none.
  double requests_per_second = 20;
  int32_t burst = 30;
  Duration timeout{std::chrono::seconds(10)};  // of one request
  int32_t writes_in_flight = 8;
  bool events = true;                    // one on the target for each change of its size
  std::optional<LeaseSpec> lease;        // nullopt: we are the only one
  std::optional<PoliciesSpec> policies;  // nullopt: objects are not looked at
};

struct ControllerSpec {
  Duration interval{std::chrono::seconds(5)};
  std::string listen_address = "127.0.0.1";
  uint16_t listen_port = 8080;  // 0: any free one, printed at start
  std::string journal = "autoscaler.db";
  Duration journal_max_age{std::chrono::hours(24 * 14)};
  int64_t journal_max_bytes = int64_t{1} << 30;
  std::string state_directory;      // a small file for each process; empty: the journal's folder
  std::optional<Secret> api_token;  // who has it may write to /api/v1; without one nobody may
  KubernetesSpec kubernetes;
};

// How metrics pages are read: sources.scrape.
struct ScrapeSpec {
  Duration interval{std::chrono::seconds(5)};  // of each target; the controller's if not given
  Duration timeout{std::chrono::milliseconds(2500)};
  int64_t max_bytes = int64_t{16} << 20;  // of one page
  IdentitySettings identity;
};

// Instances of a command on this host.
struct ProcessTarget {
  std::vector<std::string> command;  // argv; {port}, {instance}, {workload} are replaced
  std::map<std::string, std::string> environment;  // the same in values
  uint16_t first_port = 0;
  uint16_t last_port = 0;
  std::string host = "127.0.0.1";
  std::string working_directory;       // empty: the controller's
  std::string log_directory = "logs";  // <instance>.log, stdout and stderr
  std::string health_path = "/healthz";
  std::string metrics_path = "/metrics";
  bool metrics_over_tls = false;
  int32_t metrics_port_offset = 0;  // the page is on the instance's port and so many on
  Duration health_timeout{std::chrono::seconds(1)};
  Duration stop_grace{std::chrono::seconds(30)};  // SIGTERM, then SIGKILL
};

// Anything in Kubernetes with a `scale` subresource, and the pods that its selector selects.
// Kubernetes starts, stops, replaces and balances them: we write the size alone.
struct KubernetesTarget {
  std::string name_space;               // `namespace`
  std::string api_version = "apps/v1";  // group/version
  std::string kind = "Deployment";
  std::string name;
  // Where a pod answers: a container port by its name or number. Empty: what the annotation
  // prometheus.io/port of the pod says, or else the first port of its first container.
  std::string port;
  std::string metrics_path = "/metrics";  // the annotation prometheus.io/path comes first
  bool metrics_over_tls = false;
  bool deletion_cost = false;  // a scale-in marks the least loaded pods, so that they go first

  bool operator==(const KubernetesTarget&) const = default;
};
// What is in Kubernetes is shared with those who read and write there.
using WorkloadTarget = std::variant<ProcessTarget, Shared<KubernetesTarget>>;
// "Deployment shop/checkout"
std::string target_text(const KubernetesTarget& target);

struct HaproxyBalancer {
  std::string socket;  // a path, or IP:port, of the Runtime API ("stats socket")
  std::string backend;
  std::string server_prefix = "as-";  // servers named otherwise are never touched
  Duration check_interval{std::chrono::seconds(1)};
  std::string server_options;                        // appended to `add server`: "maxconn 50"
  Duration timeout{std::chrono::milliseconds(500)};  // of one command
};

// The ScalingPolicy of Kubernetes that a workload is written in.
struct PolicyObject {
  std::string name_space;  // `namespace`
  std::string name;
  std::string uid;
  int64_t generation = 0;  // metadata.generation of the spec that was read

  bool operator==(const PolicyObject&) const = default;
};

struct WorkloadConfig {
  WorkloadSpec spec;
  std::vector<SignalQuery> queries;  // parallel to spec.signals
  WorkloadTarget target;
  std::optional<HaproxyBalancer> balancer;
  Duration unhealthy_after{std::chrono::seconds(10)};  // in service, then failed
  Duration drain_deadline{std::chrono::seconds(30)};   // then detached with work still in flight
  std::string json;  // this workload as it stands in the config, as compact JSON (secrets redacted)
  std::optional<PolicyObject> object;  // nullopt: the workload is in the config file

  const ProcessTarget* process() const { return std::get_if<ProcessTarget>(&target); }
  const KubernetesTarget* kubernetes() const {
    const auto* shared = std::get_if<Shared<KubernetesTarget>>(&target);
    return shared == nullptr ? nullptr : shared->get();
  }
};

struct Config {
  ControllerSpec controller;
  ScrapeSpec scrape;
  std::vector<PrometheusServer> prometheus;  // ordered by name
  IdentitySettings json;                     // of who asks for JSON documents
  std::vector<WorkloadConfig> workloads;     // ordered by name
};

// One thing wrong with a config: where, what was found, what is allowed.
struct ConfigProblem {
  std::string file;
  int line = 0;         // 1-based
  int column = 0;       // 1-based
  std::string path;     // workloads[0].replicas.max
  std::string message;  // what was found, what is allowed, the nearest right key
};
std::string describe(const ConfigProblem& problem);  // file:line:column: path: message

// All problems at once, or the config. Never throws.
struct ConfigResult {
  std::optional<Config> config;
  std::vector<ConfigProblem> problems;
  std::vector<ConfigProblem> warnings;  // of a good config: what is probably not meant
};
ConfigResult load_config(const std::string& file);
ConfigResult parse_config(std::string_view text, const std::string& file_name);

// One workload given as JSON or YAML, as in a `decide` document. Targets and sources may be absent.
struct WorkloadResult {
  std::optional<WorkloadConfig> workload;
  std::vector<ConfigProblem> problems;
};
WorkloadResult parse_workload(std::string_view text, const std::string& file_name);

// The JSON Schema (draft 7) of the config file: `autoscaler schema`.
std::string config_schema();

}  // namespace autoscaler
