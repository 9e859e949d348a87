#include "controller/pacing.h"

#include "base/check.h"
#include "base/deaf_thread.h"

#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include <csignal>
#include <iterator>
#include <poll.h>
#include <unistd.h>

namespace autoscaler {

StopSignals::StopSignals() {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);  // a closed terminal; a new config needs no signal
  CHECK(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
  descriptor_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  CHECK(descriptor_ >= 0);
  woken_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  over_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  CHECK(woken_ >= 0 && over_ >= 0);
  watcher_ = start_deaf_thread([this] { watch(); });
  CHECK(watcher_.joinable());
}

StopSignals::~StopSignals() {
  eventfd_write(over_, 1);
  watcher_.join();
  for (const int descriptor : {descriptor_, woken_, over_}) close(descriptor);
}

// Leaves the signal for `wait`.
void StopSignals::watch() {
  pollfd ready[] = {{.fd = descriptor_, .events = POLLIN, .revents = 0},
                    {.fd = over_, .events = POLLIN, .revents = 0}};
  while (poll(ready, std::size(ready), -1) < 0) {
  }
  if (ready[0].revents != 0) stop_.request_stop();
}

void StopSignals::wake() {
  const eventfd_t once = 1;
  eventfd_write(woken_, once);  // fails only where it is woken four billion times already
}

bool StopSignals::wait(std::chrono::nanoseconds span) {
  timespec timeout{.tv_sec = 0, .tv_nsec = 0};
  if (span.count() > 0) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(span);
    timeout.tv_sec = whole.count();
    timeout.tv_nsec = (span - whole).count();
  }
  pollfd ready[] = {{.fd = descriptor_, .events = POLLIN, .revents = 0},
                    {.fd = woken_, .events = POLLIN, .revents = 0}};
  if (ppoll(ready, std::size(ready), &timeout, nullptr) <= 0) return false;
  eventfd_t times = 0;
  eventfd_read(woken_, &times);
  signalfd_siginfo signal{};
  if (read(descriptor_, &signal, sizeof signal) <= 0) return false;
  stop_.request_stop();
  return true;
}

}  // namespace autoscaler
