#include "base/http_server.h"

#include "base/deaf_thread.h"
#include "base/listen.h"
#include "base/request_target.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <atomic>
#include <fcntl.h>
#include <optional>
#include <set>
#include <string_view>
#include <thread>
#include <unistd.h>

namespace autoscaler {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

// A close() with unread bytes in the socket sends a reset, and the client may lose the reply that
// tells it why. Then we read on until its EOF, but not for long.
constexpr std::chrono::milliseconds kLinger{1000};
constexpr size_t kLingerBytes = 1u << 20;
// Beast reads as much as the buffer has room for; without a reserve that is 512 bytes at a time.
constexpr size_t kReadBytes = 4096;
// When descriptors run out, accept() fails at once again: wait a little.
constexpr std::chrono::milliseconds kAcceptRetry{50};

// A client that has just connected is about to send: while stopping, it gets this long to do so.
constexpr std::chrono::milliseconds kFirstRequest{500};

class Session;

// Everything that the server's thread touches. Replies hold it weakly, so that one that comes after
// the server is gone finds nothing.
struct Core : std::enable_shared_from_this<Core> {
  Core(HttpServerOptions o, HttpServer::Handler h) : options(std::move(o)), handler(std::move(h)) {}

  void accept();
  void admit(tcp::socket socket);
  void begin_stop(std::chrono::milliseconds grace);
  void leave(const std::shared_ptr<Session>& session);
  void finish();

