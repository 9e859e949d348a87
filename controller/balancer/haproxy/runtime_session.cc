#include "controller/balancer/haproxy/runtime_session.h"

#include "base/command_socket.h"

#include <algorithm>

namespace autoscaler {

Result<std::string> RuntimeSession::ask(std::string_view command) {
  if (broken_) return *broken_;
  Result<std::string> answer = send_command(socket_, command, timeout_);
  // An answer that is too large says nothing about the next command.
  if (!answer && answer.error().code != Code::kTooLarge) broken_ = answer.error();
  return answer;
}

Status RuntimeSession::change(std::string_view command) {
  const Result<std::string> answer = ask(command);
  if (!answer) return answer.error();
  Status changed = parse_change(*answer);
  if (changed) return changed;
  std::string message = socket_ + ": '" + std::string(command) + "': " + changed.error().message;
  if (changed.error().code == Code::kDenied) {
    message += ": write 'level admin' at its 'stats socket' line in haproxy.cfg";
  }
  return Error{changed.error().code, message};
}

Error RuntimeSession::named(const Error& error) const {
  return {error.code, socket_ + ": " + error.message};
}

const Server* ServerTable::find(const std::string& backend, const std::string& name) const {
  const auto found = servers.find({backend, name});
  return found == servers.end() ? nullptr : &found->second;
}

Result<ServerTable> read_servers(RuntimeSession& session) {
  const Result<std::string> state_answer = session.ask("show servers state");
  if (!state_answer) return state_answer.error();
  Result<std::vector<ServerState>> states = parse_servers_state(*state_answer);
  if (!states) return session.named(states.error());
  // Every proxy (-1), backends and servers (2 + 4), every server (-1). Not by name: a frontend of
  // the same name would be found in the backend's place.
  const Result<std::string> stat_answer = session.ask("show stat -1 6 -1");
  if (!stat_answer) return stat_answer.error();
  Result<std::vector<StatRow>> rows = parse_stat(*stat_answer);
  if (!rows) return session.named(rows.error());

  ServerTable table;
  for (ServerState& state : *states) {
    std::pair<std::string, std::string> key{state.backend, state.name};
    table.servers[std::move(key)] = Server{std::move(state), 0};
  }
  for (StatRow& row : *rows) {
    if (!row.server) {
      table.backends[row.backend] = row.algorithm;
    } else if (const auto found = table.servers.find({row.backend, *row.server});
               found != table.servers.end()) {
      found->second.sessions = row.sessions;
    }
  }
  return table;
}

std::vector<BalancedSocket> balanced_sockets(const Config& config) {
  std::map<std::string, std::vector<BalancedWorkload>> by_socket;
  for (const WorkloadConfig& workload : config.workloads) {
    if (!workload.balancer) continue;
    by_socket[workload.balancer->socket].push_back({workload.spec.name, *workload.balancer});
  }
  std::vector<BalancedSocket> sockets;
  for (auto& [socket, workloads] : by_socket) sockets.push_back({socket, std::move(workloads)});
  return sockets;
}

RuntimeSession open_session(const BalancedSocket& balanced) {
  Duration timeout{0};
  for (const BalancedWorkload& workload : balanced.workloads) {
    timeout = std::max(timeout, workload.balancer.timeout);
  }
  return {balanced.socket, timeout};
}

Error no_such_backend(const BalancedWorkload& workload) {
  return {Code::kNotFound, "HAProxy at " + workload.balancer.socket + " has no backend '" +
                               workload.balancer.backend + "': add 'backend " +
                               workload.balancer.backend +
                               "' to its haproxy.cfg, or correct loadBalancer.haproxy.backend of "
                               "workload '" +
                               workload.workload + "'"};
}

}  // namespace autoscaler
