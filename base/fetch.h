#pragma once

#include "base/identity.h"
#include "base/result.h"

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace autoscaler {

struct FetchRequest {
  std::string url;                                     // http://, with an identity also https://
  std::vector<std::string> headers;                    // "Accept: text/plain"
  std::optional<std::chrono::milliseconds> timeout{};  // of this one, within the batch's deadline
};

struct FetchResponse {
  int status = 0;
  std::string body;                // as it was sent: nothing is decompressed
  std::string content_type{};      // as it was sent; empty: none
  std::string content_encoding{};  // the same
};

struct FetchLimits {
  std::chrono::milliseconds deadline{1000};  // for the whole batch, connect to last byte
  size_t body_bytes = 16u << 20;             // of one response, as sent
  size_t header_bytes = 64u << 10;
  int parallel = 256;
};

// Fetches many URLs at once: libcurl's multi interface driven by epoll on the calling thread, with
// one deadline for all of them, keep-alive between calls, no redirects, no proxy, no other
// protocol: a 3xx is a response like any other. One bad server never delays another, and none
// outlasts the deadline. With more requests than `parallel`, each gets an equal part of the
// deadline per round: 600 requests, 256 at once, in 900 ms: 300 ms each. Errors: kUnavailable,
// kTimeout, kTooLarge, kInvalid (bad URL or bad HTTP), kExhausted (no descriptor or port left);
// kDenied (a TLS handshake that failed, a secret that is not there). Not thread-safe.
class Fetcher {
 public:
  // All requests are made under the one identity; its secret is read anew for each batch.
  explicit Fetcher(FetchLimits limits, std::optional<IdentitySettings> identity = std::nullopt);
  ~Fetcher();
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

  // Results in the order of the requests.
  std::vector<Result<FetchResponse>> fetch(std::span<const FetchRequest> requests);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace autoscaler
