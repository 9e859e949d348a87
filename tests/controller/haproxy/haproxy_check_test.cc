#include "controller/balancer/haproxy/haproxy_check.h"

#include "tests/base/raw_server.h"
#include "tests/controller/haproxy/balanced_shop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> messages(const std::vector<Error>& errors) {
  std::vector<std::string> all;
  for (const Error& error : errors) all.push_back(error.message);
  return all;
}

Config shop_at(const std::string& socket, const std::string& options = "",
               const std::string& backend = "app") {
  Config config;
  config.workloads.push_back(behind_haproxy("shop", socket, backend));
  config.workloads[0].balancer->server_options = options;
  return config;
}

TEST(HaproxyCheck, IsContentWithEveryAlgorithmThatTakesServersAndAddsNone) {
  for (const char* lines :
       {"balance leastconn", "balance roundrobin", "balance first", "balance random",
        "balance source\n  hash-type consistent", "mode tcp\n  balance leastconn",
        "balance leastconn\n  server-template spare 2 127.0.0.1:9 disabled"}) {
    const HaproxyProcess haproxy("backend app\n  " + std::string(lines) + "\n");
    const std::string before = haproxy.ask("show servers state");
    const Config config = shop_at(haproxy.socket(), "maxconn 50 weight 3");
    const HaproxyCheck found = HaproxyWriter(config).check();
    EXPECT_THAT(messages(found.refusals), IsEmpty()) << lines;
    EXPECT_THAT(messages(found.warnings), IsEmpty()) << lines;
    EXPECT_THAT(messages(check_haproxy(config).warnings), IsEmpty()) << lines;
    EXPECT_EQ(haproxy.ask("show servers state"), before) << lines;
  }
}

TEST(HaproxyCheck, NamesTheAlgorithmThatCannotTakeServersAndOneThatCan) {
  const struct {
    const char* lines;
    const char* message;
  } cases[] = {
      {"balance static-rr",
       "backend app: 'balance static-rr' cannot take servers at run time: use 'balance leastconn'"},
      {"balance source",
       "backend app: 'balance source' with a map-based hash cannot take servers at run time: add "
       "'hash-type consistent', or use 'balance leastconn'"},
      {"balance uri", "'balance uri' with a map-based hash"},
  };
  for (const auto& c : cases) {
    const HaproxyProcess haproxy("backend app\n  " + std::string(c.lines) + "\n");
    const Config config = shop_at(haproxy.socket());
    const HaproxyCheck found = HaproxyWriter(config).check();
    ASSERT_THAT(found.refusals, SizeIs(1)) << c.lines;
    EXPECT_THAT(found.refusals[0].message, HasSubstr(c.message));
  }
}

TEST(HaproxyCheck, RefusesALevelThatMayNotAddServersWhereItWouldHaveTo) {
  for (const char* level : {"operator", "user"}) {
    const HaproxyProcess haproxy(HaproxyProcess::frontend_and_backend(), level);
    const Config config = shop_at(haproxy.socket());
    const auto remedy = AllOf(HasSubstr("at level '" + std::string(level) + "'"),
                              HasSubstr("write 'level admin' at its 'stats socket' line"));
    const HaproxyCheck live = HaproxyWriter(config).check();
    ASSERT_THAT(live.refusals, SizeIs(1));
    EXPECT_EQ(live.refusals[0].code, Code::kDenied);
    EXPECT_THAT(live.refusals[0].message, remedy);

    const HaproxyCheck dry = check_haproxy(config);
    EXPECT_THAT(messages(dry.refusals), IsEmpty());
    ASSERT_THAT(dry.warnings, SizeIs(1));
    EXPECT_THAT(dry.warnings[0].message, remedy);

    EXPECT_THAT(HaproxyReader(config).observe(Instant{}).unreachable, IsEmpty());
    const Change attach[] = {Attach{"shop", "shop-1", "127.0.0.1:80"}};
    HaproxyWriter writer(config);
    const auto denied = writer.apply(attach, Instant{}).at(0).error;
    ASSERT_TRUE(denied);
    EXPECT_EQ(denied->code, Code::kDenied);
    EXPECT_THAT(denied->message, HasSubstr("level admin"));
  }
}

