#pragma once

#include "base/check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <string>
#include <string_view>
#include <unistd.h>
#include <unordered_map>

namespace autoscaler {

// A server in a process of its own, so that its CPU is not ours: every request of a kept connection
// gets the same page. It listens on all loopback addresses, 127.0.0.1 to 127.255.255.254, so that
// one server is as many hosts as are wanted.
class PageServer {
 public:
  explicit PageServer(const std::string& page) {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    CHECK(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    CHECK(listen(listener, 4096) == 0);
    socklen_t length = sizeof address;
    CHECK(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) == 0);
    port_ = ntohs(address.sin_port);
    child_ = fork();
    CHECK(child_ >= 0);
    if (child_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      serve(listener,
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
            "Content-Length: " +
                std::to_string(page.size()) + "\r\n\r\n" + page);
    }
    close(listener);
  }
  ~PageServer() {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }
  PageServer(const PageServer&) = delete;
  PageServer& operator=(const PageServer&) = delete;

  std::string url(int host) const {
    return "http://127.0." + std::to_string(1 + host / 250) + "." + std::to_string(1 + host % 250) +
           ":" + std::to_string(port_) + "/metrics";
  }

 private:
  struct Connection {
    std::string received;
    size_t to_send = 0;  // of the answers that are due
  };

  [[noreturn]] static void serve(int listener, const std::string& answer) {
    const int epoll = epoll_create1(0);
    add(epoll, listener);
    std::unordered_map<int, Connection> connections;
    std::array<epoll_event, 256> events;
    while (true) {
      const int ready = epoll_wait(epoll, events.data(), events.size(), -1);
      for (int i = 0; i < ready; ++i) {
        const int fd = events[static_cast<size_t>(i)].data.fd;
        if (fd == listener) {
          accept_all(epoll, listener);
        } else if (!go_on(fd, connections[fd], answer)) {
          connections.erase(fd);
          close(fd);
        }
      }
    }
  }

  static void accept_all(int epoll, int listener) {
    while (true) {
      const int accepted = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
      if (accepted < 0) return;
      const int on = 1;
      setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      add(epoll, accepted);
    }
  }

  static void add(int epoll, int fd) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.fd = fd;
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  }

  // False at the end of the connection.
  static bool go_on(int fd, Connection& connection, const std::string& answer) {
    std::array<char, 4096> buffer;
    ssize_t got = 0;
    while ((got = read(fd, buffer.data(), buffer.size())) > 0) {
      connection.received.append(buffer.data(), static_cast<size_t>(got));
    }
    if (got == 0) return false;
    size_t end = 0;
    while ((end = connection.received.find("\r\n\r\n")) != std::string::npos) {
      connection.received.erase(0, end + 4);
      connection.to_send += answer.size();
    }
    while (connection.to_send > 0) {
      const size_t begin = (answer.size() - connection.to_send % answer.size()) % answer.size();
      const ssize_t sent = send(fd, answer.data() + begin, answer.size() - begin, MSG_NOSIGNAL);
      if (sent <= 0) return true;
      connection.to_send -= static_cast<size_t>(sent);
    }
    return true;
  }

  uint16_t port_ = 0;
  pid_t child_ = -1;
};

}  // namespace autoscaler
