#pragma once

#include "base/result.h"
#include "base/tls_files.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace autoscaler {

struct RestRequest {
  std::string method = "GET";
  std::string path;  // after the base URL: /api/v1/query
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string content_type;  // of the body
};

struct RestResponse {
  int status = 0;
  std::string body;
};

// Calls to one API server that the config names: the only door to cpprestsdk, whose defaults are
// unsafe, with the guards that hold: an own deadline for the whole call, a cap on the body, no
// redirects, and four threads for all servers. Not guarded: a response's headers are read whole
// within the deadline, however long they are. So this is for servers that are trusted as much as
// the controller itself; instances are asked by Fetcher.
// Connections are kept. Proxies of the environment are ignored. Thread-safe.
class RestClient {
 public:
  // `url`: http or https, perhaps with a path before which all others go.
  RestClient(const std::string& url, TlsFiles tls, size_t body_bytes);
  ~RestClient();
  RestClient(const RestClient&) = delete;
  RestClient& operator=(const RestClient&) = delete;

  // Blocks until the whole answer is there, `deadline` is over or `stop` is requested. Any status
  // is an answer. Errors: kTimeout (also a stop), kUnavailable (refused, reset, no such host),
  // kDenied (TLS, files of ours that cannot be used), kTooLarge, kInvalid (no HTTP).
  Result<RestResponse> send(const RestRequest& request, std::chrono::milliseconds deadline,
                            const std::stop_token& stop = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace autoscaler
