#include "base/http_server.h"

#include "tests/base/raw_client.h"

#include <gmock/gmock.h>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace autoscaler {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::StartsWith;

HttpResponse text(std::string body) {
  return {.body = std::move(body), .headers = {}};
}

std::unique_ptr<HttpServer> serve(HttpServer::Handler handler, HttpServerOptions options = {}) {
  auto server = HttpServer::start(std::move(options), std::move(handler));
  EXPECT_TRUE(server.ok()) << (server.ok() ? "" : server.error().message);
  return std::move(server).value();
}

void echo(const HttpRequest& request, const HttpServer::Reply& reply) {
  reply(text(request.method + " " + request.path + " " + request.body));
}

// Replies that a handler has put aside, for another thread to take.
class Shelf {
 public:
  HttpServer::Handler handler() {
    return [this](const HttpRequest&, HttpServer::Reply reply) {
      std::lock_guard lock(mutex_);
      replies_.push_back(std::move(reply));
      changed_.notify_all();
    };
  }
  HttpServer::Reply take() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, 20s, [this] { return !replies_.empty(); }));
    HttpServer::Reply first = std::move(replies_.front());
    replies_.erase(replies_.begin());
    return first;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<HttpServer::Reply> replies_;
};

TEST(HttpServer, AnswersSeveralRequestsOnOneConnection) {
  auto server = serve(echo);
  RawClient client(server->port());
  EXPECT_THAT(client.get("/a%20b?x=1"),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("text/plain; charset=utf-8"),
                    EndsWith("\r\n\r\nGET /a b ")));
  client.send("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_THAT(client.read_response(), EndsWith("POST /b hello"));
  client.send(
      "PUT /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_THAT(client.read_response(), EndsWith("PUT /c abcde"));
}

TEST(HttpServer, HandsOverQueryAndHeaders) {
  HttpRequest seen;
  auto server = serve([&](const HttpRequest& request, const HttpServer::Reply& reply) {
    seen = request;
    reply({.status = 204, .body = "", .headers = {{"X-One", "1"}, {"X-Split", "a\r\nX-Evil: 1"}}});
  });
  {
    RawClient client(server->port());
    std::string response = client.get("/p?limit=5", "X-Thing:  Some Value \r\n");
    EXPECT_THAT(response, AllOf(StartsWith("HTTP/1.1 204"), HasSubstr("X-One: 1\r\n"),
                                Not(HasSubstr("X-Evil")), Not(HasSubstr("Content-Length"))));
  }
  server->stop(0ms);
  EXPECT_THAT(seen.query, ElementsAre(Pair("limit", "5")));
  EXPECT_THAT(seen.headers, ElementsAre(Pair("host", "test"), Pair("x-thing", "Some Value")));
}

TEST(HttpServer, AnswersHeadWithTheLengthButNotTheBody) {
  auto server = serve(echo);
  RawClient client(server->port());
  client.send("HEAD /h HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_response(false), HasSubstr("Content-Length: 7\r\n"));
  EXPECT_THAT(client.read_response(), EndsWith("GET /next "));
}

TEST(HttpServer, AnswersPipelinedRequestsInTheirOrder) {
  Shelf shelf;
  auto server = serve(shelf.handler());
  RawClient client(server->port());
  std::string one = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  client.send(one + one + one);
  for (const char* body : {"first", "second", "third"}) shelf.take()(text(body));
  for (const char* body : {"first", "second", "third"}) {
    EXPECT_THAT(client.read_response(), EndsWith(body));
  }
}

TEST(HttpServer, ClosesWhenAskedTo) {
  auto server = serve([](const HttpRequest& request, const HttpServer::Reply& reply) {
    HttpResponse response = text("bye");
    if (request.path == "/close") response.headers = {{"Connection", "close"}};
    reply(response);
  });
  RawClient by_server(server->port());
  by_server.send("GET /close HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(by_server.read_to_end().value(),
              AllOf(HasSubstr("Connection: close\r\n"), EndsWith("bye")));
  RawClient by_client(server->port());
  by_client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(by_client.read_to_end().value(), EndsWith("bye"));
  RawClient old(server->port());
  old.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_THAT(old.read_to_end().value(), EndsWith("bye"));
}

TEST(HttpServer, AnswersAClientThatHasFinishedSending) {
  Shelf shelf;
  auto server = serve(shelf.handler());
  RawClient client(server->port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  client.finish_sending();
  shelf.take()(text("still here"));
  EXPECT_THAT(client.read_to_end().value(), EndsWith("still here"));
}

TEST(HttpServer, SendsContinueToAClientThatWaitsForIt) {
  auto server = serve(echo);
  RawClient client(server->port());
  client.send("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_response(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  EXPECT_THAT(client.read_response(), EndsWith("POST /p ok"));
}

TEST(HttpServer, TakesRepliesFromOtherThreads) {
  Shelf shelf;
  auto server = serve(shelf.handler());
  std::vector<std::thread> threads;
  std::vector<RawClient> clients;
  for (int i = 0; i < 20; ++i) {
    clients.emplace_back(server->port());
    clients.back().send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  for (int i = 0; i < 20; ++i) threads.emplace_back([&] { shelf.take()(text("late")); });
  for (RawClient& client : clients) EXPECT_THAT(client.read_response(), EndsWith("late"));
  for (std::thread& thread : threads) thread.join();
}

TEST(HttpServer, AReplyAfterTheClientLeftDoesNothing) {
  Shelf shelf;
  auto server = serve(shelf.handler());
  RawClient gone(server->port());
  gone.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  HttpServer::Reply late = shelf.take();
  gone.leave();
  late(text(std::string(1u << 20, 'x')));
  RawClient next(server->port());
  next.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  shelf.take()(text("fine"));
  EXPECT_THAT(next.read_response(), EndsWith("fine"));
}

TEST(HttpServer, AReplyThatIsDroppedAnswers500) {
  auto server = serve([](const HttpRequest&, const HttpServer::Reply&) {});
  RawClient client(server->port());
  EXPECT_THAT(client.get("/"), StartsWith("HTTP/1.1 500 "));
}

TEST(HttpServer, ReportsATakenPortWithItsName) {
  auto first = serve(echo);
  auto second = HttpServer::start({.port = first->port()}, echo);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, Code::kConflict);
  EXPECT_THAT(second.error().message, HasSubstr("127.0.0.1:" + std::to_string(first->port())));
}

TEST(HttpServer, RefusesAnAddressThatIsNone) {
  EXPECT_EQ(HttpServer::start({.address = "nowhere"}, echo).error().code, Code::kInvalid);
  EXPECT_EQ(HttpServer::start({.address = "192.0.2.1"}, echo).error().code, Code::kInvalid);
}

TEST(HttpServer, EveryAddressIsOfBothKinds) {
  auto server = HttpServer::start({.address = "::"}, echo);
  ASSERT_TRUE(server.ok()) << server.error().message;
  EXPECT_THAT(RawClient((*server)->port()).get("/a"), StartsWith("HTTP/1.1 200 "));

  const int over_v6 = socket(AF_INET6, SOCK_STREAM, 0);
  if (over_v6 < 0) GTEST_SKIP() << "this host has no IPv6";
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_port = htons((*server)->port());
  to.sin6_addr = in6addr_loopback;
  const bool connected = connect(over_v6, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0;
  const bool is_off = !connected && errno == EADDRNOTAVAIL;  // its loopback has no ::1
  close(over_v6);
  if (is_off) GTEST_SKIP() << "this host has no IPv6";
  EXPECT_TRUE(connected);
}

TEST(HttpServer, StartsAgainAtOnceOnThePortItHad) {
  auto first = serve(echo);
  uint16_t port = first->port();
  RawClient client(port);
  client.send("GET / HTTP/1.0\r\n\r\n");  // the server closes first: its end goes to TIME_WAIT
  ASSERT_TRUE(client.read_to_end());
  first.reset();
  EXPECT_TRUE(HttpServer::start({.port = port}, echo).ok());
}

TEST(HttpServerStop, FinishesRepliesUnderWayAndRefusesNewConnections) {
  Shelf shelf;
  auto server = serve(shelf.handler());
  uint16_t port = server->port();
  RawClient busy(port);
  busy.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  HttpServer::Reply reply = shelf.take();
  RawClient idle(port);
  std::thread stopping([&] { server->stop(20s); });
  EXPECT_THAT(idle.read_to_end().value(), IsEmpty());  // closed: the stop has begun
  EXPECT_FALSE(RawClient(port).connected());
  reply(text("finished"));
  EXPECT_THAT(busy.read_to_end().value(),
              AllOf(HasSubstr("Connection: close\r\n"), EndsWith("finished")));
  busy.leave();
  stopping.join();
}

TEST(HttpServerStop, StillHearsAClientThatHasJustConnected) {
  auto server = serve(echo);
  RawClient kept(server->port());
  ASSERT_THAT(kept.get("/"), EndsWith("GET / "));
  RawClient connected(server->port());
  std::thread stopping([&] { server->stop(20s); });
  EXPECT_THAT(kept.read_to_end().value(), IsEmpty());  // closed: the stop has begun
  EXPECT_THAT(connected.get("/asks"),
              AllOf(HasSubstr("Connection: close"), EndsWith("GET /asks ")));
  stopping.join();
}

TEST(HttpServerStop, EndsWithTheGraceAndLeavesLateRepliesHarmless) {
  Shelf shelf;
  auto server = serve(shelf.handler());
  RawClient client(server->port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  HttpServer::Reply late = shelf.take();
  server->stop(10ms);
  EXPECT_THAT(client.read_to_end().value(), IsEmpty());
  server.reset();
  late(text("nobody hears this"));
}

TEST(HttpServerStop, LosesNoRequestItHasTaken) {
  for (int round = 0; round < 20; ++round) {
    auto server = serve(echo);
    std::vector<RawClient> clients;
    for (int i = 0; i < 50; ++i) {
      clients.emplace_back(server->port());
      clients.back().send("GET /under-load HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    server->stop(20s);  // most of these wait in the listen queue
    for (RawClient& client : clients) {
      ASSERT_THAT(client.read_to_end().value(), EndsWith("GET /under-load "));
    }
  }
}

}  // namespace
}  // namespace autoscaler
