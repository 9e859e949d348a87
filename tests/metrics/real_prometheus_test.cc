#include "metrics/prometheus_history.h"
#include "tests/fakes/certificates.h"
#include "tests/fakes/eventually.h"
#include "tests/fakes/prometheus_process.h"
#include "tests/metrics/asked.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace autoscaler {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr Instant kStart{seconds(1732280400)};

// Ten minutes, a sample each 15 s: sample k of queue_depth is k at pod a and 100 + k at pod b;
// requests_total grows by 30 in each step, 2/s.
std::string samples() {
  std::string text = "# TYPE queue_depth gauge\n";
  const auto line = [](const std::string& series, int value, int k) {
    return series + " " + std::to_string(value) + " " + std::to_string(1732280400 + 15 * k) + "\n";
  };
  for (int k = 0; k <= 40; ++k) text += line("queue_depth{pod=\"a\"}", k, k);
  for (int k = 0; k <= 40; ++k) text += line("queue_depth{pod=\"b\"}", 100 + k, k);
  text += "# TYPE requests counter\n";
  for (int k = 0; k <= 40; ++k) text += line("requests_total", 30 * k, k);
  return text + "# EOF\n";
}

PrometheusServer plain(const PrometheusProcess& process) {
  PrometheusServer server;
  server.url = "http://" + process.address();
  server.timeout = seconds(60);
  return server;
}

// As docs/signals.md has it: no number where too few of them are `well`.
std::string covered(const std::string& well) {
  return "sum(queue_depth) and on() count(" + well + ") >= 0.75 * count(queue_depth)";
}

TEST(RealPrometheus, InstantQueriesGiveWhatWasStored) {
  const PrometheusProcess process(samples());
  Asked asked(plain(process), {{.query = "queue_depth{pod=\"a\"}"},
                               {.query = "sum(queue_depth)"},
                               {.query = "rate(requests_total[2m])"},
                               {.query = "queue_depth"},
                               {.query = "queue_depth", .over_series = OverSeries::kMax},
                               {.query = "scalar(queue_depth{pod=\"a\"}) * 2"},
                               {.query = "queue_depth{pod=\"none\"}"},
                               {.query = "queue_depth{pod=\"none\"}", .when_empty = 0},
                               {.query = "sum(queue_depth) / 0"},
                               {.query = "\"text\""},
                               {.query = "queue_depth[1m]"},
                               {.query = "queue_depth{pod=\"a\"}", .offset = minutes(1)},
                               {.query = "sum(queue_depth"},
                               {.query = covered("queue_depth > 19")},
                               {.query = covered("queue_depth > 20")}});
  EXPECT_EQ(asked.read(kStart + minutes(5)),
            "20 140 2 ambiguous 120 40 no_series 0 not_finite malformed malformed 16 bad_status "
            "140 no_series");
  EXPECT_THAT(detail_of(asked.reading(12)), HasSubstr("parse error"));
  EXPECT_THAT(detail_of(asked.reading(3)), HasSubstr(R"(pod="a")"));
  EXPECT_EQ(std::get<Measured>(asked.reading(0)).at, kStart + minutes(5));
  EXPECT_EQ(std::get<Measured>(asked.reading(11)).at, kStart + minutes(4));
  EXPECT_EQ(asked.breaker(), BreakerState::kClosed) << "a bad query is no sickness of the server";
  // Prometheus looks back five minutes for a sample.
  EXPECT_EQ(asked.read(kStart + hours(1)).substr(0, 9), "no_series");
}

