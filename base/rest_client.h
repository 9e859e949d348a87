#pragma once

#include "base/result.h"
#include "base/tls_files.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace autoscaler {

struct RestRequest {
  std::string method = "GET";
  std::string path;  // after the base URL: /api/v1/query
  // One of the same name as a header of ours (User-Agent, Host) takes its place.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string content_type;  // of the body
};

struct RestHead {
  int status = 0;
  std::string content_type;
  std::optional<std::chrono::seconds> retry_after;  // as the server asks, where it is a number
  size_t length = 0;  // bytes of the body, as announced; 0: it was not
};

struct RestResponse {
  int status = 0;
  std::string body;
  std::optional<std::chrono::seconds> retry_after = std::nullopt;
};

// Takes the next bytes of a body, as many as have come, on the thread that asked; first of all,
// perhaps none, when the head is there. A body that is announced as shorter than 256 KiB comes
// whole. False ends the call: the rest is not downloaded.
using BodySink = std::function<bool(const RestHead& head, std::string_view bytes)>;

// Calls to one API server that the config names: the only door to cpprestsdk, whose defaults are
// unsafe, with the guards that hold: an own deadline for the whole call, a cap on the body, no
// redirects, and one thread for all servers. Not guarded: a response's headers, and a chunk of a
// body that is sent in chunks, are read whole within the deadline, however long they are. So this
// is for servers that are trusted as much as the controller itself; instances are asked by Fetcher.
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

  // The same with a body of any length, which goes to `sink` as it comes: a slow sink slows the
  // server down. An error may follow after some of the body.
  Result<RestHead> stream(const RestRequest& request, std::chrono::milliseconds deadline,
                          const BodySink& sink, const std::stop_token& stop = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace autoscaler
