#include "base/fetch.h"
#include "tests/base/fetch_batch.h"
#include "tests/base/raw_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  size_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

struct HostileServer {
  const char* name;
  RawServer::Behaviour behave;
  milliseconds deadline;
  Code code;
  const char* message;
};

void PrintTo(const HostileServer& server, std::ostream* out) {
  *out << server.name;
}

class HostileFetch : public testing::TestWithParam<HostileServer> {};

TEST_P(HostileFetch, EndsWithItsOwnErrorInTimeAndInBoundedMemory) {
  const HostileServer& hostile = GetParam();
  RawServer server(hostile.behave);
  const size_t before = resident_bytes();
  const milliseconds took = elapsed([&] {
    const auto result = fetch_one(server.url(), limits_with(hostile.deadline));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, hostile.code) << result.error().message;
    EXPECT_THAT(result.error().message, HasSubstr(hostile.message));
    EXPECT_THAT(result.error().message, HasSubstr("127.0.0.1:" + std::to_string(server.port())));
  });
  if (hostile.deadline == kLong) {
    EXPECT_LT(took, kLong / 2);
  } else {
    EXPECT_GE(took, hostile.deadline - milliseconds(2));
    EXPECT_LT(took, hostile.deadline + milliseconds(5000));
  }
  EXPECT_LT(resident_bytes(), before + (64u << 20));
}

const std::string kHead = "HTTP/1.1 200 OK\r\n";

INSTANTIATE_TEST_SUITE_P(
    Servers, HostileFetch,
    testing::Values(HostileServer{"Resets",
                                  [](RawConnection& c) {
                                    c.read_request();
                                    c.reset();
                                  },
                                  kLong, Code::kUnavailable, "broke the connection"},
                    HostileServer{"ClosesAtOnce", [](RawConnection& c) { c.read_request(); }, kLong,
                                  Code::kUnavailable, "closed the connection without an answer"},
                    HostileServer{"NeverAnswers", [](RawConnection& c) { c.wait_until_closed(); },
                                  kShort, Code::kTimeout, "no answer"},
                    HostileServer{"StopsInsideTheHeaders",
                                  [](RawConnection& c) {
                                    c.send(kHead + "Content-Le");
                                    c.wait_until_closed();
                                  },
                                  kShort, Code::kTimeout, "not complete"},
                    HostileServer{"StopsInsideTheBody",
                                  [](RawConnection& c) {
                                    c.send(kHead + "Content-Length: 100\r\n\r\nhalf");
                                    c.wait_until_closed();
                                  },
                                  kShort, Code::kTimeout, "not complete"},
                    HostileServer{"DripsOneByteAtATime",
                                  [](RawConnection& c) {
                                    c.send(kHead + "Content-Length: 1000000\r\n\r\n");
                                    while (c.send("x"))
                                      std::this_thread::sleep_for(milliseconds(5));
                                  },
                                  kShort, Code::kTimeout, "not complete"},
                    HostileServer{"ClosesInsideTheBody",
                                  [](RawConnection& c) {
                                    c.read_request();
                                    c.send(kHead + "Content-Length: 100\r\n\r\nhalf");
                                  },
                                  kLong, Code::kUnavailable, "inside the body"},
                    HostileServer{"SendsAnEndlessChunkedBody",
                                  [](RawConnection& c) {
                                    c.send(kHead + "Transfer-Encoding: chunked\r\n\r\n");
                                    const std::string chunk =
                                        "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
                                    while (c.send(chunk)) {
                                    }
                                  },
                                  kLong, Code::kTooLarge, "body"},
                    HostileServer{"SendsAnEndlessBodyWithoutLength",
                                  [](RawConnection& c) {
                                    c.send(kHead + "\r\n");
                                    while (c.send(std::string(65536, 'x'))) {
                                    }
                                  },
                                  kLong, Code::kTooLarge, "larger than 1048576 bytes"},
                    HostileServer{"Announces2GB",
                                  [](RawConnection& c) {
                                    c.send(kHead + "Content-Length: 2000000000\r\n\r\n");
                                    c.wait_until_closed();
                                  },
                                  kLong, Code::kTooLarge, "body"},
                    HostileServer{"FloodsWithHeaders",
                                  [](RawConnection& c) {
                                    c.send(kHead);
                                    while (c.send("X-Flood: " + std::string(1000, 'y') + "\r\n")) {
                                    }
                                  },
                                  kLong, Code::kTooLarge, "headers"},
                    HostileServer{"SendsAHeaderLineWithoutEnd",
                                  [](RawConnection& c) {
                                    c.send(kHead + "X-Long: ");
                                    while (c.send(std::string(65536, 'y'))) {
                                    }
                                  },
                                  kLong, Code::kTooLarge, "headers"},
                    HostileServer{"FloodsWithInterimAnswers",
                                  [](RawConnection& c) {
                                    while (c.send("HTTP/1.1 100 Continue\r\n\r\n")) {
                                    }
                                  },
                                  kLong, Code::kTooLarge, "headers"},
                    HostileServer{"SpeaksGarbage",
                                  [](RawConnection& c) {
                                    c.send("SSH-2.0-OpenSSH_9.2\r\n");
                                    c.read_request();
                                  },
                                  kLong, Code::kInvalid, "no valid HTTP"},
                    HostileServer{"SendsABadChunk",
                                  [](RawConnection& c) {
                                    c.read_request();
                                    c.send(kHead + "Transfer-Encoding: chunked\r\n\r\nzz\r\n");
                                    c.wait_until_closed();
                                  },
                                  kLong, Code::kInvalid, "no valid HTTP"}),
    [](const auto& server) { return std::string(server.param.name); });

}  // namespace
}  // namespace autoscaler
