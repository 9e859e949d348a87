#include "controller/config/sections.h"

#include <algorithm>
#include <map>

namespace autoscaler {
namespace {

// Of addresses in their usual spelling; those of instances are never wildcards.
bool listens_at(const ControllerSpec& controller, const std::string& host) {
  const std::string& own = controller.listen_address;
  return own == "0.0.0.0" || own == "::" || own == host;
}

std::string range_text(const ProcessTarget& target) {
  return std::to_string(target.first_port) + "-" + std::to_string(target.last_port);
}

std::string seen_on(const PlacedWorkload& other) {
  return "'" + other.workload.spec.name + "' (line " + std::to_string(other.place.mark().line) +
         ")";
}

void check_name(const PlacedWorkload& first, const PlacedWorkload& second) {
  if (first.workload.spec.name != second.workload.spec.name) return;
  if (!second.place.has("name")) return;
  second.place.child("name").problem("two workloads are called " + seen_on(first) +
                                     ": give this one another name");
}

// Servers of both in one backend would get each other's requests.
void check_backend(const PlacedWorkload& first, const PlacedWorkload& second) {
  const auto& a = first.workload.balancer;
  const auto& b = second.workload.balancer;
  if (!a || !b || a->socket != b->socket || a->backend != b->backend || b->backend.empty()) return;
  second.place.child("loadBalancer")
      .child("haproxy")
      .near("backend")
      .problem("found the backend of the workload " + seen_on(first) +
               ": each workload needs a backend of its own");
}

void check_ports(const PlacedWorkload& first, const PlacedWorkload& second) {
  const ProcessTarget& a = *first.workload.process();
  const ProcessTarget& b = *second.workload.process();
  if (a.last_port < b.first_port || b.last_port < a.first_port) return;
  second.place.child("target").child("process").near("ports").problem(
      "found " + range_text(b) + ", which overlaps " + range_text(a) + " of the workload " +
      seen_on(first) + ": give each workload ports of its own");
}

void check_own_port(const ControllerSpec& controller, const PlacedWorkload& placed) {
  if (placed.workload.process() == nullptr) return;
  const ProcessTarget& target = *placed.workload.process();
  const bool inside = controller.listen_port >= target.first_port &&
                      controller.listen_port <= target.last_port && target.first_port != 0;
  if (!inside || !listens_at(controller, target.host)) return;
  placed.place.child("target").child("process").near("ports").problem(
      "found " + range_text(target) + ", which holds port " +
      std::to_string(controller.listen_port) + " of controller.listen: move one of them");
}

// Empty: none in Kubernetes.
std::string object_of(const PlacedWorkload& placed) {
  const KubernetesTarget* target = placed.workload.kubernetes();
  return target == nullptr ? "" : target_key(*target);
}

// Each would undo what the other has decided.
void check_object(const PlacedWorkload& first, const PlacedWorkload& second) {
  const std::string object = object_of(first);
  if (object.empty() || object != object_of(second)) return;
  second.place.child("target")
      .child("kubernetes")
      .near("name")
      .problem("found " + target_text(*second.workload.kubernetes()) +
               ", the target of the workload " + seen_on(first) +
               ": give each target to one workload, which may have several policies");
}

// Calls `check` with the one that stands first in the file as its first.
template <typename Check>
void check_as_written(const PlacedWorkload& a, const PlacedWorkload& b, Check check) {
  if (a.place.mark().line <= b.place.mark().line)
    check(a, b);
  else
    check(b, a);
}

}  // namespace

std::string target_key(const KubernetesTarget& target) {
  const std::string group = target.api_version.substr(0, target.api_version.find('/') + 1);
  return target.name_space + " " + group + " " + target.kind + " " + target.name;
}

// Sorted by what can clash, each needs comparing with one other: 5,000 workloads in milliseconds.
void check_together(const ControllerSpec& controller,
                    const std::vector<PlacedWorkload>& workloads) {
  std::vector<const PlacedWorkload*> order;
  for (const PlacedWorkload& placed : workloads) order.push_back(&placed);
  const auto sort_by = [&order](auto key) {
    std::stable_sort(order.begin(), order.end(),
                     [&](const auto* a, const auto* b) { return key(*a) < key(*b); });
  };
  const auto neighbours = [&](auto key, auto check) {
    sort_by(key);
    for (size_t i = 1; i < order.size(); ++i) check_as_written(*order[i - 1], *order[i], check);
  };
  neighbours([](const PlacedWorkload& p) { return p.workload.spec.name; }, check_name);
  neighbours(
      [](const PlacedWorkload& p) {
        const auto& balancer = p.workload.balancer;
        return balancer ? balancer->socket + " " + balancer->backend : std::string();
      },
      check_backend);

  neighbours(object_of, check_object);

  // By first port; whoever begins before the highest port so far, on its address, overlaps.
  std::erase_if(order, [](const PlacedWorkload* p) { return p->workload.process() == nullptr; });
  sort_by([](const PlacedWorkload& p) { return p.workload.process()->first_port; });
  std::map<std::string, const PlacedWorkload*> highest;
  for (const PlacedWorkload* placed : order) {
    const ProcessTarget& target = *placed->workload.process();
    if (target.first_port == 0) continue;  // its ports are wrong, and reported already
    const PlacedWorkload*& before = highest[target.host];
    if (before) check_as_written(*before, *placed, check_ports);
    if (!before || before->workload.process()->last_port < target.last_port) before = placed;
  }
  for (const PlacedWorkload& placed : workloads) check_own_port(controller, placed);
}

}  // namespace autoscaler