TEST(RealPrometheus, RangesGiveEachStepAndLongOnesAreAskedForInParts) {
  const PrometheusProcess process(samples());
  PrometheusHistory past(
      {plain(process)}, [] { return kStart; }, 1);
  const auto history = [&](const PrometheusRead& read, Instant to, Duration step) {
    SignalQuery signal{read};
    std::get<PrometheusRead>(signal.how).server = "prometheus";
    return past.history(signal, kStart, to, step, {});
  };
  const PrometheusRead sum{.query = "sum(queue_depth)"};
  const auto points = history(sum, kStart + minutes(10), seconds(15));
  ASSERT_TRUE(points.ok()) << points.error().message;
  ASSERT_EQ(points->size(), 41u);
  for (size_t k = 0; k < points->size(); ++k) {
    EXPECT_EQ((*points)[k].at, kStart + static_cast<int>(k) * seconds(15));
    EXPECT_EQ((*points)[k].value, 100 + 2.0 * static_cast<double>(k));
  }
  // 24,001 steps of 25 ms, in three parts.
  const auto fine = history(sum, kStart + minutes(10), milliseconds(25));
  ASSERT_TRUE(fine.ok()) << fine.error().message;
  EXPECT_EQ(fine->size(), 24'001u);
  EXPECT_EQ(fine->back().at, kStart + minutes(10));
  const auto most = history({.query = "queue_depth", .over_series = OverSeries::kMax},
                            kStart + minutes(1), minutes(1));
  EXPECT_EQ(*most, (std::vector<HistoryPoint>{{kStart, 100}, {kStart + minutes(1), 104}}));
  const auto code = [&](const PrometheusRead& read) {
    const auto result = history(read, kStart + minutes(1), seconds(15));
    return result.ok() ? "ok" : code_name(result.error().code);
  };
  EXPECT_STREQ(code({.query = "queue_depth"}), "invalid") << "ambiguous at every step";
  EXPECT_STREQ(code({.query = "sum(queue_depth"}), "invalid");
  EXPECT_STREQ(code({.query = "queue_depth{pod=\"none\"}"}), "ok") << "nothing was there";
}

TEST(RealPrometheus, OneThatIsKilledIsMissingThenLeftAloneThenTakenUpAgain) {
  PrometheusProcess process(samples());
  Asked asked(plain(process), {{.query = "sum(queue_depth)"}});
  Instant now = kStart + minutes(5);
  EXPECT_EQ(asked.read(now), "140");
  process.stop();
  for (int tick = 1; tick <= 3; ++tick) EXPECT_EQ(asked.read(now += seconds(5)), "unreachable");
  EXPECT_EQ(asked.breaker(), BreakerState::kOpen);
  EXPECT_EQ(asked.errors.at(0).from, ReadFrom::kPrometheus);
  process.start();
  EXPECT_EQ(asked.read(now + milliseconds(1)), "unreachable") << "it is left alone for a while";
  EXPECT_EQ(asked.read(now + seconds(2)), "142");
  EXPECT_EQ(asked.breaker(), BreakerState::kClosed);
}

TEST(RealPrometheus, OneThatHangsDelaysNeitherTheTickNorAnother) {
  PrometheusProcess process(samples());
  PrometheusProcess other(samples());
  PrometheusServer hung = plain(process);
  hung.name = "hung";
  hung.timeout = seconds(10);
  PrometheusServer well = plain(other);
  well.name = "well";
  // So patient, where it waits for what the other answers; the first tick waits longer.
  PrometheusSource source({hung, well}, {seconds(30), milliseconds(200)}, 1);
  const std::string workload = "shop";
  const std::vector<SignalQuery> signals = {{PrometheusRead{"hung", "sum(queue_depth)"}},
                                            {PrometheusRead{"well", "sum(queue_depth)"}}};
  const auto read = [&](Instant now) {
    const WorkloadQuery query{&workload, signals, {}};
    std::vector<Signals> answers(1, Signals(2));
    std::vector<ReadError> errors;
    source.read({&query, 1}, now, answers, errors);
    return shown(std::get<Reading>(answers[0][0].readings)) + " " +
           shown(std::get<Reading>(answers[0][1].readings));
  };
  EXPECT_EQ(read(kStart + minutes(5)), "140 140");
  process.pause();
  const auto begin = std::chrono::steady_clock::now();
  const std::string stale = read(kStart + minutes(5) + seconds(15));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(8)) << "the tick waited for it";
  EXPECT_THAT(stale, ::testing::StartsWith("140 ")) << "the newest answer stands";
  EXPECT_TRUE(eventually([&] { return read(kStart + minutes(6)) == "timeout 148"; }));
  process.resume();
  EXPECT_TRUE(eventually([&] { return read(kStart + minutes(6)) == "148 148"; }));
}

