#pragma once

#include "base/identity.h"
#include "metrics/poller.h"

#include <chrono>
#include <functional>
#include <memory>

namespace autoscaler {

struct PollSettings {
  Duration interval{std::chrono::seconds(5)};
  Duration timeout{std::chrono::milliseconds(2500)};  // from the connect to the last byte
  size_t body_bytes = 16u << 20;                      // of one answer, as sent
  size_t header_bytes = 64u << 10;
  size_t bytes_of_all = 256u << 20;  // of all answers on their way; the largest is given up first
  IdentitySettings identity;
};

// A Poller on a thread of its own, over libcurl with kept connections: http:// and https://, no
// redirects, no proxy. There is no limit on how many are asked at a time, so that those that do not
// answer are in nobody's way; one that has not answered when its turn comes again is left out of
// it. Errors of answers: as Fetcher's, and kDenied for a TLS handshake that failed or a secret that
// is not there.
class HttpPoller final : public Poller {
 public:
  // `elapsed` is monotonic time since some start; called on the poller's thread.
  HttpPoller(PollSettings settings, std::function<std::chrono::nanoseconds()> elapsed);
  ~HttpPoller() override;

  void poll(std::vector<PollTarget> targets) override;
  void wait_for_first_answers(Duration at_most) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace autoscaler
