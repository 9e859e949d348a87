#include "controller/config/config.h"
#include "tests/controller/config/print_config.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

// `top` before the workload, `signals` and `metrics` in it.
std::string text_of(const std::string& top, const std::string& signals = "",
                    const std::string& metrics = "{}", const std::string& min = "2") {
  return top + R"(
workloads:
  - name: shop
    target: {process: {command: [srv, "{port}"], ports: 9000-9099, metrics: )" +
         metrics + R"(}}
    replicas: {min: )" +
         min + R"(, max: 20}
    signals:
      rps: {source: scrape, counter: requests_total}
)" + signals +
         R"(    policies:
      - track: {signal: rps, perInstance: 120/s}
)";
}

Config read(const std::string& text) {
  ConfigResult result = parse_config(text, "test.yaml");
  EXPECT_TRUE(result.config) << problems_text(result.problems);
  return result.config.value_or(Config{});
}

TEST(ScrapeConfig, HangsOnTheControllersInterval) {
  const Config plain = read(text_of(""));
  EXPECT_EQ(plain.scrape.interval, seconds(5));
  EXPECT_EQ(plain.scrape.timeout, milliseconds(2500));
  const Config slow = read("controller: {interval: 1m}\n" + text_of(""));
  EXPECT_EQ(slow.scrape.interval, seconds(60));
  EXPECT_EQ(slow.scrape.timeout, seconds(10));
  // In an earlier document than the controller's too.
  const Config own = read("sources: {scrape: {interval: 2s}}\n---\ncontroller: {interval: 10s}\n" +
                          text_of("---", "      cpu: {source: scrape, counter: c, window: 4s}\n"));
  EXPECT_EQ(own.scrape.interval, seconds(2));
  EXPECT_EQ(own.scrape.timeout, seconds(1));
  EXPECT_EQ(own.workloads[0].spec.signals[0].max_age, seconds(30));  // three ticks
  const Config rare = read("sources: {scrape: {interval: 1m}}\n" + text_of(""));
  EXPECT_EQ(rare.workloads[0].spec.signals[0].max_age, seconds(180));
  EXPECT_EQ(std::get<ScrapeRead>(rare.workloads[0].queries[0].how).window, seconds(240));
}

