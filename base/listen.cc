#include "base/listen.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace autoscaler {
namespace {

Error listen_error(int number, const std::string& address, uint16_t port) {
  std::string what = "cannot listen on " + address + ":" + std::to_string(port) + ": ";
  switch (number) {
    case EADDRINUSE: return {Code::kConflict, what + "the port is taken by another process"};
    case EACCES:
      return {Code::kDenied, what + "ports below 1024 need root or CAP_NET_BIND_SERVICE"};
    case EADDRNOTAVAIL:
      return {Code::kInvalid, what + "no interface of this host has that address"};
    case EMFILE:
    case ENFILE: return {Code::kExhausted, what + std::strerror(number)};
    default: return {Code::kUnavailable, what + std::strerror(number)};
  }
}

}  // namespace

Result<Listener> listen_on(const std::string& address, uint16_t port) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  bool is_v4 = inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1;
  bool is_v6 = !is_v4 && inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1;
  if (!is_v4 && !is_v6) return Error{Code::kInvalid, "'" + address + "' is not an IP address"};

  auto* to = is_v4 ? reinterpret_cast<sockaddr*>(&v4) : reinterpret_cast<sockaddr*>(&v6);
  auto size = static_cast<socklen_t>(is_v4 ? sizeof(v4) : sizeof(v6));
  const bool every = address == "::";
  int fd = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 && errno == EAFNOSUPPORT && every) return listen_on("0.0.0.0", port);
  if (fd < 0) return listen_error(errno, address, port);
  const int on = 1;
  const int off = 0;
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      (every && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) != 0) ||
      bind(fd, to, size) != 0 || listen(fd, SOMAXCONN) != 0) {
    int number = errno;
    close(fd);
    return listen_error(number, address, port);
  }
  return Listener{fd, is_v6};
}

}  // namespace autoscaler
