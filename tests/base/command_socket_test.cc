#include "base/command_socket.h"

#include "tests/base/raw_server.h"
#include "tests/fakes/temp_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <fstream>
#include <future>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::HasSubstr;

// Long enough for any machine, where the test expects an answer.
constexpr milliseconds kPatience{20000};
// Short, where the test expects none.
constexpr milliseconds kImpatience{50};

std::string address_of(const RawServer& server) {
  return "127.0.0.1:" + std::to_string(server.port());
}

// A listening unix socket. Accepts `served` connections, sending `answer` and closing.
class UnixServer {
 public:
  UnixServer(const std::string& path, std::string answer, int backlog = 16)
      : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)), answer_(std::move(answer)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    CHECK(::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
    CHECK(::listen(fd_, backlog) == 0);
  }
  ~UnixServer() { ::close(fd_); }
  UnixServer(const UnixServer&) = delete;
  UnixServer& operator=(const UnixServer&) = delete;

  // Serves one connection and returns the command that it got.
  std::string serve_one() const {
    const int client = ::accept(fd_, nullptr, nullptr);
    std::string command;
    char c = 0;
    while (::recv(client, &c, 1, 0) == 1 && c != '\n') command += c;
    CHECK(::send(client, answer_.data(), answer_.size(), MSG_NOSIGNAL) >= 0);
    ::close(client);
    return command;
  }

 private:
  int fd_;
  std::string answer_;
};

TEST(CommandSocket, SendsOneLineToAPathAndReadsTheAnswerToItsEnd) {
  const TempDirectory directory;
  const std::string path = directory / "control.sock";
  const UnixServer server(path, "first line\nsecond line\n\n");
  auto command = std::async(std::launch::async, [&] { return server.serve_one(); });
  const auto answer = send_command(path, "show info", kPatience);
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(*answer, "first line\nsecond line\n\n");
  EXPECT_EQ(command.get(), "show info");
}

TEST(CommandSocket, ReadsAnAnswerThatComesInPiecesOverTcp) {
  const std::string megabyte(1 << 20, 'x');
  const RawServer server([&](RawConnection& connection) {
    connection.read_line();
    connection.send("begin ");
    connection.send(megabyte);
  });
  for (const std::string host : {"127.0.0.1:", "localhost:"}) {
    const auto answer = send_command(host + std::to_string(server.port()), "dump", kPatience);
    ASSERT_TRUE(answer.ok()) << answer.error().message;
    EXPECT_EQ(answer->size(), 6 + megabyte.size());
  }
}

TEST(CommandSocket, NamesThePathThatIsMissingAndTheLineThatMakesIt) {
  const TempDirectory directory;
  const std::string path = directory / "absent.sock";
  const auto answer = send_command(path, "show info", kPatience);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, Code::kUnavailable);
  EXPECT_THAT(answer.error().message, AllOf(HasSubstr("No such file"),
                                            HasSubstr("'stats socket " + path + " level admin'")));
}

TEST(CommandSocket, TellsASocketWithoutAProgramFromOneThatIsMissing) {
  const TempDirectory directory;
  const std::string path = directory / "left.sock";
  { const UnixServer gone(path, ""); }
  const auto answer = send_command(path, "show info", kPatience);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, Code::kUnavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("Connection refused"));
}

TEST(CommandSocket, SaysThatAPortIsRefusedAndHowToOpenIt) {
  std::string address;
  {
    const RawServer gone([](RawConnection&) {});
    address = address_of(gone);
  }
  const auto answer = send_command(address, "show info", kPatience);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, Code::kUnavailable);
  EXPECT_THAT(answer.error().message,
              AllOf(HasSubstr("Connection refused"), HasSubstr("stats socket ipv4@" + address)));
}

TEST(CommandSocket, SaysThatAFileIsNoSocket) {
  const TempDirectory directory;
  const std::string path = directory / "file";
  std::ofstream(path) << "text";
  const auto answer = send_command(path, "show info", kPatience);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, Code::kUnavailable);
}

