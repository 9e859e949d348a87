#include "base/rest_client.h"

#include "base/deaf_thread.h"
#include "base/tls_context.h"

#include <cpprest/http_client.h>
#include <cpprest/rawptrstream.h>
#include <pplx/threadpool.h>
#include <sys/stat.h>

#include <condition_variable>
#include <mutex>
#include <optional>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
namespace http = web::http;

constexpr size_t kThreads = 4;

// The pool must be made before its first use, and its threads must leave signals alone.
void start_threads() {
  static std::once_flag once;
  std::call_once(once, [] {
    std::thread starter =
        start_deaf_thread([] { crossplat::threadpool::initialize_with_threads(kThreads); });
    CHECK(starter.joinable());
    starter.join();
  });
}

// One call. Shared with cpprest's threads, which may come back after the caller has given up.
struct Exchange {
  explicit Exchange(size_t bytes)
      : capacity(bytes), body(new uint8_t[bytes]), buffer(body.get(), bytes) {}

  void finish(Result<RestResponse> with) {
    const std::lock_guard lock(mutex);
    result.emplace(std::move(with));
    done.notify_all();
  }

  const size_t capacity;
  const std::unique_ptr<uint8_t[]> body;  // not touched before something is written there
  concurrency::streams::rawptr_buffer<uint8_t> buffer;
  std::mutex mutex;  // guards result
  std::condition_variable_any done;
  std::optional<Result<RestResponse>> result;
};

Error failure(const http::http_exception& error) {
  const std::error_code& code = error.error_code();
  const std::string text = error.what();
  if (code == std::errc::timed_out || code == std::errc::operation_canceled) {
    return {Code::kTimeout, text};
  }
  const bool parses = text.find("parse") != std::string::npos ||
                      text.find("nvalid") != std::string::npos ||
                      text.find("chunk") != std::string::npos;
  return {parses ? Code::kInvalid : Code::kUnavailable, text};
}

Result<RestResponse> outcome(Exchange& exchange, const pplx::task<http::http_response>& task) {
  try {
    const http::http_response response = task.get();
    const auto written = static_cast<size_t>(exchange.buffer.getpos(std::ios_base::out));
    return RestResponse{response.status_code(),
                        std::string(exchange.body.get(), exchange.body.get() + written)};
  } catch (const http::http_exception& error) {
    return failure(error);
  } catch (const pplx::task_canceled&) {
    return Error{Code::kTimeout, "cancelled"};
  } catch (const std::exception& error) {
    const bool full =
        std::string(error.what()).find("past the end of the buffer") != std::string::npos;
    if (!full) return Error{Code::kUnavailable, error.what()};
    return Error{Code::kTooLarge,
                 "the body is longer than " + std::to_string(exchange.capacity) + " bytes"};
  }
}

http::http_request make_request(const RestRequest& from, const TlsFiles& tls,
                                const Exchange& exchange) {
  http::http_request request(from.method);
  request.set_request_uri(from.path);
  request.headers().add("User-Agent", "autoscaler");
  if (tls.server_name) request.headers().add("Host", *tls.server_name);
  for (const auto& [name, value] : from.headers) request.headers().add(name, value);
  if (!from.body.empty()) request.set_body(from.body, from.content_type);
  request.set_response_stream(exchange.buffer.create_ostream());
  return request;
}

// Changes when one of the files is replaced.
std::string versions_of(const TlsFiles& tls) {
  std::string versions;
  for (const auto& file : {tls.ca, tls.certificate, tls.key}) {
    struct stat found {};
    if (!file || ::stat(file->c_str(), &found) != 0) continue;
    versions += std::to_string(found.st_ino) + ":" + std::to_string(found.st_mtim.tv_sec) + "." +
                std::to_string(found.st_mtim.tv_nsec) + " ";
  }
  return versions;
}

}  // namespace

struct RestClient::Impl {
  using Client = http::client::http_client;

  const std::string url;
  const TlsFiles tls;
  const size_t body_bytes;
  const bool secure;

  std::mutex mutex;  // guards what follows
  std::string versions;
  std::shared_ptr<Client> client;
  std::shared_ptr<TlsContext> context;

  // A live connection never sees replaced files: another client makes new connections.
  std::pair<std::shared_ptr<Client>, std::shared_ptr<TlsContext>> ready(milliseconds deadline) {
    const std::lock_guard lock(mutex);
    std::string now = secure ? versions_of(tls) : "";
    if (client == nullptr || now != versions) {
      http::client::http_client_config config;
      config.set_max_redirects(0);
      // Of each read alone, and never before the deadline of the whole call.
      config.set_timeout(deadline + std::chrono::seconds(1));
      if (secure) {
        context = std::make_shared<TlsContext>(tls, http::uri(url).host());
        config.set_ssl_context_callback(
            [held = context](boost::asio::ssl::context& to) { held->configure(to); });
      }
      client = std::make_shared<Client>(url, config);
      versions = std::move(now);
    }
    return {client, context};
  }
};

RestClient::RestClient(const std::string& url, TlsFiles tls, size_t body_bytes)
    : impl_(new Impl{url, std::move(tls), body_bytes, url.starts_with("https://")}) {
  start_threads();
}

RestClient::~RestClient() = default;

Result<RestResponse> RestClient::send(const RestRequest& request, milliseconds deadline,
                                      const std::stop_token& stop) {
  const auto exchange = std::make_shared<Exchange>(impl_->body_bytes);
  pplx::cancellation_token_source cancel;
  std::shared_ptr<TlsContext> context;
  try {
    const auto [client, tls] = impl_->ready(deadline);
    context = tls;
    client->request(make_request(request, impl_->tls, *exchange), cancel.get_token())
        .then([](const http::http_response& response) { return response.content_ready(); })
        .then([exchange](const pplx::task<http::http_response>& task) {
          exchange->finish(outcome(*exchange, task));
        });
  } catch (const std::exception& error) {
    return Error{Code::kInvalid, impl_->url + ": " + error.what()};
  }
  std::unique_lock lock(exchange->mutex);
  const bool in_time =
      exchange->done.wait_for(lock, stop, deadline, [&] { return exchange->result.has_value(); });
  if (!in_time) {
    lock.unlock();
    cancel.cancel();  // ends the download, which dropping the response would not
    return Error{Code::kTimeout, impl_->url + " gave no whole answer within " +
                                     std::to_string(deadline.count()) + " ms"};
  }
  Result<RestResponse> result = std::move(*exchange->result);
  if (result.ok()) return result;
  if (context != nullptr) {
    if (const auto why = context->problem()) return Error{Code::kDenied, impl_->url + ": " + *why};
  }
  return Error{result.error().code, impl_->url + ": " + result.error().message};
}

}  // namespace autoscaler
