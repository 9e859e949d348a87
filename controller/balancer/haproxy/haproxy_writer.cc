#include "controller/balancer/haproxy/haproxy_writer.h"

#include "base/fan_out.h"
#include "controller/crash_point.h"

#include <algorithm>
#include <map>

namespace autoscaler {
namespace {

// Letters that HAProxy takes in names; above all, none that would begin another command.
bool is_name(const std::string& text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == ':';
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

std::string add_command(const HaproxyBalancer& balancer, const std::string& server,
                        const std::string& address) {
  // One passed check is enough to be UP: it was healthy before it was given to HAProxy. A server
  // that is down is asked five times as often, so that it is found quickly; one that is up is
  // declared down after HAProxy's three failures. Options of the user come last, and win.
  const auto interval = balancer.check_interval;
  const auto when_down = std::max(interval / 5, Duration{1});
  std::string command = "add server " + server + " " + address + " check inter " +
                        std::to_string(interval.count()) + "ms downinter " +
                        std::to_string(when_down.count()) + "ms rise 1";
  if (!balancer.server_options.empty()) command += " " + balancer.server_options;
  return command;
}

// The changes to one server, told what it is now.
class ServerChange {
 public:
  ServerChange(RuntimeSession& session, const HaproxyBalancer& balancer, const InstanceId& instance,
               const Server* found)
      : session_(session),
        balancer_(balancer),
        server_(balancer.backend + "/" + balancer.server_prefix + instance),
        found_(found) {}

  Status attach(const std::string& wanted) {
    const Result<std::string> address = server_address(wanted);
    if (!address) return address.error();
    if (found_ != nullptr && found_->state.address != *address) {
      if (Status removed = detach(); !removed) return removed;
      found_ = nullptr;
    }
    if (found_ == nullptr) {
      if (Status added = session_.change(add_command(balancer_, server_, *address)); !added) {
        return added;
      }
      crash_point("attach", "added");
      return leave_maintenance();
    }
    if (found_->state.maintenance) return leave_maintenance();
    if (!found_->state.draining) return Done{};
    if (found_->state.checked) return session_.change(set("state ready"));
    return session_.change(set("health down") + ";" + set("state ready"));
  }

  Status drain() {
    const bool taking = found_ != nullptr && !found_->state.maintenance && !found_->state.draining;
    return taking ? session_.change(set("state drain")) : Status(Done{});
  }

  Status detach() {
    if (found_ == nullptr) return Done{};
    if (!found_->state.maintenance) {
      if (Status out = session_.change(set("state maint")); !out) return ignore_gone(out);
      crash_point("detach", "maintained");
    }
    Status deleted = delete_server();
    if (deleted || deleted.error().code != Code::kConflict) return deleted;
    // Entering maintenance closes the idle connections that HAProxy keeps to the server. One whose
    // request was in flight just then joins them later, and would keep the server for as long as
    // the pool does: enter maintenance again, by way of drain, which takes no traffic either.
    if (!found_->state.maintenance || found_->sessions > 0) return deleted;
    if (Status again = session_.change(set("state drain") + ";" + set("state maint")); !again) {
      return ignore_gone(again);
    }
    return delete_server();
  }

 private:
  std::string set(const char* what) const { return "set server " + server_ + " " + what; }

  Status delete_server() { return ignore_gone(session_.change("del server " + server_)); }

  // Somebody was quicker: a reload, or an operator.
  static Status ignore_gone(Status status) {
    if (!status && status.error().code == Code::kNotFound) return Done{};
    return status;
  }

  Status leave_maintenance() {
    if (Status checking = session_.change("enable health " + server_); !checking) return checking;
    crash_point("attach", "checked");
    return session_.change(set("state drain") + ";" + set("health down") + ";" +
                           set("state ready"));
  }

  RuntimeSession& session_;
  const HaproxyBalancer& balancer_;
  const std::string server_;
  const Server* found_;
};

// One HAProxy's part of a batch: what it looked like at the first change, and the connection rule.
class SocketBatch {
 public:
  explicit SocketBatch(RuntimeSession session) : session_(std::move(session)) {}

  // `result` names the change, and is told what became of it when the batch is run.
  void add(const BalancedWorkload& workload, ChangeResult& result) {
    parts_.emplace_back(&workload, &result);
  }
  bool empty() const { return parts_.empty(); }

  void run() {
    for (const auto& [workload, result] : parts_) {
      Status applied = apply(*workload, result->change);
      if (!applied) result->error = applied.error();
    }
  }

 private:
  Status apply(const BalancedWorkload& workload, const Change& change) {
    const HaproxyBalancer& balancer = workload.balancer;
    const InstanceId& instance = change_instance(change);
    const std::string name = balancer.server_prefix + instance;
    if (!is_name(name) || !is_name(balancer.backend)) {
      return Error{Code::kInvalid, "'" + balancer.backend + "/" + name +
                                       "' is not a server's name in HAProxy: letters, digits and "
                                       "_ - . : are"};
    }
    if (!servers_) servers_ = read_servers(session_);
    const Result<ServerTable>& table = *servers_;
    if (!table) return table.error();
    if (!table->backends.contains(balancer.backend)) return no_such_backend(workload);

    ServerChange server(session_, balancer, instance, table->find(balancer.backend, name));
    if (const auto* attach = std::get_if<Attach>(&change)) return server.attach(attach->address);
    return std::holds_alternative<Drain>(change) ? server.drain() : server.detach();
  }

  RuntimeSession session_;
  std::vector<std::pair<const BalancedWorkload*, ChangeResult*>> parts_;
  std::optional<Result<ServerTable>> servers_;
};

bool is_balancer_change(const Change& change) {
  return std::holds_alternative<Attach>(change) || std::holds_alternative<Drain>(change) ||
         std::holds_alternative<Detach>(change);
}

}  // namespace

std::vector<ChangeResult> HaproxyWriter::apply(std::span<const Change> changes, Instant) {
  std::map<WorkloadId, std::pair<const BalancedWorkload*, size_t>> targets;
  std::vector<SocketBatch> batches;
  for (const BalancedSocket& balanced : sockets_) {
    for (const BalancedWorkload& workload : balanced.workloads) {
      targets[workload.workload] = {&workload, batches.size()};
    }
    batches.emplace_back(open_session(balanced));
  }
  std::vector<ChangeResult> results;
  for (const Change& change : changes) results.push_back({.change = change});
  for (ChangeResult& result : results) {
    CHECK(is_balancer_change(result.change));
    const auto target = targets.find(change_workload(result.change));
    CHECK(target != targets.end());
    const auto [workload, batch] = target->second;
    batches[batch].add(*workload, result);
  }
  std::erase_if(batches, [](const SocketBatch& batch) { return batch.empty(); });
  fan_out(batches.size(), [&](size_t i) { batches[i].run(); });
  return results;
}

HaproxyCheck HaproxyWriter::check() const {
  // A server that can never be: the keyword at its end is not one of HAProxy's.
  return check_haproxy(config_, [](RuntimeSession& session, const HaproxyBalancer& balancer) {
    const std::string server = balancer.backend + "/" + balancer.server_prefix + "trial";
    return session.ask(add_command(balancer, server, "127.0.0.1:1") + " " + kTrialKeyword);
  });
}

}  // namespace autoscaler