  asio::io_context ioc{1};
  tcp::acceptor acceptor{ioc};
  asio::steady_timer timer{ioc};  // accept retry, then the grace of a stop
  HttpServerOptions options;
  HttpServer::Handler handler;
  std::set<std::shared_ptr<Session>> sessions;
  bool stopping = false;
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}
beast::string_view view(const std::string& text) {
  return {text.data(), text.size()};
}

// A header with a line break in it would let a value write headers of its own.
bool fits_header(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool asks_to_close(const HttpResponse& response) {
  return std::any_of(response.headers.begin(), response.headers.end(), [](const auto& header) {
    return lower(header.first) == "connection" && lower(header.second) == "close";
  });
}

http::response<http::string_body> to_beast(HttpResponse from, bool head, bool keep_alive) {
  http::response<http::string_body> to;
  to.version(11);
  to.result(static_cast<unsigned>(from.status));
  for (const auto& [name, value] : from.headers) {
    if (fits_header(name) && fits_header(value)) to.insert(view(name), view(value));
  }
  to.erase(http::field::connection);
  to.keep_alive(keep_alive);
  bool bodiless = from.status / 100 == 1 || from.status == 204 || from.status == 304;
  if (bodiless) return to;
  if (fits_header(from.content_type)) to.set(http::field::content_type, view(from.content_type));
  to.content_length(from.body.size());
  if (!head) to.body() = std::move(from.body);
  return to;
}

std::optional<int> status_for(const error_code& ec) {
  if (ec == http::error::body_limit) return 413;
  if (ec == http::error::header_limit || ec == http::error::buffer_overflow) return 431;
  bool gone = ec == http::error::end_of_stream || ec == http::error::partial_message;
  if (gone || ec.category() != make_error_code(http::error::bad_method).category()) {
    return std::nullopt;
  }
  return 400;
}

// One connection: read a request, hand it on, wait for its reply, write it, again. The next request
// is not read before the reply is written, so pipelined ones are answered in order.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Core& core, tcp::socket socket)
      : core_(core),
        stream_(std::move(socket)),
        buffer_(core.options.header_bytes + 16 * kReadBytes) {
    buffer_.reserve(kReadBytes);
  }

  void read() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(core_.options.header_bytes));
    parser_->body_limit(core_.options.body_bytes);
    reading_ = true;
    stream_.expires_after(core_.stopping ? kFirstRequest : core_.options.idle);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = shared_from_this()](error_code ec, size_t) {
                              if (ec) return self->refuse(ec);
                              self->read_body();
                            });
  }

  void reply(HttpResponse response) {
    if (!stream_.socket().is_open()) return;
    bool keep = keep_alive_ && !core_.stopping && !asks_to_close(response);
    response_.emplace(to_beast(std::move(response), head_, keep));
    stream_.expires_after(core_.options.idle);
    http::async_write(stream_, *response_,
                      [self = shared_from_this(), keep](error_code ec, size_t) {
                        self->response_.reset();
                        if (ec) return self->close();
                        if (!keep) return self->part();
                        self->read();
                        if (self->core_.stopping) self->stop_waiting();
                      });
  }

  // Gives up waiting for a next request. A read that has already taken bytes is past cancelling:
  // that request is answered.
  void stop_waiting() {
    error_code ec;
    if (reading_ && !parser_->got_some()) stream_.socket().cancel(ec);
  }

  void close() {
    error_code ec;
    stream_.socket().close(ec);
    core_.leave(shared_from_this());
  }

 private:
  void read_body() {
    const auto& fields = parser_->get();
    if (!parser_->is_done() && lower(view(fields[http::field::expect])) == "100-continue") {
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      asio::async_write(stream_, asio::buffer(kContinue),
                        [self = shared_from_this()](error_code ec, size_t) {
                          if (ec) return self->close();
                          self->read_rest();
                        });
      return;
    }
    read_rest();
  }

  void read_rest() {
    stream_.expires_after(core_.options.idle);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](error_code ec, size_t) {
                       if (ec) return self->refuse(ec);
                       self->handle();
                     });
  }

  // Where one request ends is lost after bad framing: answer and close.
  void refuse(const error_code& ec) {
    bool stopped_waiting = ec == asio::error::operation_aborted && core_.stopping;
    if (stopped_waiting && may_still_come()) return read();
    reading_ = false;
    std::optional<int> status = status_for(ec);
    if (!status) return close();
    head_ = false;
    keep_alive_ = false;
    reply({.status = *status, .body = ec.message() + "\n", .headers = {}});
  }

  void handle();

  bool may_still_come() {
    error_code ec;
    return std::exchange(new_, false) || stream_.socket().available(ec) > 0;
  }

  void part() {
    error_code ec;
    bool unread = !parser_->is_done() || buffer_.size() > 0 || stream_.socket().available(ec) > 0;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ec);
    if (ec || !unread) return close();
    buffer_.clear();
    stream_.expires_after(kLinger);
    linger_more(kLingerBytes);
  }

  void linger_more(size_t left) {
    stream_.async_read_some(buffer_.prepare(kReadBytes),
                            [self = shared_from_this(), left](error_code ec, size_t n) {
                              if (ec || n >= left) return self->close();
                              self->linger_more(left - n);
                            });
  }

  Core& core_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::string_body>> response_;
  bool new_ = true;  // has not sent a request
  bool reading_ = false;
  bool head_ = false;
  bool keep_alive_ = false;
};

// The promise of one reply: kept once, and kept with a 500 when the handler drops it.
struct Ticket {
  Ticket(std::weak_ptr<Core> c, std::weak_ptr<Session> s)
      : core(std::move(c)), session(std::move(s)) {}
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;
  ~Ticket() {
    if (!used) send({.status = 500, .body = "no answer\n", .headers = {}});
  }

  void send(HttpResponse response) {
    CHECK(!used.exchange(true));
    std::shared_ptr<Core> live = core.lock();
    if (!live) return;
    asio::dispatch(live->ioc, [to = session, response = std::move(response)]() mutable {
      if (auto waiting = to.lock()) waiting->reply(std::move(response));
    });
  }

  std::weak_ptr<Core> core;
  std::weak_ptr<Session> session;
  std::atomic<bool> used = false;
};

