#include "controller/config/config.h"
#include "tests/controller/config/print_config.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// `sources` from line 2 on, the signals of the one workload, and its smallest size.
std::string text_of(const std::string& sources, const std::string& signals, int least = 1) {
  return "sources:\n" + sources + R"(
workloads:
  - name: shop
    target: {process: {command: [srv, "{port}"], ports: 9000-9039}}
    replicas: {min: )" +
         std::to_string(least) + R"(, max: 20}
    signals:
      load: )" +
         signals + R"(
    policies:
      - track: {signal: load, perInstance: 10}
)";
}

constexpr const char* kPlain = "  prometheus: {url: http://prometheus:9090}";

ConfigResult parsed(const std::string& sources, const std::string& signals, int least = 1) {
  return parse_config(text_of(sources, signals, least), "test.yaml");
}

const PrometheusRead& query_of(const ConfigResult& result) {
  return std::get<PrometheusRead>(result.config->workloads[0].queries[0].how);
}

TEST(Sources, ThePlainFormIsOneServerThatQueriesNeedNotName) {
  const auto result = parsed(kPlain, "{source: prometheus, query: 'sum(queue)'}");
  ASSERT_TRUE(result.config) << problems_text(result.problems);
  ASSERT_THAT(result.config->prometheus, SizeIs(1));
  EXPECT_EQ(result.config->prometheus[0].url, "http://prometheus:9090");
  EXPECT_EQ(query_of(result), (PrometheusRead{"prometheus", "sum(queue)"}));
  EXPECT_EQ(result.config->workloads[0].spec.signals[0].max_age, seconds(15));
}

TEST(Sources, SeveralServersHaveNames) {
  const char* kTwo = "  prometheus: {main: {url: http://a:1}, far: {url: https://b:2/prom/}}";
  const auto result = parsed(kTwo, "{source: prometheus, query: up, server: far}");
  ASSERT_TRUE(result.config) << problems_text(result.problems);
  ASSERT_THAT(result.config->prometheus, SizeIs(2));
  EXPECT_EQ(result.config->prometheus[0].name, "far");
  EXPECT_EQ(result.config->prometheus[0].url, "https://b:2/prom");
  EXPECT_EQ(query_of(result).server, "far");
  const auto which = parsed(kTwo, "{source: prometheus, query: up}");
  EXPECT_THAT(problems_text(which.problems), HasSubstr("write server: with one of far or main"));
}

TEST(Sources, AServerIsReadWithAllItsKeys) {
  const auto result = parsed(R"(  prometheus:
    url: https://prometheus:9090
    headers: {X-Scope-OrgID: shop, X-Api-Key: {env: KEY}}
    basic: {user: me, password: {file: /run/secrets/p}}
    tls: {ca: a.pem, cert: b.pem, key: c.pem, serverName: d.test}
    timeout: 3s
    concurrency: 9
    maxSize: 1Mi
    acceptPartial: true)",
                             "{source: prometheus, query: up}");
  ASSERT_TRUE(result.config) << problems_text(result.problems);
  PrometheusServer expected;
  expected.url = "https://prometheus:9090";
  expected.headers = {{"X-Scope-OrgID", "shop"}, {"X-Api-Key", Secret(SecretVariable{"KEY"})}};
  expected.basic = PrometheusServer::Basic{"me", SecretFile{"/run/secrets/p"}};
  expected.tls = {"a.pem", "b.pem", "c.pem", "d.test"};
  expected.timeout = seconds(3);
  expected.concurrency = 9;
  expected.max_bytes = 1 << 20;
  expected.accept_partial = true;
  EXPECT_EQ(result.config->prometheus[0], expected);
}

TEST(Sources, AQuerySaysWhatAnEmptyAnswerAndSeveralSeriesMean) {
  const auto result = parsed(kPlain,
                             "{source: prometheus, query: up, offset: 30s, whenEmpty: 0, "
                             "aggregate: max, unit: perSecond}");
  ASSERT_TRUE(result.config) << problems_text(result.problems);
  EXPECT_EQ(query_of(result),
            (PrometheusRead{"prometheus", "up", seconds(30), 0, OverSeries::kMax}));
  EXPECT_EQ(result.config->workloads[0].spec.signals[0].max_age, seconds(45))
      << "an answer is as old as the offset to begin with";
}

