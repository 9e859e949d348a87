#include "controller/balancer/haproxy/haproxy_check.h"

#include "base/fan_out.h"
#include "controller/balancer/haproxy/runtime_api.h"
#include "controller/balancer/haproxy/runtime_session.h"

#include <algorithm>
#include <iterator>
#include <set>

namespace autoscaler {
namespace {

// Before 2.6 dynamic servers were an experiment, and before 2.5 they had no health checks.
constexpr int kOldestMajor = 2;
constexpr int kOldestMinor = 6;

std::string place(const BalancedWorkload& workload, const char* key) {
  return "workload '" + workload.workload + "', loadBalancer.haproxy." + key + ": ";
}

// What would be wrong with any HAProxy.
std::vector<Error> check_workload(const BalancedWorkload& workload) {
  std::vector<Error> problems;
  const HaproxyBalancer& balancer = workload.balancer;
  const auto invalid = [&](const char* key, const std::string& what) {
    problems.push_back({Code::kInvalid, place(workload, key) + what});
  };
  if (balancer.server_prefix.empty()) {
    invalid("serverPrefix", "must not be empty: servers of others would be taken for ours");
  }
  const auto breaks_command = [](char c) {
    return c == ';' || c == '\\' || static_cast<unsigned char>(c) < ' ';
  };
  if (std::any_of(balancer.server_options.begin(), balancer.server_options.end(), breaks_command)) {
    invalid("serverOptions", "';', '\\' and line breaks would end the command to HAProxy early");
  }
  return problems;
}

std::string algorithm_remedy(const std::string& backend, const std::optional<std::string>& name) {
  const std::string text = "backend " + backend + ": ";
  if (!name) {
    return text +
           "its 'balance' algorithm cannot take servers at run time: use 'balance leastconn'";
  }
  if (*name == "static-rr") {
    return text + "'balance static-rr' cannot take servers at run time: use 'balance leastconn'";
  }
  return text + "'balance " + *name +
         "' with a map-based hash cannot take servers at run time: add 'hash-type consistent', or "
         "use 'balance leastconn'";
}

class SocketCheck {
 public:
  SocketCheck(const BalancedSocket& balanced, const HaproxyTrial& trial)
      : socket_(balanced.socket),
        workloads_(balanced.workloads),
        trial_(trial),
        session_(open_session(balanced)) {}

  HaproxyCheck run() {
    check();
    return std::move(found_);
  }

 private:
  void check() {
    const Status reachable = check_version();
    if (!reachable) return report_unreachable(reachable.error());
    const Result<ServerTable> table = read_servers(session_);
    if (!table) return report_unreachable(table.error());
    const Result<bool> admin = check_level();
    if (!admin) return report_unreachable(admin.error());
    std::set<std::string> seen;
    for (const BalancedWorkload& workload : workloads_) {
      const std::string& backend = workload.balancer.backend;
      const auto known = table->backends.find(backend);
      if (!seen.insert(backend).second) {
        refuse(Code::kConflict, place(workload, "backend") + "'" + backend +
                                    "' is another workload's already: give each its own backend");
      } else if (known == table->backends.end()) {
        found_.refusals.push_back(no_such_backend(workload));
      } else if (trial_ && *admin) {
        try_backend(workload, known->second);
      } else if (!trial_ && known->second == "static-rr") {
        found_.warnings.push_back({Code::kInvalid, algorithm_remedy(backend, known->second)});
      }
    }
  }

  void refuse(Code code, std::string message) {
    found_.refusals.push_back({code, std::move(message)});
  }

  // Gone or hanging: it may come back. Anything else will not heal by itself.
  void report_unreachable(const Error& error) {
    const bool may_heal = error.code == Code::kUnavailable || error.code == Code::kTimeout;
    (may_heal ? found_.warnings : found_.refusals).push_back(error);
  }

  Status check_version() {
    const Result<std::string> answer = session_.ask("show info");
    if (!answer) return answer.error();
    const Result<HaproxyVersion> version = parse_version(*answer);
    if (!version) return session_.named(version.error());
    if (std::pair(version->major, version->minor) < std::pair(kOldestMajor, kOldestMinor)) {
      return Error{Code::kInvalid, "HAProxy at " + socket_ + " is version " + version->text +
                                       ": servers that are checked can be added at run time from "
                                       "2.6 on: install 2.6 or later"};
    }
    return Done{};
  }

  Result<bool> check_level() {
    const Result<std::string> answer = session_.ask("show cli level");
    if (!answer) return answer.error();
    const std::string level(trim_answer(*answer));
    if (level == "admin") return true;
    const Error error{Code::kDenied, "HAProxy at " + socket_ + " lets us in at level '" + level +
                                         "', and servers are added at level admin: write 'level "
                                         "admin' at its 'stats socket' line in haproxy.cfg"};
    (trial_ ? found_.refusals : found_.warnings).push_back(error);
    return false;
  }

  void try_backend(const BalancedWorkload& workload, const std::optional<std::string>& algorithm) {
    const Result<std::string> answer = trial_(session_, workload.balancer);
    if (!answer) return report_unreachable(answer.error());
    if (answer->find(kTrialKeyword) != std::string::npos) return;
    if (refuses_dynamic_servers(*answer)) {
      return refuse(Code::kInvalid, algorithm_remedy(workload.balancer.backend, algorithm));
    }
    refuse(Code::kInvalid, place(workload, "serverOptions") + "HAProxy refuses '" +
                               workload.balancer.server_options + "' for a server added at run " +
                               "time: " + std::string(trim_answer(*answer)));
  }

  const std::string& socket_;
  const std::vector<BalancedWorkload>& workloads_;
  const HaproxyTrial& trial_;
  RuntimeSession session_;
  HaproxyCheck found_;
};

}  // namespace

HaproxyCheck check_haproxy(const Config& config, const HaproxyTrial& trial) {
  HaproxyCheck found;
  const std::vector<BalancedSocket> sockets = balanced_sockets(config);
  for (const BalancedSocket& balanced : sockets) {
    for (const BalancedWorkload& workload : balanced.workloads) {
      for (Error& problem : check_workload(workload)) {
        found.refusals.push_back(std::move(problem));
      }
    }
  }
  // Nothing is sent that could be more than one command.
  if (!found.refusals.empty()) return found;
  std::vector<HaproxyCheck> checks(sockets.size());
  fan_out(sockets.size(), [&](size_t i) { checks[i] = SocketCheck(sockets[i], trial).run(); });
  for (HaproxyCheck& one : checks) {
    std::move(one.refusals.begin(), one.refusals.end(), std::back_inserter(found.refusals));
    std::move(one.warnings.begin(), one.warnings.end(), std::back_inserter(found.warnings));
  }
  return found;
}

}  // namespace autoscaler
