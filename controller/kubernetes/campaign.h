#pragma once

#include "controller/kubernetes/lease.h"

#include <memory>
#include <thread>

namespace autoscaler {

// A lease that is sought and kept on a thread of its own, so that a tick that takes long does not
// cost it. With an API client of its own.
class Campaign {
 public:
  // Begins at once. An empty spec.name_space is that of `access`.
  Campaign(ApiAccess access, ApiSettings settings, LeaseSpec spec,
           std::function<Lease::Nanoseconds()> elapsed, std::function<Instant()> wall);
  ~Campaign() { resign(); }
  Campaign(const Campaign&) = delete;
  Campaign& operator=(const Campaign&) = delete;

  const Lease& lease() const { return lease_; }

  // Ceases to lead and gives the lease up. Nothing follows.
  void resign();

 private:
  void run(const std::stop_token& stop);

  ApiClient client_;
  Lease lease_;
  std::jthread thread_;
};

}  // namespace autoscaler
