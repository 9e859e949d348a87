#include "metrics/json_source.h"

#include "tests/base/raw_server.h"
#include "tests/fakes/eventually.h"
#include "tests/metrics/scraped.h"

#include <gmock/gmock.h>

#include <atomic>
#include <semaphore>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr Instant kStart{seconds(1732280400)};
constexpr Patience kPatient{seconds(30), seconds(30)};

RawServer::Behaviour answering(const std::string& body, const std::string& status = "200 OK") {
  return [=](RawConnection& connection) {
    while (connection.read_request()) {
      connection.send("HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) +
                      "\r\n\r\n" + body);
    }
  };
}

JsonRead of_service(const std::string& url, const std::string& pointer) {
  return {.where = JsonRead::Service{url}, .pointer = pointer, .timeout = seconds(30)};
}
JsonRead of_instance(const std::string& path, const std::string& pointer, double scale = 1) {
  return {JsonRead::Instance{path}, pointer, scale, seconds(30)};
}

class JsonSourceTest : public testing::Test {
 protected:
  // One signal of one workload, as "a=0.732 b=timeout", or the one reading.
  std::string read(const JsonRead& how, std::vector<Target> targets = {}, Instant now = kStart) {
    const std::vector<SignalQuery> signals = {{how}};
    const WorkloadQuery query{&workload_, signals, std::move(targets)};
    std::vector<Signals> answers(1, Signals(1));
    errors.clear();
    source->read({&query, 1}, now, answers, errors);
    const auto& readings = answers[0][0].readings;
    if (const auto* one = std::get_if<Reading>(&readings)) {
      last = *one;
      return shown(*one);
    }
    std::string text;
    for (const InstanceReading& r : std::get<InstanceReadings>(readings)) {
      text += (text.empty() ? "" : " ") + r.instance + "=" + shown(r.reading);
      last = r.reading;
    }
    return text;
  }
  static Target target(const std::string& instance, const RawServer& server) {
    return {instance, server.url("/metrics"), "127.0.0.1:" + std::to_string(server.port())};
  }

  std::unique_ptr<JsonSource> source = std::make_unique<JsonSource>(kPatient, 1);
  std::vector<ReadError> errors;
  Reading last;

 private:
  std::string workload_ = "shop";
};

TEST_F(JsonSourceTest, ThePercentageOfEachInstanceBecomesARatio) {
  const RawServer a(answering(R"({"cpu_usage": 73.2})"));
  const RawServer b(answering(R"({"cpu_usage": 10})"));
  EXPECT_EQ(read(of_instance("/health/cpu", "/cpu_usage", 0.01), {target("a", a), target("b", b)}),
            "a=0.732 b=0.1");
  EXPECT_EQ(std::get<Measured>(last).at, kStart);
  EXPECT_TRUE(errors.empty());
}

TEST_F(JsonSourceTest, AServiceHasOneReading) {
  const RawServer server(answering(R"({"jobs": {"waiting": "12"}})"));
  EXPECT_EQ(read(of_service(server.url("/stats"), "/jobs/waiting")), "12");
  EXPECT_EQ(source->health().at(0).source, "json/127.0.0.1:" + std::to_string(server.port()));
}

TEST_F(JsonSourceTest, WhatIsNotANumberIsMissingAndSaysWhere) {
  const RawServer server(answering(R"({"ok": true})"));
  EXPECT_EQ(read(of_service(server.url(), "/jobs")), "no_series");
  EXPECT_EQ(read(of_service(server.url(), "/ok")), "malformed");
  EXPECT_EQ(errors.at(0).from, ReadFrom::kJson);
  const RawServer broken(answering("oops", "500 Broken"));
  EXPECT_EQ(read(of_service(broken.url(), "/n")), "bad_status");
  EXPECT_THAT(detail_of(last), HasSubstr("127.0.0.1:" + std::to_string(broken.port())));
  const RawServer redirect(answering("", "302 Found\r\nLocation: /n"));
  EXPECT_EQ(read(of_service(redirect.url(), "/n")), "bad_status");
  const RawServer big(answering("[" + std::string(2 << 20, ' ') + "1]"));
  EXPECT_EQ(read(of_service(big.url(), "/0")), "too_large");
  EXPECT_EQ(read({JsonRead::Service{server.url()}, "/n", 1e308}), "no_series");
  const RawServer large(answering("1e300"));
  EXPECT_EQ(read({JsonRead::Service{large.url()}, "", 1e300}), "not_finite");
}

TEST_F(JsonSourceTest, WithoutInstancesThereIsNoTarget) {
  EXPECT_EQ(read(of_instance("/n", "/n")), "no_target");
  EXPECT_EQ(read(of_instance("/n", "/n"), {{"a", ""}}), "a=no_target");
  EXPECT_TRUE(errors.empty());
}

TEST_F(JsonSourceTest, AnInstanceThatIsGoneIsForgotten) {
  const RawServer server(answering("1"));
  EXPECT_EQ(read(of_instance("/", ""), {target("a", server), target("b", server)}), "a=1 b=1");
  EXPECT_EQ(read(of_instance("/", ""), {target("b", server)}), "b=1");
}

TEST_F(JsonSourceTest, AnInstanceThatHangsCostsTheOthersNothingButItsDeadline) {
  std::counting_semaphore<> go{0};
  const RawServer hung([&](RawConnection& connection) {
    connection.read_request();
    connection.wait_until_closed();
  });
  const RawServer well(answering("5"));
  JsonRead how = of_instance("/n", "");
  how.timeout = milliseconds(300);
  EXPECT_EQ(read(how, {target("a", hung), target("b", well)}), "a=timeout b=5");
  EXPECT_EQ(errors.size(), 1u);
}

TEST_F(JsonSourceTest, ATickDoesNotWaitForAServiceThatHangsNorAskItTwice) {
  std::atomic<int> asked = 0;
  std::counting_semaphore<> go{0};
  const RawServer slow([&](RawConnection& connection) {
    while (connection.read_request()) {
      ++asked;
      go.acquire();
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n9");
    }
  });
  source = std::make_unique<JsonSource>(Patience{milliseconds(1), milliseconds(1)}, 1);
  const JsonRead how = of_service(slow.url(), "");
  EXPECT_EQ(read(how), "timeout");
  EXPECT_TRUE(eventually([&] { return asked == 1; }));
  EXPECT_EQ(read(how, {}, kStart + seconds(5)), "timeout");
  go.release(1000);
  EXPECT_TRUE(eventually([&] { return read(how, {}, kStart + seconds(10)) == "9"; }));
  go.release(1000);
}

TEST_F(JsonSourceTest, AServiceThatFailsIsLeftAloneAndThenProbed) {
  std::atomic<int> asked = 0;
  std::atomic<bool> well = false;
  const RawServer server([&](RawConnection& connection) {
    while (connection.read_request()) {
      ++asked;
      connection.send(well ? "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n4"
                           : "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
    }
  });
  const JsonRead how = of_service(server.url(), "");
  for (int tick = 0; tick < 3; ++tick) EXPECT_EQ(read(how), "bad_status");
  EXPECT_EQ(source->health().at(0).state, BreakerState::kOpen);
  EXPECT_EQ(read(how), "bad_status");
  EXPECT_EQ(asked, 3);
  well = true;
  EXPECT_EQ(read(how, {}, kStart + seconds(60)), "4");
  EXPECT_EQ(source->health().at(0).state, BreakerState::kClosed);
  EXPECT_EQ(asked, 4);
}

}  // namespace
}  // namespace autoscaler
