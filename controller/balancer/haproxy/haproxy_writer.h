#pragma once

#include "controller/balancer/haproxy/haproxy_check.h"
#include "controller/balancer/haproxy/runtime_session.h"
#include "controller/config/config.h"
#include "controller/load_balancer.h"

namespace autoscaler {

// Adds, drains and deletes servers over HAProxy's Runtime API: every command that changes anything
// is here. Needs `level admin`. Touches no server without its workload's prefix.
//
//   (none) --add--> maintenance --check on--> draining --health down, ready--> DOWN --check--> UP
//   UP <--ready-- draining <--drain-- UP       draining --> maintenance --del, when free--> (none)
//
// `enable server` alone would send traffic at once: HAProxy takes a server that leaves maintenance
// for healthy until its first check fails. So it leaves maintenance into drain, which takes no
// traffic, is declared down there, and has to earn UP by a check of HAProxy's own.
class HaproxyWriter : public BalancerWriter {
 public:
  explicit HaproxyWriter(const Config& config)
      : config_(config), sockets_(balanced_sockets(config)) {}

  // The changes on one socket are made in their order, those on different ones at the same time: a
  // HAProxy that hangs holds up its own alone. Results are in the order of the changes.
  // Attach: done when the commands are; UP follows the server's own check, within a check interval.
  //   A draining server is made ready again. One that has another address is taken out first
  //   (kConflict until it is free).
  // Drain: done too where there is no such server, or it is in maintenance already.
  // Detach: kConflict while a connection is attached; to be asked again at the next tick. It never
  //   cuts a connection, not even past the drain deadline.
  // Other errors: kNotFound (no such backend), kDenied (level), kInvalid (an option or address that
  // HAProxy refuses), and those of send_command.
  std::vector<ChangeResult> apply(std::span<const Change> changes, Instant now) override;

  // check_haproxy, and what only somebody who may add servers can find out.
  HaproxyCheck check() const;

 private:
  const Config& config_;
  std::vector<BalancedSocket> sockets_;
};

}  // namespace autoscaler
