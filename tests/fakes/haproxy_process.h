#pragma once

#include "tests/fakes/temp_directory.h"

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace autoscaler {

// A free TCP port on loopback, kept from others by a socket that is bound and does not listen. One
// that listens with SO_REUSEPORT, as HAProxy does, shares it.
class ReservedPort {
 public:
  ReservedPort();
  ~ReservedPort();
  ReservedPort(const ReservedPort&) = delete;
  ReservedPort& operator=(const ReservedPort&) = delete;
  uint16_t port() const { return port_; }

 private:
  int fd_;
  uint16_t port_ = 0;
};

// A real HAProxy in a directory of its own, with a frontend on a free loopback port and a Runtime
// API; killed at the end.
class HaproxyProcess {
 public:
  // The sections after `global` and `defaults` (mode http, timeouts). {port} stands for the
  // frontend's port. Returns once HAProxy answers.
  explicit HaproxyProcess(std::string sections, const std::string& level = "admin");
  // One frontend before one backend "app" that has these lines.
  static std::string frontend_and_backend(std::string_view backend_lines = "balance leastconn");
  ~HaproxyProcess();
  HaproxyProcess(const HaproxyProcess&) = delete;
  HaproxyProcess& operator=(const HaproxyProcess&) = delete;

  const std::string& socket() const { return socket_; }
  uint16_t port() const { return port_.port(); }

  // Starts again with what it was given at first: servers added at run time are gone.
  void start();
  void stop();    // killed; the socket's file stays, as after a crash
  void pause();   // SIGSTOP: it takes connections, and answers none
  void resume();  // SIGCONT

  // The answer to a command of the Runtime API.
  std::string ask(std::string_view command) const;

 private:
  TempDirectory directory_;
  ReservedPort port_;
  std::string socket_;
  std::string config_file_;
  pid_t pid_ = 0;
};

}  // namespace autoscaler
