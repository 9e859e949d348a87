#pragma once

#include "controller/balancer/haproxy/haproxy_reader.h"
#include "controller/balancer/haproxy/haproxy_writer.h"
#include "tests/fakes/eventually.h"
#include "tests/fakes/haproxy_process.h"

#include <optional>
#include <string>
#include <vector>

namespace autoscaler {

inline WorkloadConfig behind_haproxy(const std::string& workload, const std::string& socket,
                                     const std::string& backend) {
  WorkloadConfig config;
  config.spec.name = workload;
  config.balancer = HaproxyBalancer{.socket = socket,
                                    .backend = backend,
                                    .server_prefix = "as-",
                                    .check_interval = std::chrono::milliseconds(100),
                                    .server_options = "",
                                    .timeout = std::chrono::seconds(5)};
  return config;
}

// One workload "shop" before backend "app" of a real HAProxy.
class BalancedShop {
 public:
  explicit BalancedShop(const std::string& backend_lines = kLines,
                        const HaproxyBalancer& options = {})
      : haproxy(HaproxyProcess::frontend_and_backend(backend_lines)),
        config(config_of(haproxy.socket(), options)),
        reader(config),
        writer(config) {}

  static constexpr const char* kLines = "balance leastconn\n  option httpchk GET /healthz";

  // What became of one change; nullopt is success.
  std::optional<Error> apply(Change change) {
    const Change changes[] = {std::move(change)};
    return writer.apply(changes, now).at(0).error;
  }
  std::optional<Error> attach(const InstanceId& id, const std::string& address) {
    return apply(Attach{"shop", id, address});
  }
  std::optional<Error> drain(const InstanceId& id) { return apply(Drain{"shop", id}); }
  std::optional<Error> detach(const InstanceId& id) { return apply(Detach{"shop", id}); }

  std::optional<BackendObservation> see(const InstanceId& id) {
    for (BackendObservation& backend : reader.observe(now).backends) {
      if (backend.instance == id) return backend;
    }
    return std::nullopt;
  }
  bool is(const InstanceId& id, BackendObservation::State state) {
    const auto seen = see(id);
    return seen && seen->state == state;
  }
  bool becomes(const InstanceId& id, BackendObservation::State state) {
    return eventually([&] { return is(id, state); });
  }
  bool attach_until_up(const InstanceId& id, const std::string& address) {
    return !attach(id, address) && becomes(id, BackendObservation::State::kUp);
  }

  const Instant now{};
  HaproxyProcess haproxy;
  const Config config;
  HaproxyReader reader;
  HaproxyWriter writer;

 private:
  static Config config_of(const std::string& socket, const HaproxyBalancer& options) {
    Config all;
    all.workloads.push_back(behind_haproxy("shop", socket, "app"));
    all.workloads[0].balancer->server_options = options.server_options;
    return all;
  }
};

}  // namespace autoscaler
