#pragma once

#include "base/check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <unistd.h>

namespace autoscaler {

// As tests/fakes/ports.py, and of the same blocks: no two tests get one port, and no connection
// takes it before it is used.
class PortBlocks {
 public:
  // The first of `count` in a row, at most 100, in which nobody listens.
  uint16_t take(int count) {
    for (;;) {
      if (next_ + count > end_) claim();
      const int first = next_;
      next_ += count;
      int port = first;
      while (port < next_ && is_free(uint16_t(port))) ++port;
      if (port == next_) return uint16_t(first);
    }
  }

 private:
  static constexpr int kFirst = 10000, kSize = 100, kBlocks = 220;

  // The socket that holds the block stays open until the process ends.
  void claim() {
    for (int turn = 0; turn < kBlocks; ++turn) {
      const int block = (::getpid() + turn) % kBlocks;
      const std::string name = "autoscaler-test-ports-" + std::to_string(block);
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      name.copy(address.sun_path + 1, name.size());  // a leading 0: the abstract namespace
      const auto size = socklen_t(offsetof(sockaddr_un, sun_path) + 1 + name.size());
      const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0) {
        next_ = kFirst + kSize * block;
        end_ = next_ + kSize;
        return;
      }
      ::close(fd);
    }
    CHECK(false);  // no block is free: other tests hang
  }

  static bool is_free(uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    return bound;
  }

  int next_ = 0;
  int end_ = 0;
};

// For one thread.
inline uint16_t free_ports(int count) {
  static PortBlocks blocks;
  return blocks.take(count);
}

inline uint16_t free_port() {
  return free_ports(1);
}

}  // namespace autoscaler
