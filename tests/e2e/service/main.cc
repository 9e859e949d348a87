// sample-service: a small HTTP server with a stated capacity, for the demo and the tests.

#include "base/deaf_thread.h"
#include "tests/e2e/service/service.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <thread>
#include <unistd.h>

namespace autoscaler::e2e {
namespace {

// True when told to end, false when `limit` passed before that. SIGUSR1 breaks the metrics page.
bool wait_for_end(const sigset_t& signals, Duration limit, Service& service) {
  auto until = std::chrono::steady_clock::now() + limit;
  while (true) {
    Duration left = until - std::chrono::steady_clock::now();
    if (left < Duration(0)) return false;
    timespec wait{.tv_sec = left.count() / 1'000'000'000, .tv_nsec = left.count() % 1'000'000'000};
    const int signal = sigtimedwait(&signals, nullptr, &wait);
    if (signal == SIGUSR1) service.break_metrics();
    if (signal > 0 && signal != SIGUSR1) return true;
  }
}

int serve(const ServiceFlags& flags) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  Timeline timeline;
  Service service(flags, timeline);
  auto server =
      HttpServer::start({.address = flags.address,
                         .port = flags.port,
                         .idle = std::chrono::minutes(1),
                         .connections = 10'000},
                        [&service](const HttpRequest& request, const HttpServer::Reply& reply) {
                          service.handle(request, reply);
                        });
  if (!server) {
    std::fprintf(stderr, "sample-service: %s\n", server.error().message.c_str());
    return 1;
  }
  std::thread answering = start_deaf_thread([&timeline] { timeline.run(); });
  if (!answering.joinable()) return 1;
  std::printf("listening on %s:%d\n", flags.address.c_str(), (*server)->port());
  std::fflush(stdout);

  constexpr Duration kForever = std::chrono::hours(24 * 365);
  if (!wait_for_end(signals, flags.exit_after.value_or(kForever), service)) _exit(1);
  service.terminate();
  if (flags.linger > Duration(0)) wait_for_end(signals, flags.linger, service);
  (*server)->stop(std::chrono::duration_cast<std::chrono::milliseconds>(flags.grace));
  timeline.finish();
  answering.join();
  return 0;
}

}  // namespace
}  // namespace autoscaler::e2e

int main(int argc, char** argv) {
  auto flags = autoscaler::e2e::parse_service_flags(argc, argv);
  if (int* code = std::get_if<int>(&flags)) return *code;
  return autoscaler::e2e::serve(std::get<autoscaler::e2e::ServiceFlags>(flags));
}
