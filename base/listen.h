#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>

namespace autoscaler {

// A TCP socket that listens, and whether it speaks IPv6. The caller closes it.
struct Listener {
  int fd;
  bool v6;
};

// `address` is an IPv4 or IPv6 address; "::" is every address of both kinds, whatever the host's
// default (bindv6only) says, and on a host without IPv6 every IPv4 address. Port 0 is any free one.
// With SO_REUSEADDR, so that a restart need not wait for old connections in TIME_WAIT, and without
// SO_REUSEPORT, which would let a second copy of the program share the port in silence. Errors:
// kConflict (port taken), kDenied, kInvalid (no such address), kExhausted, kUnavailable.
Result<Listener> listen_on(const std::string& address, uint16_t port);

}  // namespace autoscaler
