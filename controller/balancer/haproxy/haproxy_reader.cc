#include "controller/balancer/haproxy/haproxy_reader.h"

#include "base/fan_out.h"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace autoscaler {
namespace {

BackendObservation::State observed_state(const ServerState& state) {
  if (state.maintenance) return BackendObservation::State::kMaintenance;
  if (state.draining) return BackendObservation::State::kDraining;
  return state.running ? BackendObservation::State::kUp : BackendObservation::State::kDown;
}

void list_servers(const BalancedWorkload& workload, const ServerTable& table,
                  BalancerObservation& observed) {
  const HaproxyBalancer& balancer = workload.balancer;
  if (!table.backends.contains(balancer.backend)) {
    observed.unreachable.emplace_back(workload.workload, no_such_backend(workload));
    return;
  }
  for (auto it = table.servers.lower_bound({balancer.backend, balancer.server_prefix});
       it != table.servers.end(); ++it) {
    const auto& [backend, name] = it->first;
    if (backend != balancer.backend || !name.starts_with(balancer.server_prefix)) break;
    if (name.size() == balancer.server_prefix.size()) continue;  // the prefix alone names nobody
    const Server& server = it->second;
    observed.backends.push_back({workload.workload, name.substr(balancer.server_prefix.size()),
                                 server.state.address, observed_state(server.state),
                                 server.sessions});
  }
}

BalancerObservation observe_socket(const BalancedSocket& balanced) {
  BalancerObservation observed;
  RuntimeSession session = open_session(balanced);
  const Result<ServerTable> table = read_servers(session);
  for (const BalancedWorkload& workload : balanced.workloads) {
    if (table) {
      list_servers(workload, *table, observed);
    } else {
      observed.unreachable.emplace_back(workload.workload, table.error());
    }
  }
  return observed;
}

}  // namespace

BalancerObservation HaproxyReader::observe(Instant) {
  std::vector<BalancerObservation> seen(sockets_.size());
  fan_out(sockets_.size(), [&](size_t i) { seen[i] = observe_socket(sockets_[i]); });
  BalancerObservation observed;
  for (BalancerObservation& one : seen) {
    std::move(one.backends.begin(), one.backends.end(), std::back_inserter(observed.backends));
    std::move(one.unreachable.begin(), one.unreachable.end(),
              std::back_inserter(observed.unreachable));
  }
  const auto order = [](const BackendObservation& a, const BackendObservation& b) {
    return std::tie(a.workload, a.instance) < std::tie(b.workload, b.instance);
  };
  std::sort(observed.backends.begin(), observed.backends.end(), order);
  std::sort(observed.unreachable.begin(), observed.unreachable.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return observed;
}

}  // namespace autoscaler