TEST(HaproxyCheck, RefusesABackendThatIsNotThereOrIsSharedByTwoWorkloads) {
  const HaproxyProcess haproxy("frontend only\n  bind 127.0.0.1:{port}\nbackend app\n");
  for (const char* backend : {"ap", "only"}) {
    const HaproxyCheck found = check_haproxy(shop_at(haproxy.socket(), "", backend));
    ASSERT_THAT(found.refusals, SizeIs(1));
    EXPECT_THAT(found.refusals[0].message,
                AllOf(HasSubstr("has no backend '" + std::string(backend) + "'"),
                      HasSubstr("loadBalancer.haproxy.backend of workload 'shop'")));
  }
  Config shared = shop_at(haproxy.socket());
  shared.workloads.push_back(behind_haproxy("twin", haproxy.socket(), "app"));
  const HaproxyCheck found = check_haproxy(shared);
  ASSERT_THAT(found.refusals, SizeIs(1));
  EXPECT_THAT(found.refusals[0].message,
              AllOf(HasSubstr("workload 'twin'"), HasSubstr("another workload's already")));
}

TEST(HaproxyCheck, RefusesServerOptionsThatHaproxyRefuses) {
  const HaproxyProcess haproxy("backend app\n  balance leastconn\n");
  const struct {
    const char* options;
    const char* message;
  } cases[] = {
      {"maxcon 5", "unknown keyword 'maxcon'"},
      {"cookie abc", "'cookie' option is not accepted for dynamic server"},
      {"maxconn 5; del server app/x", "would end the command"},
      {"maxconn 5\nshow info", "would end the command"},
  };
  for (const auto& c : cases) {
    const Config config = shop_at(haproxy.socket(), c.options);
    const HaproxyCheck found = HaproxyWriter(config).check();
    ASSERT_THAT(found.refusals, SizeIs(1)) << c.options;
    EXPECT_THAT(found.refusals[0].message,
                AllOf(HasSubstr("loadBalancer.haproxy.serverOptions"), HasSubstr(c.message)));
  }
}

TEST(HaproxyCheck, RefusesAnEmptyPrefixForEveryServerWouldBeOurs) {
  Config config = shop_at("/nowhere/haproxy.sock");
  config.workloads[0].balancer->server_prefix = "";
  const HaproxyCheck found = check_haproxy(config);
  ASSERT_THAT(found.refusals, SizeIs(1));
  EXPECT_THAT(found.refusals[0].message, HasSubstr("serverPrefix"));
}

TEST(HaproxyCheck, OnlyWarnsOfAHaproxyThatDoesNotAnswer) {
  const HaproxyCheck gone = HaproxyWriter(shop_at("/nowhere/haproxy.sock")).check();
  EXPECT_THAT(messages(gone.refusals), IsEmpty());
  ASSERT_THAT(gone.warnings, SizeIs(1));
  EXPECT_THAT(gone.warnings[0].message,
              HasSubstr("stats socket /nowhere/haproxy.sock level admin"));
}

TEST(HaproxyCheck, RefusesAVersionBefore26AndWhatIsNoHaproxy) {
  const struct {
    const char* answer;
    const char* message;
  } cases[] = {
      {"Name: HAProxy\nVersion: 2.5.14-1\n\n", "2.5.14-1: servers that are checked can be added"},
      {"Name: HAProxy\nVersion: 1.8.30\n\n", "install 2.6 or later"},
      {"220 mail.example ESMTP\n", "answers 'show info' with '220 mail.example ESMTP'"},
  };
  for (const auto& c : cases) {
    const RawServer server([&](RawConnection& connection) {
      connection.read_line();
      connection.send(c.answer);
    });
    const Config config = shop_at("127.0.0.1:" + std::to_string(server.port()));
    const HaproxyCheck found = check_haproxy(config);
    ASSERT_THAT(found.refusals, SizeIs(1)) << c.answer;
    EXPECT_THAT(found.refusals[0].message, HasSubstr(c.message));
  }
}

}  // namespace
}  // namespace autoscaler
