#pragma once

#include "tests/base/raw_server.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>

namespace autoscaler {

// A service behind HAProxy: /healthz answers by `healthy`, /hold waits for `release`, and anything
// else is answered at once. Every answer carries the upstream's name.
class Upstream {
 public:
  explicit Upstream(std::string name)
      : name_(std::move(name)), server_([this](RawConnection& c) { serve(c); }) {}
  ~Upstream() { release(); }

  std::string address() const { return "127.0.0.1:" + std::to_string(server_.port()); }
  int served() const { return served_; }  // health checks are not counted
  int checked() const { return checked_; }
  std::atomic<bool> healthy = true;

  void release() {
    const std::lock_guard lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }
  void wait_until_holding() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return holding_; });
  }

 private:
  void serve(RawConnection& connection) {
    while (connection.read_request()) {
      const std::string& request = connection.request();
      const bool check = request.find(" /healthz ") != std::string::npos;
      const bool good = !check || healthy;
      if (check) {
        ++checked_;
      } else {
        ++served_;
      }
      if (request.find(" /hold ") != std::string::npos) hold();
      connection.send("HTTP/1.1 " + std::string(good ? "200 OK" : "503 Service Unavailable") +
                      "\r\nX-Upstream: " + name_ + "\r\nContent-Length: 0\r\n\r\n");
    }
  }

  void hold() {
    std::unique_lock lock(mutex_);
    holding_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return released_; });
  }

  const std::string name_;
  std::atomic<int> served_ = 0;
  std::atomic<int> checked_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool holding_ = false;
  bool released_ = false;
  RawServer server_;  // last: its threads use all of the above
};

}  // namespace autoscaler
