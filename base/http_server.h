#pragma once

#include "base/result.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace autoscaler {

struct HttpRequest {
  std::string method;  // "GET" for HEAD too: the server leaves the body out of the answer
  std::string path;    // decoded, without the query
  std::vector<std::pair<std::string, std::string>> query;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // {"Connection", "close"} closes
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;  // 0: any free one
  size_t header_bytes = 16u << 10;
  size_t body_bytes = 1u << 20;
  std::chrono::milliseconds idle{5000};  // for each of: a request's header, its body, a reply
  size_t connections = 1024;             // further ones are closed at once
};

// An HTTP/1.1 server on one thread of its own. The handler runs on that thread and must not block;
// it may keep `reply` and call it later, once, from any thread. A reply that is dropped uncalled
// answers 500; one that comes after the client or the server has gone does nothing.
// Answered without the handler: bad framing or a bad target 400, a body past its cap 413, headers
// past theirs 431.
class HttpServer {
 public:
  using Reply = std::function<void(HttpResponse)>;
  using Handler = std::function<void(const HttpRequest&, Reply)>;

  // Binds and starts. Errors: kConflict when the port is taken, kDenied, kInvalid address.
  static Result<std::unique_ptr<HttpServer>> start(HttpServerOptions options, Handler handler);

  // Stops accepting, closes idle connections (those that have sent nothing yet: after 0.5 s), lets
  // replies under way finish for `grace` (each with `Connection: close`), then closes the rest.
  // Waits for that; not to be called by the handler.
  void stop(std::chrono::milliseconds grace);
  ~HttpServer();

  uint16_t port() const;

 private:
  HttpServer();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace autoscaler
