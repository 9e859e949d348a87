#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <poll.h>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace autoscaler {

// A client that sends exactly the bytes it is told to, on a blocking socket. No read waits for more
// than 20 s.
class RawClient {
 public:
  explicit RawClient(uint16_t port, int receive_buffer = 0) : RawClient() {
    if (receive_buffer > 0) {
      setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    }
    connected_ = connect_to(port);
  }
  RawClient() : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    timeval limit{.tv_sec = 20, .tv_usec = 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  }
  ~RawClient() { leave(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  RawClient(RawClient&& from) noexcept
      : fd_(std::exchange(from.fd_, -1)),
        connected_(from.connected_),
        rest_(std::move(from.rest_)) {}

  bool connect_to(uint16_t port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0;
  }
  bool connected() const { return connected_; }
  void leave() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }
  void finish_sending() { shutdown(fd_, SHUT_WR); }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n < 0) return false;
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  }

  // All there is until the server closes; nothing if it does not within 20 s. A reset ends it too.
  std::optional<std::string> read_to_end() {
    while (more()) {
    }
    if (errno == EAGAIN) return std::nullopt;
    return std::exchange(rest_, {});
  }

  // Header and body of one response with a Content-Length. A shorter one: what came.
  std::string read_response(bool with_body = true) {
    size_t end = std::string::npos;
    while ((end = rest_.find("\r\n\r\n")) == std::string::npos) {
      if (!more()) return std::exchange(rest_, {});
    }
    size_t size = end + 4;
    constexpr std::string_view kLength = "Content-Length: ";
    size_t length = rest_.find(kLength);
    if (with_body && length < end) {
      size += std::strtoul(rest_.c_str() + length + kLength.size(), nullptr, 10);
    }
    while (rest_.size() < size && more()) {
    }
    std::string response = rest_.substr(0, size);
    rest_.erase(0, response.size());
    return response;
  }

  // Whether bytes or the end of the connection arrive before that.
  bool hears_within(std::chrono::milliseconds patience) const {
    pollfd one{.fd = fd_, .events = POLLIN, .revents = 0};
    return poll(&one, 1, static_cast<int>(patience.count())) != 0;
  }

  // A request on this connection, and its response.
  std::string get(const std::string& target, const std::string& extra_headers = "") {
    send("GET " + target + " HTTP/1.1\r\nHost: test\r\n" + extra_headers + "\r\n");
    return read_response();
  }

 private:
  bool more() {
    char bytes[16384];
    errno = 0;
    ssize_t n = recv(fd_, bytes, sizeof(bytes), 0);
    if (n > 0) rest_.append(bytes, static_cast<size_t>(n));
    return n > 0;
  }

  int fd_;
  bool connected_ = false;
  std::string rest_;
};

}  // namespace autoscaler
