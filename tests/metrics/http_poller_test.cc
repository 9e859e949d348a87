#include "metrics/http_poller.h"

#include "tests/base/raw_server.h"
#include "tests/base/tls_server.h"
#include "tests/fakes/certificates.h"
#include "tests/fakes/eventually.h"
#include "tests/fakes/temp_directory.h"
#include "tests/metrics/polled.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string ok(const std::string& body, const std::string& more = "") {
  return "HTTP/1.1 200 OK\r\n" + more + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

// Answers every request of a kept connection with what `respond` makes of it.
RawServer::Behaviour answering(std::function<std::string(const std::string& request)> respond) {
  return [respond = std::move(respond)](RawConnection& c) {
    while (c.read_request() && c.send(respond(c.request()))) {
    }
  };
}

// Turns that come quickly, and deadlines that no loaded machine misses.
PollSettings quick() {
  return {.interval = milliseconds(50), .timeout = seconds(30)};
}
// No second turn within a test.
PollSettings once() {
  return {.interval = minutes(10), .timeout = seconds(30)};
}

TEST(HttpPoller, AsksANewTargetAtOnceAndThenInItsTurnsOverOneConnection) {
  RawServer server(answering([](const auto&) { return ok("g 1\n"); }));
  HttpPoller poller(quick(), &monotonic_time);
  auto sink = polled();
  poller.poll({{"a", server.url(), sink}});
  EXPECT_EQ(sink->answer(9), "200 g 1\n");
  EXPECT_EQ(server.accepted(), 1);

  HttpPoller slow(once(), &monotonic_time);
  auto first = polled();
  slow.poll({{"a", server.url(), first}});
  EXPECT_EQ(first->answer(0), "200 g 1\n");
}

TEST(HttpPoller, WaitsForTheFirstAnswersOfAll) {
  RawServer server(answering([](const auto&) { return ok("g 1\n"); }));
  RawServer silent([](RawConnection& c) { c.wait_until_closed(); });
  HttpPoller poller(once(), &monotonic_time);
  auto a = polled();
  auto b = polled();
  poller.poll({{"a", server.url(), a}, {"b", server.url(), b}});
  poller.wait_for_first_answers(seconds(30));
  EXPECT_EQ(a->count(), 1u);
  EXPECT_EQ(b->count(), 1u);
  poller.poll({{"a", server.url(), a}, {"c", silent.url(), polled()}});
  poller.wait_for_first_answers(milliseconds(20));  // and no longer
  poller.poll({});
  poller.wait_for_first_answers(seconds(30));  // there is nobody to wait for
}

TEST(HttpPoller, LetsGoOfTargetsThatAreGone) {
  RawServer server(answering([](const auto&) { return ok("g 1\n"); }));
  HttpPoller poller(quick(), &monotonic_time);
  auto stays = polled();
  auto goes = polled();
  poller.poll({{"stays", server.url(), stays}, {"goes", server.url(), goes}});
  EXPECT_EQ(goes->answer(0), "200 g 1\n");
  poller.poll({{"stays", server.url(), stays}});
  poller.wait_for_first_answers(seconds(30));  // the new list holds
  const size_t before = goes->count();
  stays->answer(stays->count() + 5);
  EXPECT_EQ(goes->count(), before);
  EXPECT_EQ(goes.use_count(), 1);
}

TEST(HttpPoller, HandsOnWhatTheAnswerSaysOfItself) {
  RawServer server(answering([](const auto&) {
    return ok("x", "content-type: text/plain; version=0.0.4\r\nCONTENT-ENCODING:  gzip \r\n");
  }));
  HttpPoller poller(once(), &monotonic_time);
  auto sink = polled();
  poller.poll({{"a", server.url(), sink}});
  EXPECT_EQ(sink->answer(0), "200 x");
  EXPECT_EQ(sink->last().content_type, "text/plain; version=0.0.4");
  EXPECT_EQ(sink->last().content_encoding, "gzip");
}

