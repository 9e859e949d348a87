#include "tests/e2e/load/run.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <chrono>
#include <csignal>
#include <deque>
#include <memory>
#include <optional>
#include <random>

namespace autoscaler::e2e {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

// Room to get ready between the announcement of the zero and the first request.
constexpr std::chrono::milliseconds kLead{100};
constexpr size_t kReadBytes = 2048;
constexpr uint64_t kMaxBody = 16u << 20;

struct Connection {
  explicit Connection(asio::io_context& ioc) : stream(ioc) { buffer.reserve(kReadBytes); }
  beast::tcp_stream stream;
  beast::flat_buffer buffer;
  std::optional<http::response_parser<http::string_body>> parser;
  bool used = false;  // has carried a whole exchange
};
using ConnectionPtr = std::shared_ptr<Connection>;

struct Request {
  Duration intended;
  Clock::time_point deadline;
  bool fresh;
  bool retried = false;
};

Outcome failure(const error_code& ec) {
  if (ec == beast::error::timeout || ec == asio::error::timed_out) return Outcome::kTimeout;
  if (ec == asio::error::connection_refused) return Outcome::kRefused;
  if (ec == asio::error::connection_reset || ec == asio::error::broken_pipe) return Outcome::kReset;
  if (ec == http::error::end_of_stream || ec == http::error::partial_message) {
    return Outcome::kClosed;
  }
  if (ec.category() == make_error_code(http::error::bad_version).category()) {
    return Outcome::kGarbled;
  }
  return Outcome::kNoConnection;
}

// Whether the server has closed it, or said something that nobody asked for.
bool stale(Connection& connection) {
  char byte = 0;
  ssize_t n = recv(connection.stream.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

class Run {
 public:
  Run(const LoadPlan& plan, const LoadEvents& events)
      : plan_(plan), events_(events), random_(plan.seed) {
    std::string head = "GET " + plan.target + " HTTP/1.1\r\nHost: " + plan.host + ":" +
                       std::to_string(plan.port) + "\r\nUser-Agent: load-generator\r\n";
    kept_text_ = head + "\r\n";
    fresh_text_ = head + "Connection: close\r\n\r\n";
  }

  Status resolve() {
    error_code ec;
    auto found = tcp::resolver(ioc_).resolve(plan_.host, std::to_string(plan_.port), ec);
    if (ec) return Error{Code::kNotFound, "cannot resolve " + plan_.host + ": " + ec.message()};
    server_ = found.begin()->endpoint();
    return Done{};
  }

  void go() {
    zero_ = Clock::now() + kLead;
    auto wall = std::chrono::system_clock::now() + kLead;
    events_.begins(std::chrono::duration<double>(wall.time_since_epoch()).count());
    wait_for_signal();
    tick();
    send_due();
    ioc_.run();
  }

 private:
  void wait_for_signal() {
    signals_.async_wait([this](error_code ec, int) {
      if (ec) return;
      if (next_ == plan_.arrivals.size()) return ioc_.stop();
      next_ = plan_.arrivals.size();
      sending_.cancel();
      end_if_done();
      if (!ended_) wait_for_signal();
    });
  }

  void tick() {
    ticking_.expires_at(zero_ + std::chrono::seconds(second_ + 1));
    ticking_.async_wait([this](error_code ec) {
      if (ec || ended_) return;
      events_.second_over(second_++, open_);
      tick();
    });
  }

  void send_due() {
    Duration now = Clock::now() - zero_;
    while (next_ < plan_.arrivals.size() && plan_.arrivals[next_] <= now) {
      Duration intended = plan_.arrivals[next_++];
      bool fresh = std::uniform_real_distribution<double>(0, 1)(random_) < plan_.fresh;
      ++outstanding_;
      events_.sent(now - intended);
      begin({intended, Clock::now() + plan_.timeout, fresh});
    }
    if (next_ == plan_.arrivals.size()) return end_if_done();
    sending_.expires_at(zero_ + plan_.arrivals[next_]);
    sending_.async_wait([this](error_code ec) {
      if (!ec) send_due();
    });
  }

  void begin(Request request) {
    while (!request.fresh && !kept_.empty()) {
      ConnectionPtr connection = std::move(kept_.back());
      kept_.pop_back();
      if (!stale(*connection)) return send(request, connection);
      --open_;
    }
    connect(request);
  }

  void connect(Request request) {
    if (open_ >= plan_.max_open && !kept_.empty()) {
      kept_.pop_front();
      --open_;
    }
    if (open_ >= plan_.max_open) return finish(request, Outcome::kNoConnection, {});
    ++open_;
    auto connection = std::make_shared<Connection>(ioc_);
    connection->stream.expires_at(request.deadline);
    connection->stream.async_connect(server_, [this, request, connection](error_code ec) {
      if (ec) return fail(request, ec);
      error_code ignored;
      connection->stream.socket().set_option(tcp::no_delay(true), ignored);
      send(request, connection);
    });
  }

  void send(Request request, const ConnectionPtr& connection) {
    connection->stream.expires_at(request.deadline);
    connection->parser.emplace();
    connection->parser->body_limit(kMaxBody);
    asio::async_write(connection->stream, asio::buffer(request.fresh ? fresh_text_ : kept_text_),
                      [this, request, connection](error_code ec, size_t) {
                        if (ec) return fail_on(request, connection, ec);
                        receive(request, connection);
                      });
  }

  void receive(Request request, const ConnectionPtr& connection) {
    http::async_read(connection->stream, connection->buffer, *connection->parser,
                     [this, request, connection](error_code ec, size_t) {
                       if (ec) return fail_on(request, connection, ec);
                       answered(request, connection);
                     });
  }

  void answered(Request request, ConnectionPtr connection) {
    const auto& response = connection->parser->get();
    int status = static_cast<int>(response.result_int());
    connection->used = true;
    bool keep = !request.fresh && connection->buffer.size() == 0 &&
                connection->parser->keep_alive() && next_ < plan_.arrivals.size();
    if (keep) {
      kept_.push_back(std::move(connection));
    } else {
      --open_;
    }
    finish(request, status < 400 ? Outcome::kOk : Outcome::kHttp, status);
  }

  // RFC 9110 9.2.2 lets a client repeat a GET by itself when its connection closed first.
  void fail_on(Request request, const ConnectionPtr& connection, error_code ec) {
    Outcome outcome = failure(ec);
    bool unanswered = !connection->parser->got_some() && connection->buffer.size() == 0;
    bool gone = outcome == Outcome::kReset || outcome == Outcome::kClosed;
    if (connection->used && !request.retried && unanswered && gone) {
      --open_;
      request.retried = true;
      return connect(request);
    }
    fail(request, ec);
  }

  void fail(const Request& request, const error_code& ec) {
    --open_;
    finish(request, failure(ec), {});
  }

  void finish(const Request& request, Outcome outcome, std::optional<int> status) {
    Duration latency = Clock::now() - zero_ - request.intended;
    events_.done({request.intended, latency, status, outcome, request.fresh, request.retried});
    --outstanding_;
    end_if_done();
  }

  void end_if_done() {
    if (next_ < plan_.arrivals.size() || outstanding_ > 0 || ended_) return;
    ended_ = true;
    kept_.clear();
    ticking_.cancel();
    signals_.cancel();
    events_.second_over(second_, 0);
  }

  const LoadPlan& plan_;
  const LoadEvents& events_;
  std::mt19937_64 random_;
  std::string kept_text_;
  std::string fresh_text_;
  asio::io_context ioc_{1};
  asio::steady_timer sending_{ioc_};
  asio::steady_timer ticking_{ioc_};
  asio::signal_set signals_{ioc_, SIGINT, SIGTERM};
  tcp::endpoint server_;
  Clock::time_point zero_;
  size_t next_ = 0;  // of the arrivals
  int second_ = 0;
  size_t outstanding_ = 0;
  size_t open_ = 0;
  bool ended_ = false;
  std::deque<ConnectionPtr> kept_;
};

}  // namespace

Status run_load(const LoadPlan& plan, const LoadEvents& events) {
  Run run(plan, events);
  Status resolved = run.resolve();
  if (resolved) run.go();
  return resolved;
}

}  // namespace autoscaler::e2e
