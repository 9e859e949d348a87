#pragma once

#include "controller/balancer/haproxy/runtime_session.h"
#include "controller/config/config.h"
#include "controller/load_balancer.h"

namespace autoscaler {

// Watches HAProxy over its Runtime API, at any level of permission. Lists the servers that carry
// their workload's prefix, and no others.
class HaproxyReader : public BalancerReader {
 public:
  explicit HaproxyReader(const Config& config) : sockets_(balanced_sockets(config)) {}

  // All sockets are asked at the same time, so that those that hang cost one timeout together.
  // A backend that HAProxy does not have makes its workload unreachable: whether it has servers of
  // ours elsewhere cannot be known.
  BalancerObservation observe(Instant now) override;

 private:
  std::vector<BalancedSocket> sockets_;
};

}  // namespace autoscaler