TEST(ScrapeConfig, SaysWhoAsksAndWhomToTrust) {
  const Config config = read(text_of(R"(sources:
  scrape:
    maxSize: 1Mi
    headers: {X-Scope-OrgID: shop}
    basic: {user: ali, password: {env: PASSWORD}}
    tls: {ca: /ca.pem, cert: /c.pem, key: /k.pem, serverName: shop.internal}
)"));
  const IdentitySettings& identity = config.scrape.identity;
  EXPECT_EQ(config.scrape.max_bytes, 1 << 20);
  EXPECT_THAT(identity.headers, ElementsAre("X-Scope-OrgID: shop"));
  const auto& basic = std::get<BasicPassword>(identity.auth);
  EXPECT_EQ(basic.user, "ali");
  EXPECT_EQ(std::get<SecretVariable>(basic.password).name, "PASSWORD");
  EXPECT_EQ(identity.tls.ca_file, "/ca.pem");
  EXPECT_EQ(identity.tls.server_name, "shop.internal");
  EXPECT_TRUE(identity.tls.verify);
  const Config other =
      read(text_of("sources: {scrape: {bearer: {file: /t}, tls: {insecureSkipVerify: true}}}\n"));
  EXPECT_FALSE(other.scrape.identity.tls.verify);
  EXPECT_EQ(std::get<SecretFile>(std::get<BearerToken>(other.scrape.identity.auth).token).path,
            "/t");
}

TEST(ScrapeConfig, SignalsMayHaveTargetsOfTheirOwn) {
  const Config config = read(text_of("", R"(
      jobs: {source: scrape, gauge: q, targets: ["http://a:1/m", "https://[::1]/metrics?x=y"]}
      lag: {source: scrape, gauge: queue.länge/s, matching: {service.name: a}, targetsFile: /t.json}
)"));
  const WorkloadConfig& shop = config.workloads[0];
  EXPECT_FALSE(shop.spec.signals[0].over_targets);
  EXPECT_TRUE(shop.spec.signals[1].over_targets);
  EXPECT_THAT(std::get<UrlList>(std::get<ScrapeRead>(shop.queries[1].how).from).urls,
              ElementsAre("http://a:1/m", "https://[::1]/metrics?x=y"));
  EXPECT_EQ(std::get<TargetList>(std::get<ScrapeRead>(shop.queries[2].how).from).file, "/t.json");
  EXPECT_TRUE(std::holds_alternative<OwnInstances>(std::get<ScrapeRead>(shop.queries[0].how).from));
}

TEST(ScrapeConfig, MayScaleToZeroOnTargetsThatStay) {
  const std::string signals =
      "      jobs: {source: scrape, gauge: q, aggregate: sum, targets: [\"http://a:1/m\"]}\n";
  ConfigResult none = parse_config(text_of("", signals, "{}", "0"), "test.yaml");
  EXPECT_THAT(problems_text(none.problems), HasSubstr("with targets of its own"));
  read(text_of("", signals, "{}", "0") + "      - track: {signal: jobs, perInstance: 10}\n");
}

TEST(ScrapeConfig, TellsWhereTheInstancesPageIs) {
  const Config config = read(text_of("", "", "{scheme: https, portOffset: 1000, path: /m}"));
  EXPECT_TRUE(config.workloads[0].process()->metrics_over_tls);
  EXPECT_EQ(config.workloads[0].process()->metrics_port_offset, 1000);
  EXPECT_EQ(config.workloads[0].process()->metrics_path, "/m");
}

TEST(ScrapeConfig, RefusesWhatCannotBe) {
  struct Row {
    std::string top, signals, metrics;
    const char* problem;
  };
  const Row rows[] = {
      {"sources: {scrape: {timeout: 6s}}", "", "{}",
       "sources.scrape.timeout: found 6s, longer than the interval of 5s"},
      {"sources: {scrape: {interval: 100ms}}", "", "{}", "a duration from 1s to 10m"},
      {"sources: {scrape: {bearer: {file: a}, basic: {user: u, password: {file: b}}}}", "", "{}",
       "contradicts bearer"},
      {"sources: {scrape: {bearer: secret}}", "", "{}", "sources.scrape.bearer"},
      {"sources: {scrape: {bearer: {file: a, env: B}}}", "", "{}", "sources.scrape.bearer"},
      {"sources: {scrape: {headers: {Authorization: x}}}", "", "{}", "holds a secret"},
      {"sources: {scrape: {headers: {\"a b\": x}}}", "", "{}", "HTTP header"},
      {"sources: {scrape: {tls: {cert: a}}}", "", "{}", "cert and key go together"},
      {"sources: {scrape: {tls: {ca: a, insecureSkipVerify: true}}}", "", "{}", "contradicts ca"},
      {"sources: {scrape: {tls: {insecureSkipVerify: yes}}}", "", "{}", "true or false"},
      {"sources: {scrape: {interval: 20s}}",
       "      cpu: {source: scrape, counter: c, window: 30s}\n", "{}",
       "too short for a rate at sources.scrape.interval 20s: at least 40s"},
      {"", "      j: {source: scrape, gauge: q, targets: []}\n", "{}", "targets"},
      {"", "      j: {source: scrape, gauge: q, targets: [\"a:1\"]}\n", "{}", "a URL such as"},
      {"",
       "      j: {source: scrape, gauge: q, targets: [\"http://a/m\", \"http://b/m\", "
       "\"http://a/m\"]}\n",
       "{}", "holds http://a/m twice"},
      {"", "      j: {source: scrape, gauge: q, maxAge: 4s}\n", "{}",
       "is less than sources.scrape.interval 5s"},
      {"", "      j: {source: scrape, ratio: {of: q, matching: {}}}\n", "{}", "names no label"},
      {"", "      j: {source: scrape, gauge: 'q{a=1}'}\n", "{}", "labels go beside it"},
      {"", "      j: {source: scrape, gauge: 'rate(q[5m])'}\n", "{}", "as it stands on the page"},
      {"", "      j: {source: scrape, gauge: q, matching: {'a b': c}}\n", "{}",
       "as it stands on the page"},
      {"", "      j: {source: scrape, gauge: q, targets: [\"http://u:p@a:1/\"]}\n", "{}",
       "a URL such as"},
      {"", "      j: {source: scrape, gauge: q, targets: [\"http://a/\"], targetsFile: b}\n", "{}",
       "contradicts targets"},
      {"", "", "{portOffset: 60000}", "past 65535"},
      {"", "", "{scheme: ftp}", "http or https"},
  };
  for (const Row& row : rows) {
    const ConfigResult result =
        parse_config(text_of(row.top, row.signals, row.metrics), "test.yaml");
    EXPECT_THAT(result.problems, SizeIs(1)) << row.problem << problems_text(result.problems);
    EXPECT_THAT(problems_text(result.problems), HasSubstr(row.problem));
  }
}

}  // namespace
}  // namespace autoscaler
