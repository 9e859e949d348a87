#pragma once

#include "tests/e2e/duration.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace autoscaler::e2e {

// What became of a request.
//   kOk           a whole response below 400
//   kHttp         a whole response of 400 or above
//   kRefused      no connection: nobody listens
//   kReset        the connection was reset
//   kTimeout      no whole response in time
//   kClosed       the connection was closed before the whole response
//   kGarbled      the response is no HTTP
//   kNoConnection not sent: the cap on open connections, or the host's ports, were used up
enum class Outcome { kOk, kHttp, kRefused, kReset, kTimeout, kClosed, kGarbled, kNoConnection };
inline constexpr std::array<const char*, 8> kOutcomeNames{
    "ok", "http", "refused", "reset", "timeout", "closed", "garbled", "no-connection"};

struct RequestResult {
  Duration intended;  // since the start of the schedule
  Duration latency;   // from the intended time, whenever it was really sent
  std::optional<int> status;
  Outcome outcome;
  bool fresh;    // asked for a connection of its own
  bool retried;  // sent again, as the kept connection turned out to be closed
};

// The least value that a share of at least `q` of the values does not exceed (nearest rank);
// nothing for no values. Reorders them.
std::optional<Duration> percentile(std::vector<Duration>& values, double q);

// Sums over a second, or over a whole run. Latencies are those of kOk alone: a refusal is fast.
class Tally {
 public:
  void sent(Duration lag);
  void add(const RequestResult& result);

  // {"sent": …, "ok": …, …, "p50_ms": …}, with `head` (further fields) first.
  std::string json(const std::string& head);
  uint64_t count(Outcome outcome) const { return outcomes_[static_cast<size_t>(outcome)]; }

 private:
  std::array<uint64_t, kOutcomeNames.size()> outcomes_{};
  uint64_t sent_ = 0;
  uint64_t server_errors_ = 0;
  uint64_t retried_ = 0;
  Duration lag_{0};  // the longest that a request was sent after its time
  std::vector<Duration> latencies_;
};

// How many of the (sorted) arrivals lie in the `second`th second.
size_t offered_in(std::span<const Duration> arrivals, int second);

// "intended_ms,latency_ms,status,outcome,connection,retried", and a line of it.
inline constexpr const char* kCsvHead =
    "intended_ms,latency_ms,status,outcome,connection,retried\n";
std::string csv_line(const RequestResult& result);

}  // namespace autoscaler::e2e
