#include "base/rest_client.h"

#include "base/rest_exchange.h"
#include "tests/base/raw_server.h"
#include "tests/base/tls_server.h"
#include "tests/fakes/certificates.h"
#include "tests/fakes/eventually.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <string>
#include <vector>

namespace autoscaler {
namespace {

constexpr std::chrono::milliseconds kDeadline{20'000};
constexpr size_t kPiece = 64u << 10;

std::string url_of(const RawServer& server) {
  return "http://127.0.0.1:" + std::to_string(server.port());
}

// Answers each request with a body of so many bytes, and counts what the kernel has taken of it.
RawServer::Behaviour body_of(size_t bytes, std::atomic<size_t>& sent) {
  return [bytes, &sent](RawConnection& connection) {
    while (connection.read_request()) {
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n");
      const std::string piece(kPiece, 'x');
      for (size_t left = bytes; left > 0;) {
        const size_t next = std::min(left, kPiece);
        if (!connection.send(std::string_view(piece).substr(0, next))) return;
        left -= next;
        sent += next;
      }
    }
  };
}

TEST(RestClientStream, ABodyOfAnyLengthComesInPiecesAndTheConnectionIsKept) {
  std::atomic<size_t> sent = 0;
  RawServer server(body_of(20u << 20, sent));
  RestClient client(url_of(server), {}, 1000);
  for (int i = 0; i < 6; ++i) {
    size_t got = 0;
    const auto count = [&](const RestHead& head, std::string_view bytes) {
      EXPECT_EQ(head.status, 200);
      got += bytes.size();
      return true;
    };
    const auto head = client.stream({.path = "/"}, kDeadline, count);
    ASSERT_TRUE(head.ok()) << head.error().message;
    EXPECT_EQ(got, 20u << 20);
  }
  // The library gives a connection back a moment after its last byte: a call may come before that.
  EXPECT_LE(server.accepted(), 2);
}

TEST(RestClientStream, ASlowSinkSlowsTheServerDown) {
  constexpr size_t kBody = size_t{256} << 20;
  std::atomic<size_t> sent = 0;
  RawServer server(body_of(kBody, sent));
  RestClient client(url_of(server), {}, 1000);
  bool waited = false;
  const auto slow = [&](const RestHead&, std::string_view) {
    if (waited) return true;
    waited = true;
    size_t before = 0;
    int still = 0;
    EXPECT_TRUE(eventually([&] {
      still = sent == before ? still + 1 : 0;
      before = sent;
      return still > 60;  // 0.3 s
    }));
    EXPECT_LT(before, kBody / 2);  // what the kernel's buffers hold
    return true;
  };
  EXPECT_TRUE(client.stream({.path = "/"}, std::chrono::seconds(60), slow).ok());
  EXPECT_EQ(sent, kBody);
}

TEST(RestClientStream, ASinkThatRefusesEndsTheDownload) {
  std::atomic<bool> gone = false;
  RawServer server([&](RawConnection& connection) {
    connection.read_request();
    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (connection.send("400\r\n" + std::string(1024, 'x') + "\r\n")) {
    }
    gone = true;
  });
  RestClient client(url_of(server), {}, 1000);
  size_t got = 0;
  const auto head =
      client.stream({.path = "/"}, kDeadline, [&](const RestHead&, std::string_view bytes) {
        got += bytes.size();
        return got < 100'000;
      });
  EXPECT_TRUE(head.ok());
  EXPECT_TRUE(eventually([&] { return gone.load(); }));
}

TEST(RestClientStream, WhatCameBeforeAnErrorHasBeenGiven) {
  RawServer server([](RawConnection& connection) {
    connection.read_request();
    connection.send(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nRetry-After: 7\r\n\r\n5\r\nhello\r\n");
  });
  RestClient client(url_of(server), {}, 1000);
  std::string got;
  const auto head =
      client.stream({.path = "/"}, kDeadline, [&](const RestHead& of, std::string_view bytes) {
        EXPECT_EQ(of.retry_after, std::chrono::seconds(7));
        got += bytes;
        return true;
      });
  EXPECT_FALSE(head.ok());
  EXPECT_EQ(got, "hello");
}

TEST(RestClientStream, AStopEndsAWatchThatSaysNothing) {
  RawServer server([](RawConnection& connection) {
    connection.read_request();
    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    connection.wait_until_closed();
  });
  RestClient client(url_of(server), {}, 1000);
  std::stop_source stop;
  std::thread stopper([&] {
    eventually([&] { return server.accepted() == 1; });
    stop.request_stop();
  });
  const auto begin = std::chrono::steady_clock::now();
  const auto head = client.stream(
      {.path = "/"}, std::chrono::hours(1), [](const RestHead&, std::string_view) { return true; },
      stop.get_token());
  stopper.join();
  ASSERT_FALSE(head.ok());
  EXPECT_EQ(head.error().code, Code::kTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kDeadline);
}

// All calls have one thread: who waited there for another task would wait for ever, and they too.
TEST(RestClientStream, WhatComesAfterTheEndOfACallHoldsUpNobody) {
  const RestClient client("http://127.0.0.1:1", {}, 1);  // makes the thread
  std::promise<void> done;
  pplx::create_task([&done] {
    const auto exchange = std::make_shared<RestExchange>();
    exchange->abandon();
    auto body = body_of(exchange);
    const uint8_t byte = 0;
    EXPECT_THROW(body.putn_nocopy(&byte, 1).get(), std::runtime_error);
    EXPECT_FALSE(body.can_write());
    done.set_value();
  });
  ASSERT_EQ(done.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

// Its reader is woken once and not for the head, the body and the end.
TEST(RestExchangeBody, ThatIsAnnouncedAsAShortOneIsGivenAwayWhole) {
  RestExchange exchange;
  std::vector<std::string> taken;
  const auto drain = [&] {
    return exchange.drain(std::chrono::steady_clock::now(), {},
                          [&](const RestHead&, std::string_view bytes) {
                            taken.emplace_back(bytes);
                            return true;
                          });
  };
  const auto* bytes = reinterpret_cast<const uint8_t*>("hello");
  exchange.begin({.status = 200, .length = 5});
  exchange.write(bytes, 3);
  EXPECT_FALSE(drain());
  exchange.write(bytes + 3, 2);
  exchange.finish(Done{});
  ASSERT_TRUE(drain());
  EXPECT_EQ(taken, std::vector<std::string>{"hello"});
}

TEST(RestExchangeBody, OfUnknownLengthIsGivenAwayAsItComes) {
  RestExchange exchange;
  std::vector<std::string> taken;
  exchange.begin({.status = 200});
  exchange.write(reinterpret_cast<const uint8_t*>("hel"), 3);
  EXPECT_FALSE(exchange.drain(std::chrono::steady_clock::now(), {},
                              [&](const RestHead&, std::string_view bytes) {
                                taken.emplace_back(bytes);
                                return true;
                              }))
      << "it has not ended";
  EXPECT_EQ(taken, std::vector<std::string>{"hel"});
}

// They would be read and parsed for each connection, which takes longer than the call.
TEST(RestClientTls, TheSystemsAuthoritiesAreTrustedAndReadOnce) {
  const Certificates certificates;
  const std::string authorities = certificates.ca() + ".system";
  std::filesystem::copy_file(certificates.ca(), authorities);
  ::setenv("SSL_CERT_FILE", authorities.c_str(), 1);
  const TlsServer server(certificates.server(), certificates.server_key(),
                         "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  for (int connection = 0; connection < 3; ++connection) {
    RestClient client(server.url(), {}, 1000);
    const auto answer = client.send({.path = ""}, kDeadline);
    ASSERT_TRUE(answer.ok()) << answer.error().message;
    EXPECT_EQ(answer->status, 200);
    std::filesystem::remove(authorities);
  }
  TlsFiles named;
  named.ca = certificates.other_ca();
  RestClient suspicious(server.url(), named, 1000);
  const auto refused = suspicious.send({.path = ""}, kDeadline);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kDenied);
}

}  // namespace
}  // namespace autoscaler
