#include "base/fetch.h"

#include "tests/base/fetch_batch.h"
#include "tests/base/raw_server.h"
#include "tests/fakes/free_port.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

std::string answer(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

void serve_kept_alive(RawConnection& connection) {
  while (connection.read_request()) connection.send(answer("hello"));
}

void never_answer(RawConnection& connection) {
  connection.wait_until_closed();
}

TEST(Fetch, ReturnsStatusAndBodyInTheOrderOfTheRequests) {
  RawServer server([](RawConnection& c) {
    while (c.read_request()) {
      const size_t from = c.request().find(' ') + 1;
      c.send(answer(c.request().substr(from, c.request().find(' ', from) - from)));
    }
  });
  Fetcher fetcher(limits_with(kLong));
  std::vector<std::string> urls;
  for (int i = 0; i < 50; ++i) urls.push_back(server.url("/" + std::to_string(i)));
  const auto results = fetch_urls(fetcher, urls);
  ASSERT_EQ(results.size(), 50u);
  for (size_t i = 0; i < results.size(); ++i) {
    ASSERT_TRUE(results[i]) << results[i].error().message;
    EXPECT_EQ(results[i]->status, 200);
    EXPECT_EQ(results[i]->body, "/" + std::to_string(i));
  }
}

TEST(Fetch, AnEmptyBatchIsAnEmptyAnswer) {
  Fetcher fetcher(limits_with(kLong));
  EXPECT_TRUE(fetcher.fetch({}).empty());
}

TEST(Fetch, SendsTheHeadersItIsGivenAndAsksForNoCompression) {
  RawServer server([](RawConnection& c) {
    while (c.read_request()) c.send(answer(c.request()));
  });
  Fetcher fetcher(limits_with(kLong));
  const FetchRequest request{server.url("/metrics"), {"Accept: text/plain", "X-Mark: seven"}, {}};
  const auto results = fetcher.fetch(std::span(&request, 1));
  ASSERT_TRUE(results[0]);
  EXPECT_THAT(results[0]->body, HasSubstr("GET /metrics HTTP/1.1\r\n"));
  EXPECT_THAT(results[0]->body, HasSubstr("Accept: text/plain\r\n"));
  EXPECT_THAT(results[0]->body, HasSubstr("X-Mark: seven\r\n"));
  EXPECT_THAT(results[0]->body, testing::Not(HasSubstr("Accept-Encoding")));
}

TEST(Fetch, KeepsConnectionsOpenFromOneBatchToTheNext) {
  RawServer first(serve_kept_alive);
  RawServer second(serve_kept_alive);
  Fetcher fetcher(limits_with(kLong));
  for (int round = 0; round < 20; ++round) {
    for (const auto& result : fetch_urls(fetcher, {first.url(), second.url()})) {
      ASSERT_TRUE(result) << result.error().message;
    }
  }
  EXPECT_EQ(first.accepted(), 1);
  EXPECT_EQ(second.accepted(), 1);
}

TEST(Fetch, AskedAgainAfterTheServerClosedAnIdleConnectionItAnswers) {
  RawServer server([](RawConnection& c) {
    if (c.read_request()) c.send(answer("once"));
  });
  Fetcher fetcher(limits_with(kLong));
  for (int round = 0; round < 20; ++round) {
    const auto results = fetch_urls(fetcher, {server.url()});
    ASSERT_TRUE(results[0]) << results[0].error().message;
  }
}

TEST(Fetch, KeepsToItsCapOfParallelRequests) {
  std::atomic<int> now = 0, most = 0;
  RawServer server([&](RawConnection& c) {
    while (c.read_request()) {
      const int current = ++now;
      int seen = most;
      while (current > seen && !most.compare_exchange_weak(seen, current)) {
      }
      std::this_thread::yield();
      --now;
      c.send(answer("x"));
    }
  });
  FetchLimits limits = limits_with(kLong);
  limits.parallel = 4;
  Fetcher fetcher(limits);
  for (const auto& result : fetch_urls(fetcher, std::vector<std::string>(100, server.url()))) {
    EXPECT_TRUE(result) << result.error().message;
  }
  EXPECT_LE(most, 4);
  EXPECT_LE(server.accepted(), 4);
}

TEST(Fetch, ARedirectIsAResponseAndIsNotFollowed) {
  RawServer elsewhere(serve_kept_alive);
  RawServer server([&](RawConnection& c) {
    if (!c.read_request()) return;
    c.send("HTTP/1.1 302 Found\r\nLocation: " + elsewhere.url() + "\r\nContent-Length: 0\r\n\r\n");
  });
  const auto result = fetch_one(server.url(), limits_with(kLong));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->status, 302);
  EXPECT_EQ(elsewhere.accepted(), 0);
}

TEST(Fetch, ABodyCompressedUnaskedIsNotUnpacked) {
  const std::string packed = "\x1f\x8b not really gzip";
  RawServer server([&](RawConnection& c) {
    if (!c.read_request()) return;
    c.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
           std::to_string(packed.size()) + "\r\n\r\n" + packed);
  });
  const auto result = fetch_one(server.url(), limits_with(kLong));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->body, packed);
}