TEST(CommandSocket, SaysThatItMayNotOpenTheSocket) {
  const TempDirectory directory;
  const std::string path = directory / "closed.sock";
  const UnixServer server(path, "");
  ASSERT_EQ(::chmod(path.c_str(), 0), 0);
  constexpr uid_t kNobody = 65534;
  const bool root = ::geteuid() == 0;  // who may open every socket
  ASSERT_EQ(root ? ::seteuid(kNobody) : 0, 0);
  const auto answer = send_command(path, "show info", kPatience);
  ASSERT_EQ(root ? ::seteuid(0) : 0, 0);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, Code::kDenied);
}

TEST(CommandSocket, TimesOutWhereTheConnectionIsTakenAndNothingComes) {
  const RawServer server([](RawConnection& connection) { connection.wait_until_closed(); });
  const auto answer = send_command(address_of(server), "show info", kImpatience);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, Code::kTimeout);
  EXPECT_THAT(answer.error().message, HasSubstr("within 50 ms"));
}

TEST(CommandSocket, TimesOutOnAHalfOpenPeerThatNeverEndsItsAnswer) {
  const RawServer server([](RawConnection& connection) {
    connection.send("half an ans");
    connection.wait_until_closed();
  });
  const auto answer = send_command(address_of(server), "show info", kImpatience);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, Code::kTimeout);
}

TEST(CommandSocket, HoldsAPeerThatNeverStopsSendingToTheDeadline) {
  const RawServer server([](RawConnection& connection) {
    while (connection.send("more ")) {
    }
  });
  const auto answer = send_command(address_of(server), "show info", kImpatience, size_t{1} << 40);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, Code::kTimeout);
}

TEST(CommandSocket, TimesOutOrIsRefusedWhereNobodyAcceptsAnyMore) {
  const TempDirectory directory;
  const std::string path = directory / "stopped.sock";
  const UnixServer server(path, "", 0);
  for (int i = 0; i < 4; ++i) {
    const auto answer = send_command(path, "show info", kImpatience);
    ASSERT_FALSE(answer.ok());
    EXPECT_THAT(answer.error().message, HasSubstr("is the program behind it stopped"));
  }
}

TEST(CommandSocket, SaysThatTheConnectionWasResetOrClosedWithoutAnAnswer) {
  const RawServer closing([](RawConnection& connection) { connection.read_line(); });
  const RawServer resetting([](RawConnection& connection) {
    connection.send("part of it");
    connection.reset();
  });
  for (const RawServer* server : {&closing, &resetting}) {
    const auto answer = send_command(address_of(*server), "show info", kPatience);
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error().code, Code::kUnavailable);
  }
}

TEST(CommandSocket, RefusesAnAnswerOverTheCap) {
  const RawServer server([](RawConnection& connection) {
    connection.read_line();
    connection.send(std::string(1000, 'x'));
  });
  EXPECT_TRUE(send_command(address_of(server), "dump", kPatience, 1000).ok());
  const auto answer = send_command(address_of(server), "dump", kPatience, 999);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, Code::kTooLarge);
}

TEST(CommandSocket, RefusesAddressesThatMakeNoSense) {
  const std::string addresses[] = {
      "",
      "haproxy.sock",
      "127.0.0.1",
      "127.0.0.1:",
      "127.0.0.1:0",
      "127.0.0.1:70000",
      "127.0.0.1:99x",
      "some.host:9999",
      "::1:9999",
      "/tmp/" + std::string(120, 'x'),
  };
  for (const std::string& address : addresses) {
    const auto answer = send_command(address, "show info", kPatience);
    ASSERT_FALSE(answer.ok()) << address;
    EXPECT_EQ(answer.error().code, Code::kInvalid) << address;
  }
}

}  // namespace
}  // namespace autoscaler
