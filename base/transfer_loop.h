#pragma once

#include "base/transfer.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace autoscaler {

// Transfers at once: libcurl's multi interface driven by epoll on the calling thread, with kept
// connections. Only `wake` may be called by another thread.
class TransferLoop {
 public:
  // The transfer is out of the loop by then and may be started again from here. Its response is
  // whole where `code` is CURLE_OK.
  using Ended = std::function<void(std::unique_ptr<Transfer>, CURLcode code)>;

  // Hosts are divided over so many multi handles: libcurl 7.88 walks through all kept connections
  // of one after each transfer. With 5,000 of them and one handle, that is half of all CPU.
  explicit TransferLoop(Ended ended, size_t shards = 1);
  ~TransferLoop();
  TransferLoop(const TransferLoop&) = delete;
  TransferLoop& operator=(const TransferLoop&) = delete;

  // How many connections are kept open between transfers.
  void keep_connections(size_t at_least);
  // An idle handle, or a new one.
  std::unique_ptr<Transfer> take_idle();
  void put_idle(std::unique_ptr<Transfer> transfer);

  void start(std::unique_ptr<Transfer> transfer);
  // Waits for something to happen, `at_most` so long, and ends what has ended.
  void run_once(std::optional<std::chrono::nanoseconds> at_most);
  // Ends all of them with this code.
  void abort_all(CURLcode code);
  // Ends the one with the largest body, and says which cap it was.
  void abort_largest(const char* past_cap);
  void wake();

  size_t active() const { return active_.size(); }

 private:
  struct Shard {
    TransferLoop* loop = nullptr;
    uint32_t index = 0;
    CURLM* multi = nullptr;
    // When libcurl wants to be called.
    std::optional<std::chrono::steady_clock::time_point> timer;
  };

  void add_shard();
  int wait_in_ms(std::optional<std::chrono::nanoseconds> at_most) const;
  void fire_timers();
  void collect(const Shard& shard);
  void end(Transfer& transfer, CURLcode code);

  static int on_socket(CURL*, curl_socket_t socket, int what, void* user, void* known);
  static int on_timer(CURLM*, long timeout_ms, void* user);

  Ended ended_;
  std::vector<std::unique_ptr<Shard>> shards_;
  int epoll_ = -1;
  int wake_ = -1;
  size_t kept_connections_ = 0;
  std::vector<std::unique_ptr<Transfer>> idle_;
  std::vector<std::unique_ptr<Transfer>> active_;
};

}  // namespace autoscaler