TEST(HttpPoller, FollowsNoRedirect) {
  std::atomic<int> asked = 0;
  RawServer server(answering([&](const auto&) {
    ++asked;
    return std::string("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
  }));
  HttpPoller poller(once(), &monotonic_time);
  auto sink = polled();
  poller.poll({{"a", server.url(), sink}});
  EXPECT_EQ(sink->answer(0), "302 ");
  EXPECT_EQ(asked, 1);
}

TEST(HttpPoller, RefusesUrlsOfOtherKinds) {
  HttpPoller poller(once(), &monotonic_time);
  auto file = polled();
  auto empty = polled();
  poller.poll({{"a", "file:///etc/passwd", file}, {"b", "http://", empty}});
  EXPECT_THAT(file->answer(0), HasSubstr("only http:// and https:// are fetched"));
  EXPECT_THAT(empty->answer(0), HasSubstr("URL 'http://'"));
}

TEST(HttpPoller, GivesUpTheLargestAnswerWhenAllOfThemHoldTooMuch) {
  const auto sends = [](size_t bytes) {
    return [bytes](RawConnection& c) {
      c.read_request();
      c.send("HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + std::string(bytes, 'x'));
      c.wait_until_closed();
    };
  };
  RawServer large(sends(700'000));
  RawServer larger(sends(800'000));
  PollSettings settings = once();
  settings.bytes_of_all = 1'000'000;
  HttpPoller poller(settings, &monotonic_time);
  auto first = polled();
  auto second = polled();
  poller.poll({{"a", large.url(), first}, {"b", larger.url(), second}});
  ASSERT_TRUE(eventually([&] { return first->count() + second->count() > 0; }));
  const std::string why = first->count() > 0 ? first->answer(0) : second->answer(0);
  EXPECT_THAT(why, HasSubstr("the answers on their way hold too much together"));
  EXPECT_EQ(first->count() + second->count(), 1u);
}

// Who asks.
class PollerIdentity : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder / (name + ".new")) << text;
    std::filesystem::rename(folder / (name + ".new"), folder / name);
  }
  TempDirectory folder;
  // The body of the answer is the request.
  RawServer echo{answering([](const std::string& request) { return ok(request); })};
};

TEST_F(PollerIdentity, TakesUpATokenThatRotates) {
  write("token", "first\n");
  PollSettings settings = quick();
  settings.identity.auth = BearerToken{SecretFile{folder / "token"}};
  settings.identity.headers = {"X-Scope-OrgID: shop"};
  HttpPoller poller(settings, &monotonic_time);
  auto sink = polled();
  poller.poll({{"a", echo.url(), sink}});
  EXPECT_THAT(sink->answer(0), AllOf(HasSubstr("\r\nAuthorization: Bearer first\r\n"),
                                     HasSubstr("\r\nX-Scope-OrgID: shop\r\n"),
                                     HasSubstr("\r\nAccept-Encoding: gzip\r\n")));
  write("token", "second");
  EXPECT_TRUE(eventually([&] {
    return sink->answer(sink->count() - 1).find("Bearer second\r\n") != std::string::npos;
  }));
  std::filesystem::remove(folder / "token");  // for a moment: the last one stays in use
  sink->answer(sink->count() + 5);
  EXPECT_THAT(sink->last().body, HasSubstr("Bearer second\r\n"));
}

TEST_F(PollerIdentity, AsksNobodyWithoutItsSecret) {
  PollSettings settings = quick();
  settings.identity.auth = BearerToken{SecretFile{folder / "token"}};
  HttpPoller poller(settings, &monotonic_time);
  auto sink = polled();
  poller.poll({{"a", echo.url(), sink}});
  EXPECT_THAT(sink->answer(0), HasSubstr(folder / "token"));
  EXPECT_EQ(echo.accepted(), 0);
  write("token", "one\ntwo: three");  // which would be a header of its own
  sink->answer(sink->count() + 30);   // 1.5 s
  EXPECT_THAT(sink->answer(sink->count() - 1),
              AllOf(HasSubstr("more than one line"), Not(HasSubstr("two: three"))));
  write("token", "good");
  EXPECT_TRUE(eventually([&] { return sink->last().status == 200; }));
}

TEST_F(PollerIdentity, SendsUserAndPassword) {
  write("password", "sesame\n");
  PollSettings settings = once();
  settings.identity.auth = BasicPassword{"ali", SecretFile{folder / "password"}};
  HttpPoller poller(settings, &monotonic_time);
  auto sink = polled();
  poller.poll({{"a", echo.url(), sink}});
  // The base64 of ali:sesame.
  EXPECT_THAT(sink->answer(0), HasSubstr("\r\nAuthorization: Basic YWxpOnNlc2FtZQ==\r\n"));
}

struct TlsCase {
  const char* name;
  std::function<void(TlsSettings&, const Certificates&)> set;
  bool named = false;         // the server's certificate is not for 127.0.0.1
  bool wants_client = false;  // the server wants to know us
  std::string answer;         // or an error that says so
};
void PrintTo(const TlsCase& tls, std::ostream* out) {
  *out << tls.name;
}

class PollerTls : public testing::TestWithParam<TlsCase> {
 protected:
  static const Certificates& certificates() {
    static const Certificates made;
    return made;
  }
};

TEST_P(PollerTls, KnowsWhomItTalksTo) {
  const TlsCase& tls = GetParam();
  const Certificates& files = certificates();
  TlsServer server(tls.named ? files.named_server() : files.server(),
                   tls.named ? files.named_server_key() : files.server_key(), ok("g 1\n"),
                   tls.wants_client ? files.ca() : "");
  PollSettings settings = once();
  tls.set(settings.identity.tls, files);
  HttpPoller poller(settings, &monotonic_time);
  auto sink = polled();
  poller.poll({{"a", server.url(), sink}});
  EXPECT_THAT(sink->answer(0), HasSubstr(tls.answer));
}

void trust(TlsSettings& tls, const Certificates& files) {
  tls.ca_file = files.ca();
}

INSTANTIATE_TEST_SUITE_P(
    Cases, PollerTls,
    testing::Values(
        TlsCase{"AServerThatOurAuthoritySigned", &trust, false, false, "200 g 1"},
        TlsCase{"ACertificateOfAStranger",
                [](TlsSettings& tls, const Certificates& files) { tls.ca_file = files.other_ca(); },
                false, false, "certificate"},
        TlsCase{"NoAuthorityOfOurOwn", [](TlsSettings&, const Certificates&) {}, false, false,
                "certificate"},
        TlsCase{"ACertificateForAnotherName", &trust, true, false, "127.0.0.1"},
        TlsCase{"TheNameThatWasAskedFor",
                [](TlsSettings& tls, const Certificates& files) {
                  trust(tls, files);
                  tls.server_name = "prometheus.test";
                },
                true, false, "200 g 1"},
        TlsCase{"AnyCertificateWhereTheUserSaysSo",
                [](TlsSettings& tls, const Certificates&) { tls.verify = false; }, true, false,
                "200 g 1"},
        TlsCase{"AServerThatWantsToKnowUs",
                [](TlsSettings& tls, const Certificates& files) {
                  trust(tls, files);
                  tls.cert_file = files.client();
                  tls.key_file = files.client_key();
                },
                false, true, "200 g 1"},
        TlsCase{"AServerThatDoesNotKnowUs", &trust, false, true, "127.0.0.1"},
        TlsCase{"AnAuthorityThatIsNotThere",
                [](TlsSettings& tls, const Certificates&) { tls.ca_file = "/nowhere.pem"; }, false,
                false, "/nowhere.pem"}),
    [](const auto& tls) { return std::string(tls.param.name); });

}  // namespace
}  // namespace autoscaler
