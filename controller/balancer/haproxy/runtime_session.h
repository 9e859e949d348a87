#pragma once

#include "base/result.h"
#include "controller/balancer/haproxy/runtime_api.h"
#include "controller/config/config.h"
#include "policies/workload.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace autoscaler {

// The commands of one tick to one HAProxy, one after the other. After the first that cannot be
// carried there and back (refused, no answer in time) all others fail at once with the same error:
// a HAProxy that hangs costs a tick one timeout, however many servers it has.
class RuntimeSession {
 public:
  RuntimeSession(std::string socket, Duration timeout)
      : socket_(std::move(socket)), timeout_(timeout) {}

  // Errors: as send_command.
  Result<std::string> ask(std::string_view command);
  // A command, or several with ';' between, that have nothing to say unless they fail.
  // Errors: as send_command and parse_change, the message naming the socket.
  Status change(std::string_view command);
  // An error in reading an answer, with the socket before it.
  Error named(const Error& error) const;

 private:
  std::string socket_;
  Duration timeout_;
  std::optional<Error> broken_;
};

struct Server {
  ServerState state;
  int64_t sessions = 0;
};

// All servers that one HAProxy shows, foreign ones too.
struct ServerTable {
  std::map<std::string, std::optional<std::string>> backends;     // name, algorithm
  std::map<std::pair<std::string, std::string>, Server> servers;  // by backend and name

  const Server* find(const std::string& backend, const std::string& name) const;
};
Result<ServerTable> read_servers(RuntimeSession& session);

// A workload that has a HAProxy in front of it.
struct BalancedWorkload {
  WorkloadId workload;
  HaproxyBalancer balancer;
};
// One HAProxy and all that it balances, so that it is asked once a tick.
struct BalancedSocket {
  std::string socket;
  std::vector<BalancedWorkload> workloads;
};
// Ordered by socket.
std::vector<BalancedSocket> balanced_sockets(const Config& config);
// With the longest timeout that any of its workloads allows.
RuntimeSession open_session(const BalancedSocket& balanced);

Error no_such_backend(const BalancedWorkload& workload);

}  // namespace autoscaler
