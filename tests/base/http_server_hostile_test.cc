#include "base/http_server.h"
#include "tests/base/raw_client.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <atomic>
#include <random>

namespace autoscaler {
namespace {

using namespace std::chrono_literals;
using testing::AnyOf;
using testing::EndsWith;
using testing::IsEmpty;
using testing::StartsWith;

class HostileClients : public testing::Test {
 protected:
  void start(const HttpServerOptions& options) {
    auto server = HttpServer::start(options, [this](const HttpRequest& request, const auto& reply) {
      ++handled_;
      reply({.body = request.path == "/big" ? std::string(32u << 20, 'x') : "fine", .headers = {}});
    });
    ASSERT_TRUE(server.ok());
    server_ = std::move(server).value();
  }
  RawClient client() { return RawClient(server_->port()); }
  void expect_alive() { EXPECT_THAT(RawClient(server_->port()).get("/alive"), EndsWith("fine")); }

  std::atomic<int> handled_ = 0;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HostileClients, BadFramingIs400AndTheEndOfTheConnection) {
  start({});
  const std::string_view kBad[] = {
      "\x16\x03\x01\x02garbage\r\n\r\n",
      "GET\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      "GET / HTTP/1.1\nHost: x\n\n",
      "GET / HTTP/1.1\r\nBad Name: x\r\n\r\n",
      "GET / HTTP/1.1\r\nno colon\r\n\r\n",
      "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
      "POST / HTTP/1.1\r\nContent-Length: 1x\r\n\r\nab",
      "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
  };
  for (std::string_view bad : kBad) {
    RawClient one = client();
    one.send(bad);
    auto answer = one.read_to_end();
    ASSERT_TRUE(answer) << bad;
    EXPECT_THAT(*answer, StartsWith("HTTP/1.1 400 ")) << bad;
  }
  EXPECT_EQ(handled_, 0);
  expect_alive();
}

TEST_F(HostileClients, ABadTargetIs400AndTheConnectionGoesOn) {
  start({});
  RawClient one = client();
  EXPECT_THAT(one.get("/%zz"), StartsWith("HTTP/1.1 400 "));
  EXPECT_EQ(handled_, 0);
  EXPECT_THAT(one.get("/good"), EndsWith("fine"));
}

TEST_F(HostileClients, RandomBytesNeverStopIt) {
  start({.idle = 200ms});
  std::mt19937 random(7);
  std::string seed = "POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nX: y\r\n\r\nabc";
  for (int i = 0; i < 500; ++i) {
    std::string mutated = seed;
    for (int n = static_cast<int>(random() % 4); n >= 0; --n) {
      mutated[random() % mutated.size()] = static_cast<char>(random());
    }
    RawClient one = client();
    one.send(mutated);
    one.finish_sending();
    auto answer = one.read_to_end();
    ASSERT_TRUE(answer) << mutated;
    EXPECT_THAT(*answer, AnyOf(IsEmpty(), StartsWith("HTTP/1.1 "))) << mutated;
  }
  expect_alive();
}

TEST_F(HostileClients, ABodyPastItsCapIs413BeforeItIsRead) {
  start({.body_bytes = 1000});
  RawClient fits = client();
  fits.send("POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'b'));
  EXPECT_THAT(fits.read_response(), EndsWith("fine"));
  RawClient stated = client();
  stated.send("POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n");
  EXPECT_THAT(stated.read_response(), StartsWith("HTTP/1.1 413 "));
  RawClient chunked = client();
  chunked.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n" +
               std::string(1024, 'c'));
  EXPECT_THAT(chunked.read_response(), StartsWith("HTTP/1.1 413 "));
  EXPECT_EQ(handled_, 1);
}

TEST_F(HostileClients, AGigabyteIsNotSwallowed) {
  start({.body_bytes = 1000});
  RawClient flood = client();
  flood.send("POST / HTTP/1.1\r\nContent-Length: 1073741824\r\n\r\n");
  std::string block(1u << 20, 'f');
  int sent = 0;
  while (sent < 1024 && flood.send(block)) ++sent;
  EXPECT_LT(sent, 64);  // the server reads 1 MiB on, the kernel holds some more
  expect_alive();
}

TEST_F(HostileClients, HeadersPastTheirCapAre431) {
  start({.header_bytes = 2000});
  for (const std::string& head : {"GET /" + std::string(4000, 'u') + " HTTP/1.1\r\n\r\n",
                                  "GET / HTTP/1.1\r\nX: " + std::string(4000, 'h') + "\r\n\r\n",
                                  "GET / HTTP/1.1\r\nX: " + std::string(1u << 20, 'h')}) {
    RawClient one = client();
    one.send(head);
    EXPECT_THAT(one.read_response(), StartsWith("HTTP/1.1 431 "));
  }
  EXPECT_EQ(handled_, 0);
}

TEST_F(HostileClients, HalfOpenConnectionsAreClosedAndBlockNobody) {
  start({.idle = 300ms});
  std::vector<RawClient> silent;
  for (int i = 0; i < 200; ++i) silent.push_back(client());
  for (int i = 0; i < 100; ++i) silent[static_cast<size_t>(i)].send("GET / HTTP/1.1\r\nHos");
  for (int i = 100; i < 150; ++i) {
    silent[static_cast<size_t>(i)].send("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab");
  }
  expect_alive();
  for (RawClient& one : silent) EXPECT_THAT(one.read_to_end().value(), IsEmpty());
}

TEST_F(HostileClients, ASlowSenderIsClosedHoweverSteadyItDrips) {
  start({.idle = 300ms});
  RawClient drip = client();
  drip.send("GET / HTTP/1.1\r\n");
  // Each byte comes well within the 300 ms, all of them do not.
  int sent = 0;
  while (sent < 1000 && !drip.hears_within(20ms) && drip.send("X")) ++sent;
  EXPECT_LT(sent, 1000);
  EXPECT_EQ(handled_, 0);
}

TEST_F(HostileClients, ASlowReaderIsClosed) {
  start({.idle = 300ms});
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 4; ++i) {
    slow.push_back(std::make_unique<RawClient>(server_->port(), 4096));
    slow.back()->send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  expect_alive();
  // With nobody reading, the server can only wait for the idle time and go: a stop with a long
  // grace then has nothing left to wait for.
  auto begin = std::chrono::steady_clock::now();
  server_->stop(60s);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 30s);
  for (auto& one : slow) EXPECT_LT(one->read_to_end().value().size(), 32u << 20);
}

TEST_F(HostileClients, ConnectionsPastTheCapAreClosedAtOnce) {
  start({.connections = 100});
  std::vector<RawClient> held;
  for (int i = 0; i < 100; ++i) {
    held.push_back(client());
    ASSERT_THAT(held.back().get("/"), EndsWith("fine"));
  }
  EXPECT_THAT(client().read_to_end().value(), IsEmpty());
  held.pop_back();
  for (int tries = 0; tries < 1000; ++tries) {  // until it has seen that one go
    if (!client().get("/").empty()) return;
  }
  FAIL() << "no place came free";
}

TEST_F(HostileClients, OutlivesRunningOutOfDescriptors) {
  start({});
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  RawClient waiting;
  rlimit none = {.rlim_cur = 3, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  ASSERT_TRUE(waiting.connect_to(server_->port()));
  waiting.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_FALSE(waiting.hears_within(200ms));
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_THAT(waiting.read_response(), EndsWith("fine"));
}

}  // namespace
}  // namespace autoscaler
