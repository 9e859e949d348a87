#include "base/command_socket.h"

#include "base/descriptor.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <poll.h>
#include <system_error>
#include <unistd.h>

namespace autoscaler {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

struct Endpoint {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

std::string error_text(int number) {
  return std::generic_category().message(number);
}

Result<Endpoint> unix_endpoint(const std::string& path) {
  Endpoint endpoint;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  // The kernel's limit is 107 characters and a terminator; a longer path would be cut in silence.
  if (path.size() >= sizeof(address.sun_path)) {
    return Error{Code::kInvalid, "socket path '" + path + "' is longer than " +
                                     std::to_string(sizeof(address.sun_path) - 1) +
                                     " characters, the system's limit: use a shorter one"};
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  std::memcpy(&endpoint.storage, &address, sizeof(address));
  endpoint.size = sizeof(address);
  return endpoint;
}

// Host names are not looked up: a resolver cannot be held to a deadline.
Result<Endpoint> tcp_endpoint(const std::string& text) {
  const Error invalid{Code::kInvalid, "socket address '" + text +
                                          "' is neither a path with a '/' nor an IP address and "
                                          "port: write /run/haproxy.sock, 127.0.0.1:9999 or "
                                          "[::1]:9999"};
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return invalid;
  std::string host = text.substr(0, colon);
  const char* const digits = text.data() + colon + 1;
  const char* const end = text.data() + text.size();
  uint16_t port = 0;
  const auto parsed = std::from_chars(digits, end, port);
  if (parsed.ec != std::errc() || parsed.ptr != end || port == 0) return invalid;

  if (host == "localhost") host = "127.0.0.1";
  Endpoint endpoint;
  sockaddr_in v4{};
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&endpoint.storage, &v4, sizeof(v4));
    endpoint.size = sizeof(v4);
    return endpoint;
  }
  sockaddr_in6 v6{};
  if (host.size() > 2 && host.front() == '[' && host.back() == ']' &&
      ::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&endpoint.storage, &v6, sizeof(v6));
    endpoint.size = sizeof(v6);
    return endpoint;
  }
  return invalid;
}

class Conversation {
 public:
  Conversation(const std::string& address, std::chrono::milliseconds deadline)
      : address_(address), deadline_(deadline), end_(std::chrono::steady_clock::now() + deadline) {}

  Result<std::string> run(const Endpoint& endpoint, std::string_view command, size_t max_bytes) {
    const Descriptor socket(
        ::socket(endpoint.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (socket.get() < 0) {
      return Error{Code::kExhausted,
                   "cannot make a socket for " + address_ + ": " + error_text(errno)};
    }
    if (Status connected = connect(socket.get(), endpoint); !connected) return connected.error();
    if (Status sent = send(socket.get(), command); !sent) return sent.error();
    return receive(socket.get(), max_bytes);
  }

 private:
  Error timeout(const char* doing) const {
    return {Code::kTimeout, address_ + ": no end of " + doing + " within " +
                                std::to_string(deadline_.count()) +
                                " ms: is the program behind it stopped or overloaded?"};
  }

  Error broken(int number) const {
    return {Code::kUnavailable, address_ + ": connection lost (" + error_text(number) + ")"};
  }

  Error refused(int number) const {
    const std::string why = "cannot connect to " + address_ + ": " + error_text(number);
    switch (number) {
      case ENOENT:
      case ECONNREFUSED:
      case ENOTSOCK:
        return {Code::kUnavailable,
                why + ": is it running, with 'stats socket " +
                    (address_.find('/') == std::string::npos ? "ipv4@" + address_ : address_) +
                    " level admin' in the global section of its haproxy.cfg?"};
      case EACCES:
      case EPERM:
        return {Code::kDenied, why + ": run as a user who may write to it, or give 'stats socket " +
                                   address_ + " mode 660 group GROUP level admin'"};
      case EAGAIN:
        return {Code::kUnavailable, why +
                                        ": its queue of waiting connections is full: is the "
                                        "program behind it stopped or overloaded?"};
      default: return {Code::kUnavailable, why};
    }
  }

  Status wait(int fd, int16_t events, const char* doing) const {
    while (true) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
      if (left.count() <= 0) return timeout(doing);
      pollfd poll_on{fd, events, 0};
      const int ready = ::poll(&poll_on, 1, static_cast<int>(left.count()));
      if (ready > 0) return Done{};
      if (ready < 0 && errno != EINTR) return broken(errno);
    }
  }

  Status connect(int fd, const Endpoint& endpoint) const {
    sockaddr_storage storage = endpoint.storage;
    if (::connect(fd, reinterpret_cast<sockaddr*>(&storage), endpoint.size) == 0) return Done{};
    if (errno != EINPROGRESS && errno != EINTR) return refused(errno);
    if (Status writable = wait(fd, POLLOUT, "connecting"); !writable) return writable;
    int number = 0;
    socklen_t size = sizeof(number);
    if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &size) != 0) number = errno;
    if (number != 0) return refused(number);
    return Done{};
  }

  Status send(int fd, std::string_view command) const {
    std::string line(command);
    line += '\n';
    for (size_t sent = 0; sent < line.size();) {
      const ssize_t n = ::send(fd, line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
      if (n >= 0) {
        sent += static_cast<size_t>(n);
      } else if (errno == EAGAIN) {
        if (Status writable = wait(fd, POLLOUT, "sending"); !writable) return writable;
      } else if (errno != EINTR) {
        return broken(errno);
      }
    }
    return Done{};
  }

  Result<std::string> receive(int fd, size_t max_bytes) const {
    std::string answer;
    char buffer[64 << 10];
    while (true) {
      const ssize_t n = ::recv(fd, buffer, sizeof(buffer), 0);
      if (n > 0) {
        if (answer.size() + static_cast<size_t>(n) > max_bytes) {
          return Error{Code::kTooLarge,
                       address_ + ": the answer is over " + std::to_string(max_bytes) + " bytes"};
        }
        answer.append(buffer, static_cast<size_t>(n));
        // A peer that never stops sending is held to the deadline too.
        if (std::chrono::steady_clock::now() >= end_) return timeout("the answer");
      } else if (n == 0) {
        // Even a command with nothing to say is answered with an empty line.
        if (answer.empty()) {
          return Error{Code::kUnavailable, address_ + ": closed the connection without an answer"};
        }
        return answer;
      } else if (errno == EAGAIN) {
        if (Status readable = wait(fd, POLLIN, "the answer"); !readable) return readable.error();
      } else if (errno != EINTR) {
        return broken(errno);
      }
    }
  }

  const std::string& address_;
  const std::chrono::milliseconds deadline_;
  const SteadyTime end_;
};

}  // namespace

Result<std::string> send_command(const std::string& address, std::string_view command,
                                 std::chrono::milliseconds deadline, size_t max_answer_bytes) {
  const Result<Endpoint> endpoint =
      address.find('/') != std::string::npos ? unix_endpoint(address) : tcp_endpoint(address);
  if (!endpoint) return endpoint.error();
  return Conversation(address, deadline).run(*endpoint, command, max_answer_bytes);
}

}  // namespace autoscaler
