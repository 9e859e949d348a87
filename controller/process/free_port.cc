#include "controller/process/free_port.h"

#include <sys/socket.h>

#include <memory>
#include <netdb.h>
#include <unistd.h>

namespace autoscaler {
namespace {

// Bound and let go again: nothing is ever accepted on it. With SO_REUSEADDR, as servers have it,
// old connections in TIME_WAIT are no hindrance, a listening socket is.
bool can_bind(const addrinfo& address) {
  const int fd = socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const bool bound = bind(fd, address.ai_addr, address.ai_addrlen) == 0;
  close(fd);
  return bound;
}

}  // namespace

Result<uint16_t> choose_free_port(const std::string& host, uint16_t first, uint16_t last,
                                  uint16_t last_used, const std::set<uint16_t>& ours) {
  CHECK(first > 0 && first <= last);
  const uint32_t count = uint32_t{last} - first + 1;
  const bool inside = last_used >= first && last_used <= last;
  const uint32_t offset = inside ? uint32_t{last_used} - first + 1 : 0;
  uint32_t taken_by_us = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const auto port = static_cast<uint16_t>(first + (offset + i) % count);
    if (ours.contains(port)) {
      ++taken_by_us;
      continue;
    }
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    if (const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found)) {
      return Error{Code::kInvalid, "host '" + host + "': " + gai_strerror(error)};
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, freeaddrinfo);
    if (can_bind(*addresses)) return port;
  }
  return Error{Code::kExhausted, "no free port in " + std::to_string(first) + "-" +
                                     std::to_string(last) + ": " + std::to_string(taken_by_us) +
                                     " taken by our instances, " +
                                     std::to_string(count - taken_by_us) + " by others"};
}

}  // namespace autoscaler
