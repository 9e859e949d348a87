#pragma once

#include "base/fetch.h"

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace autoscaler {

// Loaded machines are slow, but a batch that waits for a dead server would take its whole deadline:
// tests that must end early get this long a deadline, and must end within half of it.
constexpr std::chrono::milliseconds kLong{20'000};
constexpr std::chrono::milliseconds kShort{300};

inline FetchLimits limits_with(std::chrono::milliseconds deadline) {
  FetchLimits limits;
  limits.deadline = deadline;
  limits.body_bytes = 1u << 20;
  return limits;
}

inline std::vector<Result<FetchResponse>> fetch_urls(Fetcher& fetcher,
                                                     std::vector<std::string> urls) {
  std::vector<FetchRequest> requests;
  for (std::string& url : urls) requests.push_back({std::move(url)});
  return fetcher.fetch(requests);
}

inline Result<FetchResponse> fetch_one(const std::string& url, FetchLimits limits) {
  Fetcher fetcher(limits);
  return std::move(fetch_urls(fetcher, {url}).front());
}

inline std::chrono::milliseconds elapsed(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               start);
}

}  // namespace autoscaler
