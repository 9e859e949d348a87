#pragma once

#include "base/check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <vector>

namespace autoscaler {

// One accepted connection, seen from a server that need not behave.
class RawConnection {
 public:
  explicit RawConnection(int fd) : fd_(fd) {}

  // Reads up to the empty line that ends a request; false at the end of the connection.
  bool read_request() { return read_past("\r\n\r\n"); }
  // The same for a protocol of one line a request.
  bool read_line() { return read_past("\n"); }
  const std::string& request() const { return request_; }
  // So many bytes of a body, or those that came before the connection ended.
  std::string read_bytes(size_t bytes) {
    char buffer[4096];
    while (received_.size() < bytes) {
      const ssize_t got = recv(fd_, buffer, sizeof buffer, 0);
      if (got <= 0) break;
      received_.append(buffer, static_cast<size_t>(got));
    }
    std::string body = received_.substr(0, bytes);
    received_.erase(0, body.size());
    return body;
  }
  int descriptor() const { return fd_; }

  // False once the other side is gone.
  bool send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  void wait_until_closed() {
    char buffer[4096];
    while (recv(fd_, buffer, sizeof buffer, 0) > 0) {
    }
  }
  // The close that follows sends RST instead of FIN.
  void reset() {
    const linger hard{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  }

 private:
  bool read_past(std::string_view end) {
    while (received_.find(end) == std::string::npos) {
      char buffer[4096];
      const ssize_t got = recv(fd_, buffer, sizeof buffer, 0);
      if (got <= 0) return false;
      received_.append(buffer, static_cast<size_t>(got));
    }
    request_ = received_.substr(0, received_.find(end) + end.size());
    received_.erase(0, request_.size());
    return true;
  }

  int fd_;
  std::string received_;
  std::string request_;
};

// A server on a free loopback port that runs `behave` on a thread for each connection and closes it
// when that returns. Destruction cuts every connection, so a behaviour that blocks ends.
class RawServer {
 public:
  using Behaviour = std::function<void(RawConnection&)>;

  explicit RawServer(Behaviour behave) : behave_(std::move(behave)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    CHECK(listen(listener_, 1024) == 0);
    socklen_t length = sizeof address;
    CHECK(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) == 0);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~RawServer() {
    stopping_ = true;
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const int fd : open_) shutdown(fd, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    close(listener_);
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  uint16_t port() const { return port_; }
  int accepted() const { return accepted_; }
  std::string url(const std::string& path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }

 private:
  void accept_all() {
    while (true) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (stopping_) {
        if (fd >= 0) close(fd);
        return;
      }
      if (fd < 0) continue;
      ++accepted_;
      const std::lock_guard lock(mutex_);
      open_.push_back(fd);
      threads_.emplace_back([this, fd] {
        RawConnection connection(fd);
        behave_(connection);
        const std::lock_guard closing(mutex_);
        std::erase(open_, fd);
        close(fd);
      });
    }
  }

  Behaviour behave_;
  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> accepted_ = 0;
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace autoscaler
