#include "tests/base/raw_server.h"
#include "tests/metrics/asked.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr Instant kStart{seconds(1732280400)};

size_t peak_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<size_t>(usage.ru_maxrss) * 1024;
}

void stream_forever(RawConnection& connection, const std::string& piece) {
  while (connection.send(piece)) {
  }
}

struct Hostile {
  const char* what;
  RawServer::Behaviour behave;
  const char* reason;
  const char* detail;
};

const Hostile kHostile[] = {
    {"closes at once", [](RawConnection&) {}, "unreachable", ""},
    {"resets", [](RawConnection& c) { c.reset(); }, "unreachable", ""},
    {"never answers",
     [](RawConnection& c) {
       c.read_request();
       c.wait_until_closed();
     },
     "timeout", "gave no whole answer within"},
    {"half of its headers",
     [](RawConnection& c) {
       c.read_request();
       c.send("HTTP/1.1 200 OK\r\nContent-Le");
       c.wait_until_closed();
     },
     "timeout", "gave no whole answer within"},
    {"half of its body",
     [](RawConnection& c) {
       c.read_request();
       c.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"status\":");
       c.wait_until_closed();
     },
     "timeout", "gave no whole answer within"},
    {"garbage",
     [](RawConnection& c) {
       c.read_request();
       c.send("\x01\x02 this is not HTTP \xff\r\n\r\n");
     },
     "malformed", ""},
    {"a page of HTML",
     [](RawConnection& c) {
       c.read_request();
       c.send("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>");
     },
     "malformed", "no JSON at byte 1"},
    {"an empty page",
     [](RawConnection& c) {
       c.read_request();
       c.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
     },
     "malformed", ""},
    {"an endless body",
     [](RawConnection& c) {
       c.read_request();
       c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
       stream_forever(c, "10000\r\n" + std::string(0x10000, 'x') + "\r\n");
     },
     "too_large", "longer than 1048576 bytes"},
    {"a body of 2 GB",
     [](RawConnection& c) {
       c.read_request();
       c.send("HTTP/1.1 200 OK\r\nContent-Length: 2000000000\r\n\r\n");
       stream_forever(c, std::string(1 << 16, 'x'));
     },
     "too_large", "longer than 1048576 bytes"},
    {"a body that drips",
     [](RawConnection& c) {
       c.read_request();
       c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
       // Each byte would begin a timeout of cpprestsdk's own anew.
       while (c.send("1\r\nx\r\n")) std::this_thread::sleep_for(milliseconds(50));
     },
     "timeout", "gave no whole answer within"},
    {"a redirect",
     [](RawConnection& c) {
       c.read_request();
       c.send("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
     },
     "bad_status", "status 302: redirects are not followed"},
    {"continue, and no more",
     [](RawConnection& c) {
       c.read_request();
       c.send("HTTP/1.1 100 Continue\r\n\r\n");
       c.wait_until_closed();
     },
     "bad_status", "status 100"},
    {"an alert of TLS",
     [](RawConnection& c) {
       c.read_request();
       c.send(std::string("\x15\x03\x01\x00\x02\x02\x46", 7));
     },
     "unreachable", ""},
};

TEST(PrometheusHostile, EachIsMissingForItsReasonInTimeAndInLittleMemory) {
  const size_t before = peak_bytes();
  for (const Hostile& hostile : kHostile) {
    RawServer raw(hostile.behave);
    PrometheusServer server;
    server.url = "http://127.0.0.1:" + std::to_string(raw.port());
    server.timeout = milliseconds(500);
    server.max_bytes = 1 << 20;
    Asked asked(server, {{.query = "a"}});
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(asked.read(kStart), hostile.reason) << hostile.what;
    EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(20)) << hostile.what;
    if (std::holds_alternative<Missing>(asked.reading())) {
      EXPECT_THAT(detail_of(asked.reading()), HasSubstr(hostile.detail)) << hostile.what;
    }
  }
  // Sanitizers keep what is freed for a while.
  EXPECT_LT(peak_bytes() - before, 256u << 20);
}

}  // namespace
}  // namespace autoscaler
