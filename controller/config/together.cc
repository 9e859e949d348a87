#include "controller/config/sections.h"

#include <algorithm>

namespace autoscaler {
namespace {

bool same_host(const std::string& a, const std::string& b) {
  const auto every = [](const std::string& host) { return host == "0.0.0.0" || host == "::"; };
  const auto plain = [](const std::string& host) {
    return host == "localhost" ? std::string("127.0.0.1") : host;
  };
  return every(a) || every(b) || plain(a) == plain(b);
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
  const ProcessTarget& a = first.workload.target;
  const ProcessTarget& b = second.workload.target;
  if (a.first_port == 0 || b.first_port == 0 || !same_host(a.host, b.host)) return;
  if (a.last_port < b.first_port || b.last_port < a.first_port) return;
  second.place.child("target").child("process").near("ports").problem(
      "found " + range_text(b) + ", which overlaps " + range_text(a) + " of the workload " +
      seen_on(first) + ": give each workload ports of its own");
}

void check_own_port(const ControllerSpec& controller, const PlacedWorkload& placed) {
  const ProcessTarget& target = placed.workload.target;
  const bool inside = controller.listen_port >= target.first_port &&
                      controller.listen_port <= target.last_port && target.first_port != 0;
  if (!inside || !same_host(controller.listen_address, target.host)) return;
  placed.place.child("target").child("process").near("ports").problem(
      "found " + range_text(target) + ", which holds port " +
      std::to_string(controller.listen_port) + " of controller.listen: move one of them");
}

}  // namespace

void check_together(const ControllerSpec& controller,
                    const std::vector<PlacedWorkload>& workloads) {
  // Sorted by what can clash, only neighbours need comparing: 5,000 workloads in milliseconds.
  std::vector<const PlacedWorkload*> order;
  for (const PlacedWorkload& placed : workloads) order.push_back(&placed);
  const auto neighbours = [&order](auto key, auto check) {
    std::stable_sort(order.begin(), order.end(),
                     [&](const auto* a, const auto* b) { return key(*a) < key(*b); });
    for (size_t i = 1; i < order.size(); ++i) {
      const bool as_written = order[i - 1]->place.mark().line <= order[i]->place.mark().line;
      if (as_written)
        check(*order[i - 1], *order[i]);
      else
        check(*order[i], *order[i - 1]);
    }
  };
  neighbours([](const PlacedWorkload& p) { return p.workload.spec.name; }, check_name);
  neighbours(
      [](const PlacedWorkload& p) {
        const auto& balancer = p.workload.balancer;
        return balancer ? balancer->socket + " " + balancer->backend : std::string();
      },
      check_backend);
  neighbours([](const PlacedWorkload& p) { return p.workload.target.first_port; }, check_ports);
  for (const PlacedWorkload& placed : workloads) check_own_port(controller, placed);
}

}  // namespace autoscaler
