#include "base/rest_client.h"

#include "base/deaf_thread.h"
#include "base/rest_exchange.h"
#include "base/tls_context.h"

#include <cpprest/http_client.h>
#include <openssl/ssl.h>
#include <pplx/threadpool.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <mutex>
#include <optional>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
namespace http = web::http;

// Of all clients. It waits for sockets, and but for the files of a new connection's certificates
// for nothing else; of several threads each packet wakes two.
constexpr size_t kThreads = 1;
// Of a body, at once: the next comes while it is read.
constexpr size_t kChunkBytes = RestExchange::kHeldBytes / 2;

// The pool must be made before its first use, and its threads must leave signals alone. At the end
// of the process what was begun last ends first: OpenSSL, which they may be in the midst of, after
// them.
void start_threads() {
  static std::once_flag once;
  std::call_once(once, [] {
    OPENSSL_init_ssl(0, nullptr);
    std::thread starter =
        start_deaf_thread([] { crossplat::threadpool::initialize_with_threads(kThreads); });
    CHECK(starter.joinable());
    starter.join();
  });
}

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

Status outcome(const pplx::task<http::http_response>& task) {
  try {
    task.get();
    return Done{};
  } catch (const http::http_exception& error) {
    return failure(error);
  } catch (const pplx::task_canceled&) {
    return Error{Code::kTimeout, "cancelled"};
  } catch (const std::exception& error) {
    return Error{Code::kUnavailable, error.what()};
  }
}

RestHead head_of(const http::http_response& response) {
  RestHead head{.status = response.status_code()};
  response.headers().match("Content-Type", head.content_type);
  response.headers().match("Content-Length", head.length);
  std::string text;
  int64_t seconds = 0;
  if (response.headers().match("Retry-After", text)) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error == std::errc() && end == text.data() + text.size() && seconds >= 0) {
      head.retry_after = std::chrono::seconds(std::min<int64_t>(seconds, 3600));
    }
  }
  return head;
}

http::http_request make_request(const RestRequest& from, const TlsFiles& tls,
                                const std::shared_ptr<RestExchange>& exchange) {
  http::http_request request(from.method);
  request.set_request_uri(from.path);
  request.headers()["User-Agent"] = "autoscaler";
  if (tls.server_name) request.headers()["Host"] = *tls.server_name;
  for (const auto& [name, value] : from.headers) request.headers()[name] = value;
  if (!from.body.empty()) request.set_body(from.body, from.content_type);
  request.set_response_stream(body_of(exchange).create_ostream());
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
  std::pair<std::shared_ptr<Client>, std::shared_ptr<TlsContext>> ready() {
    const std::lock_guard lock(mutex);
    std::string now = secure ? versions_of(tls) : "";
    if (client == nullptr || now != versions) {
      http::client::http_client_config config;
      config.set_max_redirects(0);
      config.set_chunksize(kChunkBytes);
      // Of each read alone: longer than the deadline of any call, which is what counts.
      config.set_timeout(std::chrono::hours(1));
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
  std::string body;
  bool too_large = false;
  const auto collect = [&](const RestHead&, std::string_view bytes) {
    too_large = body.size() + bytes.size() > impl_->body_bytes;
    if (!too_large) body += bytes;
    return !too_large;
  };
  const Result<RestHead> head = stream(request, deadline, collect, stop);
  if (too_large) {
    return Error{Code::kTooLarge, impl_->url + ": the body is longer than " +
                                      std::to_string(impl_->body_bytes) + " bytes"};
  }
  if (!head) return head.error();
  return RestResponse{head->status, std::move(body), head->retry_after};
}

Result<RestHead> RestClient::stream(const RestRequest& request, milliseconds deadline,
                                    const BodySink& sink, const std::stop_token& stop) {
  const auto until = std::chrono::steady_clock::now() + deadline;
  const auto exchange = std::make_shared<RestExchange>();
  pplx::cancellation_token_source cancel;
  std::shared_ptr<TlsContext> context;
  try {
    const auto [client, tls] = impl_->ready();
    context = tls;
    client->request(make_request(request, impl_->tls, exchange), cancel.get_token())
        .then([exchange](const http::http_response& response) {
          exchange->begin(head_of(response));
          return response.content_ready();
        })
        .then([exchange](const pplx::task<http::http_response>& task) {
          exchange->finish(outcome(task));
        });
  } catch (const std::exception& error) {
    return Error{Code::kInvalid, impl_->url + ": " + error.what()};
  }
  bool unwanted = false;
  const auto passed_on = [&](const RestHead& head, std::string_view bytes) {
    unwanted = !sink(head, bytes);
    return !unwanted;
  };
  const std::optional<Result<RestHead>> result = exchange->drain(until, stop, passed_on);
  if (unwanted || !result) {
    cancel.cancel();  // ends the download, which dropping the response would not
    exchange->abandon();
  }
  if (!result) {
    return Error{Code::kTimeout, impl_->url + " gave no whole answer within " +
                                     std::to_string(deadline.count()) + " ms"};
  }
  if (result->ok()) return *result;
  if (context != nullptr) {
    if (const auto why = context->problem()) return Error{Code::kDenied, impl_->url + ": " + *why};
  }
  return Error{result->error().code, impl_->url + ": " + result->error().message};
}

}  // namespace autoscaler