void Session::handle() {
  new_ = false;
  reading_ = false;
  stream_.expires_never();  // how long an answer takes is the handler's affair
  auto message = parser_->release();
  keep_alive_ = message.keep_alive();
  head_ = message.method() == http::verb::head;
  auto ticket = std::make_shared<Ticket>(core_.weak_from_this(), weak_from_this());
  auto target = parse_request_target(view(message.target()));
  if (!target) return ticket->send({.status = 400, .body = "bad target\n", .headers = {}});
  HttpRequest request;
  request.method = head_ ? "GET" : std::string(view(message.method_string()));
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  for (const auto& field : message) {
    request.headers.emplace_back(lower(view(field.name_string())), view(field.value()));
  }
  request.body = std::move(message.body());
  core_.handler(request, [ticket](HttpResponse response) { ticket->send(std::move(response)); });
}

void Core::accept() {
  acceptor.async_accept(ioc, [this](error_code ec, tcp::socket socket) {
    if (!ec) admit(std::move(socket));
    if (stopping) return;
    bool exhausted = ec == asio::error::no_descriptors || ec == asio::error::no_memory ||
                     ec == asio::error::no_buffer_space;
    if (!exhausted) return accept();
    timer.expires_after(kAcceptRetry);
    timer.async_wait([this](error_code cancelled) {
      if (!cancelled) accept();
    });
  });
}

void Core::admit(tcp::socket socket) {
  if (sessions.size() >= options.connections) return;
  error_code ec;
  socket.set_option(tcp::no_delay(true), ec);
  // A child process that inherits a connection keeps it open after we have closed it.
  fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
  auto session = std::make_shared<Session>(*this, std::move(socket));
  sessions.insert(session);
  session->read();
}

// Connections that the kernel has already taken for us get their answer too: closing the listener
// resets those that nobody has accepted.
void Core::begin_stop(std::chrono::milliseconds grace) {
  stopping = true;
  error_code ec;
  acceptor.non_blocking(true, ec);
  while (!ec) {
    tcp::socket socket(ioc);
    acceptor.accept(socket, ec);
    if (!ec) admit(std::move(socket));
  }
  acceptor.close(ec);
  auto now_open = sessions;
  for (const auto& session : now_open) session->stop_waiting();
  if (sessions.empty()) return finish();
  timer.expires_after(grace);
  timer.async_wait([this](error_code cancelled) {
    if (!cancelled) finish();
  });
}

void Core::leave(const std::shared_ptr<Session>& session) {
  sessions.erase(session);
  if (stopping && sessions.empty()) finish();
}

void Core::finish() {
  ioc.stop();
  auto left = std::move(sessions);
  sessions.clear();
}

}  // namespace

struct HttpServer::Impl {
  std::shared_ptr<Core> core;
  std::thread thread;
  uint16_t port = 0;
};

HttpServer::HttpServer() : impl_(std::make_unique<Impl>()) {}
HttpServer::~HttpServer() {
  stop(std::chrono::milliseconds(0));
}
uint16_t HttpServer::port() const {
  return impl_->port;
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(HttpServerOptions options, Handler handler) {
  auto listener = listen_on(options.address, options.port);
  if (!listener) return listener.error();
  auto core = std::make_shared<Core>(std::move(options), std::move(handler));
  error_code ec;
  core->acceptor.assign(listener->v6 ? tcp::v6() : tcp::v4(), listener->fd, ec);
  if (ec) {
    ::close(listener->fd);
    return Error{Code::kExhausted, "cannot watch the listening socket: " + ec.message()};
  }
  std::unique_ptr<HttpServer> server(new HttpServer);
  server->impl_->core = core;
  server->impl_->port = core->acceptor.local_endpoint(ec).port();
  core->accept();
  server->impl_->thread = start_deaf_thread([raw = core.get()] { raw->ioc.run(); });
  if (!server->impl_->thread.joinable()) {
    return Error{Code::kExhausted, "cannot start a thread for the HTTP server"};
  }
  return server;
}

void HttpServer::stop(std::chrono::milliseconds grace) {
  if (!impl_->thread.joinable()) return;
  CHECK(std::this_thread::get_id() != impl_->thread.get_id());
  asio::post(impl_->core->ioc, [core = impl_->core.get(), grace] { core->begin_stop(grace); });
  impl_->thread.join();
  impl_->core->handler = nullptr;  // what it captured may not outlive us
}

}  // namespace autoscaler
