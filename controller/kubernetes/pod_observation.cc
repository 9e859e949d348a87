#include "controller/kubernetes/pod_observation.h"

#include <algorithm>
#include <charconv>

namespace autoscaler {
namespace {

// 1 to 65535, or 0.
int32_t port_number(const std::string& text) {
  int32_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && port >= 1 && port <= 65535 ? port : 0;
}

int32_t port_of(const PodRecord& pod, const KubernetesTarget& target) {
  const auto& ports = pod.exposed->ports;
  if (!target.port.empty()) {
    if (const int32_t number = port_number(target.port)) return number;
    const auto named = std::find_if(ports.begin(), ports.end(),
                                    [&](const auto& port) { return port.first == target.port; });
    return named == ports.end() ? 0 : named->second;
  }
  if (const int32_t number = port_number(pod.exposed->scrape_port)) return number;
  return ports.empty() ? 0 : ports.front().second;
}

std::string with_port(const std::string& ip, int32_t port) {
  if (ip.empty() || port == 0) return "";
  const bool v6 = ip.find(':') != std::string::npos;
  return (v6 ? "[" + ip + "]:" : ip + ":") + std::to_string(port);
}

// "" where no annotation says anything.
std::string page_of(const PodRecord& pod, const KubernetesTarget& target) {
  const Exposure& said = *pod.exposed;
  if (said.scrape_port.empty() && said.scrape_path.empty() && said.scrape_scheme.empty()) return "";
  const int32_t annotated = port_number(said.scrape_port);
  const std::string host = with_port(pod.ip, annotated != 0 ? annotated : port_of(pod, target));
  if (host.empty()) return "";
  std::string scheme = target.metrics_over_tls ? "https" : "http";
  if (said.scrape_scheme == "http" || said.scrape_scheme == "https") scheme = said.scrape_scheme;
  std::string path = said.scrape_path.empty() ? target.metrics_path : said.scrape_path;
  if (!path.starts_with('/')) path = "/" + path;
  return scheme + "://" + host + path;
}

std::string revision_of(const Labels& labels) {
  for (const char* key : {"pod-template-hash", "controller-revision-hash"}) {
    for (const auto& [label, value] : labels) {
      if (label == key) return value;
    }
  }
  return "";
}

}  // namespace

InstanceObservation observe_pod(const PodRecord& pod, const KubernetesTarget& target) {
  InstanceObservation seen;
  seen.instance = pod.name;
  seen.address = with_port(pod.ip, port_of(pod, target));
  seen.started = pod.created;
  seen.running = pod.facts->phase != PodFacts::Phase::kFailed &&
                 pod.facts->phase != PodFacts::Phase::kSucceeded;
  seen.healthy = pod.facts->ready;
  seen.terminating = pod.facts->deleting;
  seen.pod = pod.facts;
  seen.revision = revision_of(*pod.labels);
  seen.page = page_of(pod, target);
  seen.goes_first = pod.goes_first;
  return seen;
}

}  // namespace autoscaler
