// Targets that do not behave, all at once beside one that does. Real sockets.

#include "metrics/http_poller.h"
#include "metrics/scrape_source.h"
#include "tests/base/raw_server.h"
#include "tests/base/tls_server.h"
#include "tests/fakes/certificates.h"
#include "tests/fakes/eventually.h"
#include "tests/metrics/polled.h"
#include "tests/metrics/scraped.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <zlib.h>

extern "C" {
[[gnu::weak]] void __asan_init();
[[gnu::weak]] void __tsan_init();
}

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::HasSubstr;

constexpr size_t kBodyCap = 1u << 20;
// What all hostile targets together may cost: twenty bodies at their cap, and the heap's own ways.
constexpr size_t kMemoryBound = 64u << 20;
// The sanitizers keep what was freed, up to 256 MiB, and shadows of it. Asked at run time, since
// this file may be compiled without what the program is watched by.
size_t held_by_sanitizer() {
  const bool watched = __asan_init != nullptr || __tsan_init != nullptr;
  return watched ? 512u << 20 : 0;
}

size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  size_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

const std::string kHead = "HTTP/1.1 200 OK\r\n";

std::string with_length(const std::string& body, const std::string& more = "") {
  return kHead + more + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// 64 MiB of lines in some 64 KB.
std::string gzip_bomb() {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
  std::string lines;
  while (lines.size() < (1u << 20)) lines += "g{i=\"1\"} 1\n";
  std::string packed(1u << 20, '\0');
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  for (int i = 0; i < 64; ++i) {
    stream.next_in = reinterpret_cast<Bytef*>(lines.data());
    stream.avail_in = static_cast<uInt>(lines.size());
    deflate(&stream, i == 63 ? Z_FINISH : Z_NO_FLUSH);
  }
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// Answers the request after it was read to its end, and then as it likes.
RawServer::Behaviour after_request(std::function<void(RawConnection&)> behave) {
  return [behave = std::move(behave)](RawConnection& c) {
    if (c.read_request()) behave(c);
  };
}
RawServer::Behaviour answers(std::string text) {
  return after_request([text = std::move(text)](RawConnection& c) { c.send(text); });
}
// The same again and again, until the other side has had enough.
RawServer::Behaviour endless(std::string head, std::string chunk) {
  return after_request([head = std::move(head), chunk = std::move(chunk)](RawConnection& c) {
    if (!c.send(head)) return;
    while (c.send(chunk)) {
    }
  });
}

constexpr seconds kPatience{240};
// Machines under load are slow: what ends by itself has this long, what hangs is cut off after a
// time that the good target may miss now and then, and makes up for at its next turn.
constexpr seconds kPatient{60};
constexpr milliseconds kImpatient{500};

struct Hostile {
  const char* name;
  RawServer::Behaviour behave;
  std::string reason;  // of the reading, as the metric label
  std::string detail;  // in the log
};

std::string lines() {
  std::string text;
  while (text.size() < 32'000) text += "g{i=\"1\"} 1\n";
  return text;
}

std::vector<Hostile> hanging_targets() {
  return {
      {"slow headers", after_request([](RawConnection& c) {
         c.send(kHead);
         while (c.send("X: y\r\n")) std::this_thread::sleep_for(milliseconds(20));
       }),
       "timeout", "within 500 ms"},
      {"slow body", after_request([](RawConnection& c) {
         c.send(kHead + "Content-Length: 100000\r\n\r\n");
         while (c.send("#")) std::this_thread::sleep_for(milliseconds(20));
       }),
       "timeout", "within 500 ms"},
      {"never answers", [](RawConnection& c) { c.wait_until_closed(); }, "timeout",
       "within 500 ms"},
      {"half-open", after_request([](RawConnection& c) {
         c.send(with_length("g 7\n"));  // and on the kept connection no answer to the next
         c.wait_until_closed();
       }),
       "timeout", "within 500 ms"},
  };
}

std::vector<Hostile> hostile_targets() {
  const std::string bomb = with_length(gzip_bomb(), "Content-Encoding: gzip\r\n");
  return {
      {"endless body", endless(kHead + "\r\n", lines()), "too_large", "body of"},
      {"endless chunked body",
       endless(kHead + "Transfer-Encoding: chunked\r\n\r\n",
               "8000\r\n" + std::string(0x8000, '#') + "\r\n"),
       "too_large", "body of"},
      {"2 GB body", endless(kHead + "Content-Length: 2000000000\r\n\r\n", lines()), "too_large",
       "larger than 1048576 bytes"},
      {"gzip bomb", answers(bomb), "too_large", ""},
      {"header flood", endless(kHead, "X-Flood: " + std::string(1000, 'y') + "\r\n"), "too_large",
       "headers of"},
      {"one header without end", endless(kHead + "X-Long: ", std::string(65536, 'y')), "too_large",
       "headers of"},
      {"closes at once", [](RawConnection&) {}, "unreachable", ""},
      {"garbage", answers("SSH-2.0-OpenSSH_9.2\r\n\x01\x02\x03\r\n\r\n"), "malformed", "no valid"},
      {"binary page",
       answers(with_length(std::string("\x7f"
                                       "ELF\x02\x01\x01\0\n",
                                       9))),
       "malformed", "line 1"},
      {"redirect loop", answers("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"),
       "bad_status", "status 302"},
      {"reset inside the body", after_request([](RawConnection& c) {
         c.send(kHead + "Content-Length: 100\r\n\r\ng 7\n");
         c.reset();
       }),
       "unreachable", ""},
      {"closed inside the body", answers(kHead + "Content-Length: 100\r\n\r\ng 7\n"), "unreachable",
       "inside the body"},
      {"cut without a length", answers(kHead + "\r\ng 7"), "malformed", "line 1"},
  };
}

// A ScrapeSource over the real poller, read as a tick would.
class HostileTargets : public testing::Test {
 protected:
  void start(Duration timeout, TlsSettings tls = {}) {
    PollSettings settings;
    settings.interval = milliseconds(700);
    settings.timeout = timeout;
    settings.body_bytes = kBodyCap;
    settings.identity.tls = std::move(tls);
    source.emplace(std::make_unique<HttpPoller>(settings, &monotonic_time), &now,
                   ScrapeSettings{settings.interval, milliseconds(10)});
  }
  static Instant now() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }
  void add(const std::string& name, const std::string& url) {
    query.targets.push_back({name, url});
    std::ranges::sort(query.targets.edit(), {}, &Target::instance);
  }
  void read() {
    errors.clear();
    signals.assign(1, Signals(1));
    source->read({&query, 1}, now(), signals, errors);
  }
  std::string reading(const std::string& name) const {
    for (const auto& each : std::get<InstanceReadings>(signals[0][0].readings)) {
      if (each.instance == name) return shown(each.reading);
    }
    return "not listed";
  }
  void serve(const std::vector<Hostile>& table) {
    for (const Hostile& hostile : table) {
      servers.push_back(std::make_unique<RawServer>(hostile.behave));
      add(hostile.name, servers.back()->url());
      expected[hostile.name] = {hostile.reason, hostile.detail};
    }
  }
  // Reads until each of them has failed, and looks at why.
  void expect_reasons() {
    EXPECT_TRUE(eventually(
        [this] {
          read();
          return std::ranges::all_of(
              expected, [this](const auto& each) { return detail(each.first) != "no error"; });
        },
        kPatience));
    for (const auto& [name, wanted] : expected) {
      SCOPED_TRACE(name);
      EXPECT_THAT("|" + wanted.first + "|", HasSubstr("|" + reading(name) + "|"));
      EXPECT_THAT(detail(name), HasSubstr(wanted.second));
    }
  }
  std::string detail(const std::string& name) const {
    for (const ReadError& error : errors) {
      if (error.instance == name) return error.detail;
    }
    return "no error";
  }

  std::atomic<int> good_reads = 0;
  RawServer good{[this](RawConnection& c) {
    while (c.read_request()) {
      ++good_reads;
      c.send(with_length("g " + std::to_string(good_reads) + "\n"));
    }
  }};
  std::vector<std::unique_ptr<RawServer>> servers;
  std::map<std::string, std::pair<std::string, std::string>> expected;  // reason and detail
  const std::string workload = "shop";
  const std::vector<SignalQuery> asked = {{ScrapeRead{GaugeOf{{"g", {}}, 1}, seconds(30)}}};
  WorkloadQuery query{&workload, asked, {}};
  std::vector<Signals> signals;
  std::vector<ReadError> errors;
  std::optional<ScrapeSource> source;
};

TEST_F(HostileTargets, CostLittleAndSayWhyBesideAGoodOneThatIsReadAtEveryRound) {
  const Certificates certificates;
  const TlsServer stranger(certificates.server(), certificates.server_key(), with_length("g 7\n"));
  serve(hostile_targets());
  add("wrong certificate", stranger.url());
  expected["wrong certificate"] = {"unreachable", "certificate"};
  add("refuses", "http://127.0.0.1:1/");
  expected["refuses"] = {"unreachable", "refused"};
  add("good", good.url());
  start(kPatient);
  const size_t before = resident_bytes();
  expect_reasons();
  const int rounds = good_reads;
  EXPECT_TRUE(eventually([&] { return good_reads > rounds + 3; }, kPatience));
  expect_reasons();
  EXPECT_LT(resident_bytes(), before + kMemoryBound + held_by_sanitizer());
  EXPECT_EQ(detail("good"), "no error");
  EXPECT_EQ(good.accepted(), 1);  // over the one connection all the time
}

TEST_F(HostileTargets, AreCutOffWhereTheyHang) {
  serve(hanging_targets());
  add("good", good.url());
  start(kImpatient);
  expect_reasons();
  const int rounds = good_reads;
  EXPECT_TRUE(eventually([&] { return good_reads > rounds + 3; }, kPatience));
  EXPECT_TRUE(eventually([&] {
    read();
    return detail("good") == "no error";
  }));
}

TEST_F(HostileTargets, AreNotBelievedUnderAnotherName) {
  const Certificates certificates;
  const TlsServer misnamed(certificates.named_server(), certificates.named_server_key(),
                           with_length("g 7\n"));
  add("misnamed", misnamed.url());
  expected["misnamed"] = {"unreachable", "127.0.0.1"};
  TlsSettings trusting;
  trusting.ca_file = certificates.ca();
  start(kPatient, trusting);
  expect_reasons();
}

// Nothing ever comes, and the deadline of each is far away: a read that waited would be noticed.
TEST_F(HostileTargets, NeverMakeATickWait) {
  RawServer silent([](RawConnection& c) { c.wait_until_closed(); });
  for (int i = 0; i < 50; ++i) add("silent " + std::to_string(i), silent.url());
  add("good", good.url());
  start(seconds(300));
  const auto begin = steady_clock::now();
  read();
  for (int i = 0; i < 100; ++i) read();
  EXPECT_LT(steady_clock::now() - begin, seconds(100));
  EXPECT_EQ(reading("silent 0"), "too_few_samples");
  ASSERT_TRUE(eventually([&] { return good_reads > 3; }, kPatience));
  query.targets = {};
  read();
  source.reset();  // nor does the end wait for them
  EXPECT_LT(steady_clock::now() - begin, seconds(200));
}

}  // namespace
}  // namespace autoscaler
