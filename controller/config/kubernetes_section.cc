#include "controller/config/scalars.h"
#include "controller/config/sections.h"

#include <algorithm>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Grammar kNamespace = {"the name of a namespace (small letters, digits and -)",
                                "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"};
constexpr Grammar kObjectName = {"the name of an object (small letters, digits, - and .)",
                                 "^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$"};
constexpr Grammar kKind = {"a kind such as Deployment", "^[A-Z][A-Za-z0-9]{0,62}$"};
constexpr Grammar kApiVersion = {"group/version such as apps/v1",
                                 "^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?v[0-9][a-z0-9]{0,20}$"};
constexpr Grammar kPort = {"a container port, by number or name", "^[a-z0-9]([-a-z0-9]{0,14})$"};
constexpr Grammar kPagePath = {"a path that starts with /", "^/[!-~]*$"};

// Of the kinds that come with Kubernetes; for any other it must be said.
std::string api_version_of(const std::string& kind) {
  if (kind == "Deployment" || kind == "StatefulSet" || kind == "ReplicaSet") return "apps/v1";
  return kind == "ReplicationController" ? "v1" : "";
}

ScalarRule<std::string> port_text() {
  ScalarRule<std::string> rule = name(kPort);
  rule.parse = [parse = rule.parse](const Node& node) -> Result<std::string> {
    auto text = parse(node);
    const bool number = text.ok() && std::all_of(text->begin(), text->end(), [](unsigned char c) {
                          return c >= '0' && c <= '9';
                        });
    if (!number || (text->size() <= 5 && std::stoi(*text) >= 1 && std::stoi(*text) <= 65535)) {
      return text;
    }
    return Error{Code::kInvalid, "ports go from 1 to 65535"};
  };
  return rule;
}

Shape pages(KubernetesTarget& to) {
  return mapping([&to](Fields& fields) {
    Shape port = scalar(to.port, port_text());
    port.initial = {};
    fields.optional("port", std::move(port),
                    "container port where pods answer, by number or name; if not given, that of "
                    "their annotation prometheus.io/port, or else the first one");
    auto scheme = std::make_shared<size_t>(0);
    fields.optional("scheme", scalar(*scheme, word({"http", "https"})),
                    "https: as sources.scrape.tls says");
    fields.check([&to, scheme](const Cursor&) { to.metrics_over_tls = *scheme == 1; });
    fields.optional("path", scalar(to.metrics_path, name(kPagePath)),
                    "page in the Prometheus text format that `source: scrape` reads, unless the "
                    "annotation prometheus.io/path of a pod names another");
  });
}

Shape lease(std::optional<LeaseSpec>& to) {
  return mapping([&to](Fields& fields) {
    auto spec = std::make_shared<LeaseSpec>();
    fields.required("name", scalar(spec->name, name(kObjectName)),
                    "of the Lease: who shares it are replicas of one controller");
    fields.optional("shards", scalar(spec->shards, integer(1, 64)),
                    "parts of the workloads, each with a lease of its own (name-0, name-1, ...), "
                    "that replicas divide among themselves; the same for all of them");
    fields.optional("namespace", scalar(spec->name_space, any_text("the name of a namespace")),
                    "empty: that of the service account, or of the kubeconfig's context");
    fields.optional("duration", scalar(spec->duration, duration(seconds(1), minutes(10))),
                    "a leader that dies is followed within this time");
    fields.optional("renew", scalar(spec->renew, duration(milliseconds(100), minutes(5))),
                    "time between two renewals");
    fields.check_sound([&to, spec](const Cursor& cursor) {
      if (spec->duration % seconds(1) != Duration{0}) {
        cursor.problem_under("duration", "a Lease counts in whole seconds");
      } else if (spec->renew > spec->duration / 2) {
        cursor.near("renew").problem(
            "longer than half of the duration: one renewal that fails would cost the lead");
      }
      to = *spec;
    });
  });
}