TEST(Sources, JsonIsOfAServiceOrOfEachInstance) {
  const auto service =
      parsed(kPlain, "{source: json, url: 'http://a:1/q?x=1', pointer: /jobs/0, scale: 2}");
  ASSERT_TRUE(service.config) << problems_text(service.problems);
  EXPECT_EQ(std::get<JsonRead>(service.config->workloads[0].queries[0].how),
            (JsonRead{JsonRead::Service{"http://a:1/q?x=1"}, "/jobs/0", 2, seconds(1)}));
  const auto instance = parsed(
      kPlain,
      "{source: json, path: /load, pointer: '', aggregate: sum, timeout: 2s, minCoverage: 1}");
  ASSERT_TRUE(instance.config) << problems_text(instance.problems);
  EXPECT_EQ(std::get<JsonRead>(instance.config->workloads[0].queries[0].how),
            (JsonRead{JsonRead::Instance{"/load"}, "", 1, seconds(2)}));
  EXPECT_EQ(instance.config->workloads[0].spec.signals[0].aggregation, Aggregation::kSum);
}

TEST(Sources, JsonIsAskedForUnderAnIdentityOfItsOwn) {
  const auto result = parsed(R"(  json:
    headers: {X-Scope-OrgID: shop}
    bearer: {env: TOKEN}
    tls: {ca: a.pem, cert: b.pem, key: c.pem, serverName: d.test})",
                             "{source: json, url: 'https://a:1/q', pointer: /n}");
  ASSERT_TRUE(result.config) << problems_text(result.problems);
  const IdentitySettings& identity = result.config->json;
  EXPECT_THAT(identity.headers, testing::ElementsAre("X-Scope-OrgID: shop"));
  EXPECT_EQ(std::get<SecretVariable>(std::get<BearerToken>(identity.auth).token).name, "TOKEN");
  EXPECT_EQ(identity.tls.ca_file, "a.pem");
  EXPECT_EQ(identity.tls.key_file, "c.pem");
  EXPECT_EQ(identity.tls.server_name, "d.test");
}

TEST(Sources, WhatExistsWithoutInstancesMayBringTheFirstOneBack) {
  for (const char* signal :
       {"{source: prometheus, query: up}", "{source: json, url: 'http://a:1/', pointer: /n}"}) {
    const auto result = parsed(kPlain, signal, 0);
    EXPECT_TRUE(result.config) << signal << problems_text(result.problems);
  }
  const auto blind = parsed(kPlain, "{source: json, path: /load, pointer: /n, aggregate: sum}", 0);
  EXPECT_THAT(problems_text(blind.problems), HasSubstr("or write min: 1"));
}

