// The real load generator against servers that misbehave: every request gets the outcome that says
// what happened to it, and none waits for another.

#include "tests/base/raw_server.h"
#include "tests/e2e/load/load_run.h"

#include <gmock/gmock.h>

#include <cstdio>
#include <fstream>

namespace autoscaler::e2e {
namespace {

using nlohmann::json;
using testing::MatchesRegex;

constexpr std::string_view kFine = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine";

// Ten requests in half a second, unless `more` says otherwise.
json run(const std::string& url, std::vector<std::string> more = {},
         const std::string& steps = "500ms@20") {
  std::vector<std::string> flags{"--spacing", "uniform", "--steps", steps};
  flags.insert(flags.end(), more.begin(), more.end());
  return LoadRun(url, flags).summary();
}

struct Misbehaviour {
  const char* outcome;
  RawServer::Behaviour behave;
};

void PrintTo(const Misbehaviour& misbehaviour, std::ostream* out) {
  *out << misbehaviour.outcome;
}

class FailingServer : public testing::TestWithParam<Misbehaviour> {};

TEST_P(FailingServer, GivesEveryRequestItsOutcome) {
  RawServer server(GetParam().behave);
  json summary = run(server.url(), {"--timeout", "300ms"});
  EXPECT_EQ(summary.at("offered"), 10);
  EXPECT_EQ(summary.at(GetParam().outcome), 10) << summary;
}

RawServer::Behaviour answer(const std::string& text) {
  return [text](RawConnection& connection) {
    if (connection.read_request()) connection.send(text);
  };
}

INSTANTIATE_TEST_SUITE_P(
    All, FailingServer,
    testing::Values(
        Misbehaviour{"ok", answer("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")},
        Misbehaviour{"ok", answer("HTTP/1.0 200 OK\r\n\r\nuntil the end")},
        Misbehaviour{"http", answer("HTTP/1.1 404 No\r\nContent-Length: 0\r\n"
                                    "Connection: close\r\n\r\n")},
        Misbehaviour{"5xx", answer("HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n"
                                   "Connection: close\r\n\r\n")},
        Misbehaviour{"closed", answer("")},
        Misbehaviour{"closed", answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")},
        Misbehaviour{"garbled", answer("SSH-2.0-OpenSSH_9.2\r\n\r\n")},
        Misbehaviour{"reset",
                     [](RawConnection& connection) {
                       connection.read_request();
                       connection.reset();
                     }},
        Misbehaviour{"timeout", [](RawConnection& connection) { connection.wait_until_closed(); }},
        Misbehaviour{"timeout", [](RawConnection& connection) {
                       connection.read_request();
                       connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
                       connection.wait_until_closed();
                     }}));

TEST(LoadGenerator, SaysRefusedWhereNobodyListens) {
  std::string url;
  {
    RawServer gone([](RawConnection&) {});
    url = gone.url();
  }
  json summary = run(url);
  EXPECT_EQ(summary.at("refused"), 10) << summary;
}

TEST(LoadGenerator, SendsOnTimeThoughNothingIsAnswered) {
  RawServer silent([](RawConnection& connection) { connection.wait_until_closed(); });
  json summary = run(silent.url(), {"--timeout", "2s", "--max-open", "60"}, "500ms@200");
  EXPECT_EQ(summary.at("sent"), 100);
  EXPECT_EQ(summary.at("timeout"), 60) << summary;
  EXPECT_EQ(summary.at("no-connection"), 40) << summary;
  EXPECT_EQ(silent.accepted(), 60);
}

TEST(LoadGenerator, KeepsConnectionsButForTheShareThatIsFresh) {
  RawServer server([](RawConnection& connection) {
    while (connection.read_request() && connection.send(kFine)) {
      if (connection.request().find("Connection: close") != std::string::npos) return;
    }
  });
  json all_kept = run(server.url(), {"--fresh", "0"});
  EXPECT_EQ(all_kept.at("ok"), 10) << all_kept;
  int kept = server.accepted();
  EXPECT_LE(kept, 3);  // more than one only if an answer takes longer than the 50 ms between two
  json all_fresh = run(server.url(), {"--fresh", "1"});
  EXPECT_EQ(all_fresh.at("ok"), 10) << all_fresh;
  EXPECT_EQ(server.accepted() - kept, 10);
}

TEST(LoadGenerator, RepeatsOnceARequestThatFoundItsKeptConnectionClosed) {
  RawServer server([](RawConnection& connection) {
    if (!connection.read_request() || !connection.send(kFine)) return;
    connection.read_request();
  });
  json summary = run(server.url(), {"--fresh", "0"});
  EXPECT_EQ(summary.at("ok"), 10) << summary;
  EXPECT_EQ(summary.at("retried"), server.accepted() - 1) << summary;
  EXPECT_GE(summary.at("retried"), 5) << summary;
}

TEST(LoadGenerator, DoesNotRepeatARequestThatWasPartlyAnswered) {
  RawServer server([](RawConnection& connection) {
    if (!connection.read_request() || !connection.send(kFine)) return;
    if (connection.read_request()) connection.send("HTTP/1.1 200 OK\r\nContent-Le");
  });
  json summary = run(server.url(), {"--fresh", "0"});
  EXPECT_EQ(summary.at("retried"), 0) << summary;
  EXPECT_GE(summary.at("closed"), 3) << summary;
}

TEST(LoadGenerator, WritesALineForEachRequest) {
  RawServer server(answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
  std::string path = testing::TempDir() + "/requests." + std::to_string(server.port()) + ".csv";
  run(server.url(), {"--csv", path, "--fresh", "1"});
  std::ifstream file(path);
  std::string line;
  ASSERT_TRUE(std::getline(file, line));
  int lines = 0;
  while (std::getline(file, line)) {
    ++lines;
    EXPECT_THAT(line, MatchesRegex("[0-9]+\\.000,[0-9]+\\.[0-9]+,200,ok,fresh,0"));
  }
  EXPECT_EQ(lines, 10);
  std::remove(path.c_str());
}

TEST(LoadGenerator, EndsEarlyWhenToldTo) {
  RawServer server(answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
  LoadRun load(server.url(), {"--rate", "20", "--duration", "1h"});
  load.process().line();
  load.process().line();
  load.process().signal(SIGTERM);
  json summary = load.summary();
  EXPECT_EQ(summary.at("ok"), summary.at("sent")) << summary;
  EXPECT_LT(summary.at("sent"), 200) << summary;
}

TEST(LoadGenerator, RefusesFlagsThatMakeNoSense) {
  const std::vector<std::vector<std::string>> kBad{
      {},
      {"--rate", "1", "--steps", "1s@1"},
      {"--steps", "1s"},
      {"--rate", "-1"},
      {"--rate", "1", "--duration", "10"},
      {"--rate", "1", "--timeout", "x"},
      {"--rate", "1", "--fresh", "2"},
      {"--rate", "1", "--spacing", "odd"},
      {"--trace", "/no/such/file"},
  };
  for (std::vector<std::string> command : kBad) {
    std::string shown = testing::PrintToString(command);
    command.insert(command.begin(), {LOAD_GENERATOR, "--url", "http://127.0.0.1:1/"});
    EXPECT_EQ(Child(command).wait(), 2) << shown;
  }
  for (const char* url : {"127.0.0.1:1", "https://127.0.0.1/", "http://", "http://h:99999/"}) {
    EXPECT_EQ(Child({LOAD_GENERATOR, "--rate", "1", "--url", url}).wait(), 2) << url;
  }
}

}  // namespace
}  // namespace autoscaler::e2e