Shape policies(std::optional<PoliciesSpec>& to) {
  return mapping([&to](Fields& fields) {
    auto spec = std::make_shared<PoliciesSpec>();
    ScalarRule<std::string> space = name(kNamespace);
    space.parse = [parse = space.parse](const Node& node) -> Result<std::string> {
      return node.text.empty() ? node.text : parse(node);
    };
    fields.optional("namespace", scalar(spec->name_space, std::move(space)),
                    "of this namespace alone; empty: of all");
    fields.optional("max", scalar(spec->most, integer(1, 100'000)),
                    "objects that run; those that were made after them are refused");
    fields.optional("maxPerNamespace", scalar(spec->most_per_namespace, integer(1, 100'000)),
                    "objects of one namespace that run, so that no team takes the places of all");
    fields.check_sound([&to, spec](const Cursor&) { to = *spec; });
  });
}

}  // namespace

std::string target_text(const KubernetesTarget& target) {
  return target.kind + " " + target.name_space + "/" + target.name;
}

void describe_kubernetes(KubernetesTarget& to, const PolicyReading* policy, Fields& fields) {
  if (policy != nullptr) {
    to.name_space = policy->name_space;
    fields.refused("namespace",
                   "a ScalingPolicy sizes a target in its own namespace; leave it out");
  } else {
    fields.required("namespace", scalar(to.name_space, name(kNamespace)), "where the target is");
  }
  fields.optional("kind", scalar(to.kind, name(kKind)),
                  "anything with a scale subresource: Deployment, StatefulSet, ReplicaSet, or a "
                  "custom resource");
  fields.optional("apiVersion", scalar(to.api_version, name(kApiVersion)),
                  "group/version of the kind; needed for kinds that do not come with Kubernetes");
  fields.required("name", scalar(to.name, name(kObjectName)), "name of the target");
  fields.optional("metrics", pages(to), "where pods answer");
  fields.optional("podDeletionCost", scalar(to.deletion_cost, truth()),
                  "true: a scale-in marks the least loaded pods with "
                  "controller.kubernetes.io/pod-deletion-cost, so that they go first");
  fields.check([&to](const Cursor& cursor) {
    if (cursor.has("apiVersion")) return;
    to.api_version = api_version_of(to.kind);
    if (!to.api_version.empty()) return;
    cursor.problem_under("apiVersion", "missing for kind " + to.kind +
                                           ", which does not come with Kubernetes: write its "
                                           "group/version, as kubectl api-resources shows it");
  });
}

Shape kubernetes_section(KubernetesSpec& to) {
  return mapping([&to](Fields& fields) {
    fields.optional("kubeconfig", scalar(to.kubeconfig, any_text("the path of a file")),
                    "empty: in a pod its service account, elsewhere $KUBECONFIG or "
                    "~/.kube/config");
    fields.optional("context", scalar(to.context, any_text("the name of a context")),
                    "empty: the current one of the kubeconfig");
    fields.optional("qps", scalar(to.requests_per_second, positive_quantity()),
                    "requests per second to the API server, at most");
    fields.optional("burst", scalar(to.burst, integer(1, 100'000)),
                    "requests that may be sent at once");
    fields.optional("timeout", scalar(to.timeout, duration(milliseconds(100), minutes(5))),
                    "time within which a request must be answered");
    fields.optional("writesInFlight", scalar(to.writes_in_flight, integer(1, 1000)),
                    "sizes that are written at the same time");
    fields.optional("events", scalar(to.events, truth()),
                    "true: an Event on the target for each change of its size");
    fields.optional(
        "lease", lease(to.lease),
        "shared by replicas of one controller, of which one leads each shard and writes its sizes; "
        "without it there must be one alone");
    fields.optional("policies", policies(to.policies),
                    "ScalingPolicies of Kubernetes are workloads beside those of this file; {}: of "
                    "all namespaces");
  });
}

}  // namespace autoscaler