class TlsPrometheusTest : public testing::Test {
 protected:
  std::string web_config(const std::string& cert, const std::string& key) const {
    return "tls_server_config:\n  cert_file: " + cert + "\n  key_file: " + key +
           "\n  client_ca_file: " + certificates.ca() +
           "\n  client_auth_type: RequireAndVerifyClientCert\n";
  }
  PrometheusServer secure(const PrometheusProcess& process) const {
    PrometheusServer server = plain(process);
    server.url = "https://" + process.address();
    server.tls = {certificates.ca(), certificates.client(), certificates.client_key(), {}};
    return server;
  }
  // One query, and why it failed if it did.
  static std::string ask(PrometheusServer server) {
    Asked asked(std::move(server), {{.query = "sum(queue_depth)"}});
    const std::string text = asked.read(kStart + minutes(5));
    return text == "unreachable" ? detail_of(asked.reading()) : text;
  }

  Certificates certificates;
};

TEST_F(TlsPrometheusTest, TrustsAndIsTrustedOnlyWithTheRightCertificates) {
  const PrometheusProcess process(samples(),
                                  web_config(certificates.server(), certificates.server_key()));
  PrometheusServer server = secure(process);
  EXPECT_EQ(ask(server), "140");
  server.tls.ca = certificates.other_ca();
  EXPECT_THAT(ask(server), HasSubstr("is not trusted for 127.0.0.1: unable to get local issuer"));
  server.tls.ca = std::nullopt;
  EXPECT_THAT(ask(server), HasSubstr("is not trusted")) << "the system knows no such authority";
  server = secure(process);
  server.tls.server_name = "elsewhere.test";
  EXPECT_THAT(ask(server), HasSubstr("is not trusted for elsewhere.test: hostname mismatch"));
  server = secure(process);
  server.tls.ca = "/nowhere/ca.pem";
  EXPECT_THAT(ask(server), HasSubstr("the TLS files cannot be used"));
  server = secure(process);
  server.tls.certificate = server.tls.key = std::nullopt;
  EXPECT_NE(ask(server), "140") << "without a certificate of ours";
}

TEST_F(TlsPrometheusTest, ACertificateForAnotherNameNeedsThatNameInTheConfig) {
  const PrometheusProcess process(
      samples(), web_config(certificates.named_server(), certificates.named_server_key()));
  PrometheusServer server = secure(process);
  EXPECT_THAT(ask(server), HasSubstr("is not trusted for 127.0.0.1: IP address mismatch"));
  server.tls.server_name = "prometheus.test";
  EXPECT_EQ(ask(server), "140");
}

TEST_F(TlsPrometheusTest, ReplacedFilesAreUsedWithoutARestart) {
  const PrometheusProcess process(samples(),
                                  web_config(certificates.server(), certificates.server_key()));
  const TempDirectory directory;
  const std::string ca = directory / "ca.pem";
  std::filesystem::copy_file(certificates.other_ca(), ca);
  PrometheusServer server = secure(process);
  server.tls.ca = ca;
  Asked asked(server, {{.query = "sum(queue_depth)"}});
  EXPECT_EQ(asked.read(kStart + minutes(5)), "unreachable");
  std::filesystem::copy_file(certificates.ca(), ca + ".new");
  std::filesystem::rename(ca + ".new", ca);
  EXPECT_EQ(asked.read(kStart + minutes(5)), "140");
}

}  // namespace
}  // namespace autoscaler