TEST(Fetch, AnInterimAnswerIsNotTheAnswer) {
  RawServer server([](RawConnection& c) {
    if (c.read_request()) c.send("HTTP/1.1 100 Continue\r\n\r\n" + answer("real"));
  });
  const auto result = fetch_one(server.url(), limits_with(kLong));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->status, 200);
  EXPECT_EQ(result->body, "real");
}

TEST(Fetch, ARefusedConnectionIsSaidToBeRefusedAndByWhom) {
  const std::string target = "127.0.0.1:" + std::to_string(free_port());
  const auto result = fetch_one("http://" + target + "/", limits_with(kLong));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::kUnavailable);
  EXPECT_EQ(result.error().message, "connect to " + target + " refused");
}

TEST(Fetch, AUrlThatIsNotHttpIsRefusedBeforeAnythingIsSent) {
  for (const char* url : {"https://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "",
                          "http://", "http://127.0.0.1:99999/", "http://a b/"}) {
    const auto result = fetch_one(url, limits_with(kLong));
    ASSERT_FALSE(result) << url;
    EXPECT_EQ(result.error().code, Code::kInvalid) << url << ": " << result.error().message;
  }
}

TEST(Fetch, TheProxyOfTheEnvironmentIsNotUsed) {
  RawServer proxy(serve_kept_alive);
  const std::string target = "http://127.0.0.1:" + std::to_string(free_port()) + "/";
  setenv("http_proxy", proxy.url().c_str(), 1);
  const auto result = fetch_one(target, limits_with(kLong));
  unsetenv("http_proxy");
  EXPECT_FALSE(result);
  EXPECT_EQ(proxy.accepted(), 0);
}

TEST(Fetch, TargetsThatHangDoNotDelayTheOthers) {
  std::atomic<int> served = 0;
  std::atomic<bool> all_served_while_hanging = false;
  RawServer good([&](RawConnection& c) {
    while (c.read_request()) {
      c.send(answer("hello"));
      if (++served < 20) continue;
      all_served_while_hanging = true;
      all_served_while_hanging.notify_all();
    }
  });
  // Ends only once every good one has been served: if those waited for it, both would time out.
  RawServer hanging([&](RawConnection& c) {
    c.read_request();
    all_served_while_hanging.wait(false);
    c.send(answer("late"));
  });
  Fetcher fetcher(limits_with(kLong));
  std::vector<std::string> urls(20, hanging.url());
  urls.insert(urls.end(), 20, good.url());
  const milliseconds took = elapsed([&] {
    for (const auto& result : fetch_urls(fetcher, urls)) {
      EXPECT_TRUE(result) << result.error().message;
    }
  });
  EXPECT_LT(took, kLong / 2);
}

TEST(Fetch, MoreHangingTargetsThanSlotsDoNotStarveTheRest) {
  RawServer hanging(never_answer);
  RawServer good(serve_kept_alive);
  FetchLimits limits = limits_with(milliseconds(3000));
  limits.parallel = 4;
  Fetcher fetcher(limits);
  std::vector<std::string> urls(8, hanging.url());
  urls.insert(urls.end(), 4, good.url());  // three rounds of four, one second each
  std::vector<Result<FetchResponse>> results;
  const milliseconds took = elapsed([&] { results = fetch_urls(fetcher, urls); });
  for (size_t i = 0; i < 8; ++i) {
    ASSERT_FALSE(results[i]);
    EXPECT_EQ(results[i].error().code, Code::kTimeout);
  }
  for (size_t i = 8; i < 12; ++i) EXPECT_TRUE(results[i]) << results[i].error().message;
  EXPECT_LT(took, kLong);
}

TEST(Fetch, ARequestMayHaveAShorterTimeThanItsBatch) {
  RawServer hanging(never_answer);
  Fetcher fetcher(limits_with(kLong));
  const FetchRequest request{hanging.url(), {}, kShort};
  const milliseconds took = elapsed([&] {
    const auto results = fetcher.fetch(std::span(&request, 1));
    ASSERT_FALSE(results[0]);
    EXPECT_EQ(results[0].error().code, Code::kTimeout);
    EXPECT_THAT(results[0].error().message, HasSubstr("within 300 ms"));
  });
  EXPECT_LT(took, kLong / 2);
}

TEST(Fetch, AFetcherWorksOnAfterABatchThatTimedOut) {
  RawServer hanging(never_answer);
  RawServer good(serve_kept_alive);
  Fetcher fetcher(limits_with(milliseconds(3000)));
  for (int round = 0; round < 2; ++round) {
    const auto results = fetch_urls(fetcher, {hanging.url(), good.url()});
    EXPECT_FALSE(results[0]);
    EXPECT_TRUE(results[1]) << results[1].error().message;
  }
  EXPECT_EQ(good.accepted(), 1);
}

TEST(Fetch, OutOfDescriptorsIsSaidSo) {
  RawServer server(serve_kept_alive);
  Fetcher fetcher(limits_with(kLong));
  rlimit old{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &old), 0);
  const int lowest = dup(0);
  close(lowest);
  const rlimit none{static_cast<rlim_t>(lowest), old.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto results = fetch_urls(fetcher, {server.url()});
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &old), 0);
  ASSERT_FALSE(results[0]);
  EXPECT_EQ(results[0].error().code, Code::kExhausted) << results[0].error().message;
  EXPECT_TRUE(fetch_urls(fetcher, {server.url()})[0]);
}

}  // namespace
}  // namespace autoscaler