TEST(Sources, WhatIsWrongIsNamedWithItsRemedy) {
  const char* kQuery = "{source: prometheus, query: up}";
  const struct {
    const char* sources;
    const char* signal;
    const char* problem;
  } kTable[] = {
      {"  prometheus: {}", kQuery, "2:15: sources.prometheus.url: "},
      {"  prometheus: {tls: {ca: a}}", kQuery, "sources.prometheus.url: "},
      {"  promtheus: {url: http://a}", kQuery, "did you mean 'prometheus'?"},
      {"  prometheus: {url: prometheus:9090}", kQuery, "it is not http://host:port/path"},
      {"  prometheus: {url: 'http://me:pw@a:1'}", kQuery, "which logs would show"},
      {"  prometheus: {url: 'http://a:1?x=1'}", kQuery, "write it up to its path"},
      {"  prometheus: {url: http://a, headers: {Authorization: x}}", kQuery, "write {file: PATH}"},
      {"  prometheus: {url: http://a, headers: {X-Key: x}}", kQuery, "write {file: PATH}"},
      {"  prometheus: {url: http://a, headers: {'a b': x}}", kQuery, "name of an HTTP header"},
      {"  prometheus: {url: http://a, bearer: {file: a, env: B}}", kQuery, "exactly one of file"},
      {"  prometheus: {url: http://a, bearer: {env: 'A-B'}}", kQuery, "environment variable"},
      {"  prometheus: {url: http://a, bearer: secret}", kQuery,
       "found 'secret', expected a mapping"},
      {"  prometheus: {url: https://a, tls: {cert: a}}", kQuery, "cert and key go together"},
      {"  prometheus: {url: http://a, tls: {ca: a}}", kQuery, "write https"},
      {"  prometheus: {url: http://a, acceptPartial: yes}", kQuery, "true or false"},
      {"  prometheus: {url: http://a, concurrency: 0}", kQuery, "concurrency: "},
      {"  prometheus: {url: http://a, bearer: {env: A}, basic: {user: a, password: {env: B}}}",
       kQuery, "contradicts bearer"},
      {"  json: {headers: {X-Token: x}}", kQuery, "write bearer or basic instead"},
      {"  json: {tls: {key: a}}", kQuery, "cert and key go together"},
      {"  json: {bearer: {env: A}, basic: {user: a, password: {env: B}}}", kQuery,
       "sources.json.basic: contradicts bearer"},
      {"  {}", kQuery, "write sources: {prometheus: {url:"},
      {kPlain, "{source: prometheus, query: up, server: other}", "the unknown server 'other'"},
      {kPlain, "{source: prometheus, query: up, capacity: 2}", "it goes with gauge or counter"},
      {kPlain, "{source: json, url: 'http://a/', pointer: /n, window: 1m}", "it goes with gauge"},
      {kPlain, "{source: prometheus, query: up, aggregate: p90}", "write it into the query"},
      {kPlain, "{source: scrape, gauge: a, aggregate: p100}", "a percentile such as p90"},
      {kPlain, "{source: scrape, gauge: a, minSamples: 3}", "add window: 1m"},
      {kPlain, "{source: scrape, counter: a, window: 30s, minSamples: 8}",
       "never holds more than 7"},
      {kPlain, "{source: scrape, counter: a, minObservations: 8}", "it goes with histogram"},
      {kPlain, "{source: scrape, counter: a, offset: 1m, maxAge: 20s}", "at least the offset"},
      {kPlain, "{source: scrape, counter: a, minCoverage: {out: 80%, in: 50%}}", "at least 0.8"},
      {kPlain, "{source: scrape, counter: a, believeZeroAfter: no}", "a duration from 0s"},
      {kPlain, "{source: scrape, gauge: a, matching: {quantile: '0.95'}}", "write aggregate: max"},
      {kPlain, "{source: prometheus, query: up, minCoverage: 1}", "it is about instances"},
      {kPlain, "{source: prometheus, gauge: up}", "which takes query"},
      {kPlain, "{source: json, query: up}", "which takes url or path"},
      {kPlain, "{source: scrape, query: up}", "takes gauge, counter, histogram or ratio"},
      {kPlain, "{source: prometheus}", "needs exactly one of gauge, counter"},
      {kPlain, "{source: prometheus, query: up, offset: 1m, maxAge: 20s}", "at least the offset"},
      {kPlain, "{source: prometheus, query: up, whenEmpty: none}", "a number such as 0"},
      {kPlain, "{source: prometheus, query: up, unit: percent}", "number, perSecond, ratio"},
      {kPlain, "{source: json, url: 'http://a/', path: /x, pointer: /n}", "exactly one of gauge"},
      {kPlain, "{source: json, url: 'http://a/'}", "signals.load.pointer: missing"},
      {kPlain, "{source: json, url: 'http://a/', pointer: n}", "each of its parts begins with /"},
      {kPlain, "{source: json, url: 'ftp://a/', pointer: /n}", "it is not http://host:port/path"},
      {kPlain, "{source: json, url: 'http://u:p@a/', pointer: /n}", "which logs would show"},
      {kPlain, "{source: json, url: 'http://a/', pointer: /n, aggregate: sum}", "it goes with"},
      {kPlain, "{source: json, url: 'http://a/', pointer: /n, minCoverage: 1}", "about instances"},
      {kPlain, "{source: json, path: load, pointer: /n}", "not a path that begins with /"},
      {kPlain, "{source: json, path: /load, pointer: /n, scale: 0}", "everything would be 0"},
  };
  for (const auto& row : kTable) {
    const auto result = parsed(row.sources, row.signal);
    EXPECT_FALSE(result.config) << row.sources << " " << row.signal;
    EXPECT_THAT(problems_text(result.problems), HasSubstr(row.problem)) << row.signal;
  }
}

TEST(Sources, OneDocumentOfAFileHasThem) {
  const auto result = parse_config(
      text_of(kPlain, "{source: prometheus, query: up}") + "---\nsources: {}\n", "test.yaml");
  EXPECT_THAT(problems_text(result.problems), HasSubstr("sources: given in an earlier document"));
}

}  // namespace
}  // namespace autoscaler
