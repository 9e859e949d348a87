#include "controller/balancer/haproxy/runtime_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using ::testing::HasSubstr;

const std::string kStateHeader =
    "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight "
    "srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health "
    "srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord "
    "srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port\n";

// Operation, administration and check status as HAProxy 2.6.12 showed them.
std::string state_line(int operation, int admin, int check) {
  return kStateHeader + "3 app 1 as-a 127.0.0.1 " + std::to_string(operation) + " " +
         std::to_string(admin) + " 1 1 2 " + std::to_string(check) +
         " 0 0 6 0 0 0 - 9001 - 0 0 - - 0\n\n";
}

TEST(ServersState, TellsTheLifeOfADynamicServer) {
  const struct {
    const char* moment;
    int operation, admin, check;
    bool maintenance, draining, running, checked;
  } cases[] = {
      {"just added", 0, 1, 1, true, false, false, false},
      {"left maintenance into drain, before a check", 2, 8, 1, false, true, true, false},
      {"in drain, a check passed", 2, 8, 15, false, true, true, true},
      {"in drain, a check failed", 0, 8, 8, false, true, false, false},
      {"declared down, before a check", 0, 0, 1, false, false, false, false},
      {"up", 2, 0, 15, false, false, true, true},
      {"up, in slow start", 1, 0, 15, false, false, true, true},
      {"stopping, asked by its check", 3, 0, 16, false, false, false, false},
      {"drained, then in maintenance", 0, 9, 15, true, false, false, false},
      {"maintenance from the configuration", 0, 5, 1, true, false, false, false},
  };
  for (const auto& c : cases) {
    const auto states = parse_servers_state(state_line(c.operation, c.admin, c.check));
    ASSERT_TRUE(states.ok()) << c.moment << ": " << states.error().message;
    ASSERT_EQ(states->size(), 1u) << c.moment;
    const ServerState& state = states->front();
    EXPECT_EQ(state.backend, "app");
    EXPECT_EQ(state.name, "as-a");
    EXPECT_EQ(state.address, "127.0.0.1:9001");
    EXPECT_EQ(state.maintenance, c.maintenance) << c.moment;
    EXPECT_EQ(state.draining, c.draining) << c.moment;
    EXPECT_EQ(state.running, c.running) << c.moment;
    EXPECT_EQ(state.checked, c.checked) << c.moment;
  }
}

TEST(ServersState, FindsItsColumnsByNameAndTakesNoServersAtAll) {
  const auto empty = parse_servers_state(kStateHeader + "\n");
  ASSERT_TRUE(empty.ok());
  EXPECT_TRUE(empty->empty());
  const auto other = parse_servers_state(
      "1\n# be_id srv_port be_name srv_name srv_new srv_addr srv_op_state srv_admin_state "
      "srv_check_status\n3 80 app as-a 7 ::1 2 0 15\n");
  ASSERT_TRUE(other.ok()) << other.error().message;
  EXPECT_EQ(other->front().address, "[::1]:80");
}

TEST(ServersState, RefusesWhatItCannotRead) {
  const struct {
    std::string answer;
    Code code;
  } cases[] = {
      {"", Code::kInvalid},
      {"Permission denied\n\n", Code::kDenied},
      {"Can't find backend.\n", Code::kInvalid},
      {"2\n# be_id be_name\n", Code::kInvalid},
      {"1\n# be_id be_name srv_name\n3 app as-a\n", Code::kInvalid},
      {kStateHeader + "3 app 1 as-a 127.0.0.1 2 0\n", Code::kInvalid},
      {kStateHeader + "3 app 1 as-a 127.0.0.1 up 0 1 1 2 15 0 0 6 0 0 0 - 9001 - 0 0 - - 0\n",
       Code::kInvalid},
  };
  for (const auto& c : cases) {
    const auto states = parse_servers_state(c.answer);
    ASSERT_FALSE(states.ok()) << c.answer;
    EXPECT_EQ(states.error().code, c.code) << c.answer;
    EXPECT_THAT(states.error().message, HasSubstr("show servers state"));
  }
}

TEST(Stat, ListsBackendsAndServersAndNothingElse) {
  const auto rows = parse_stat(
      "# pxname,svname,scur,type,check_desc,algo,\n"
      "web,FRONTEND,7,0,,,\n"
      "app,as-a,3,2,\"no, \"\"really\"\"\",,\n"
      "app,BACKEND,5,1,,leastconn,\n\n");
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ((*rows)[0].server, "as-a");
  EXPECT_EQ((*rows)[0].sessions, 3);
  EXPECT_EQ((*rows)[1].server, std::nullopt);
  EXPECT_EQ((*rows)[1].algorithm, "leastconn");
}

TEST(Stat, RefusesWhatItCannotRead) {
  for (const char* answer : {"", "No such proxy.\n", "# pxname,svname,type,algo,\napp,as-a,2,,\n",
                             "# pxname,svname,scur,type,algo,\napp,as-a,many,2,,\n",
                             "# pxname,svname,scur,type,algo,\napp,as-a,3\n"}) {
    const auto rows = parse_stat(answer);
    ASSERT_FALSE(rows.ok()) << answer;
    EXPECT_EQ(rows.error().code, Code::kInvalid);
    EXPECT_THAT(rows.error().message, HasSubstr("show stat"));
  }
  EXPECT_EQ(parse_stat("Permission denied\n").error().code, Code::kDenied);
}

TEST(Version, IsReadOutOfShowInfo) {
  const auto version = parse_version("Name: HAProxy\nVersion: 2.6.12-1+deb12u4\nNbthread: 2\n");
  ASSERT_TRUE(version.ok());
  EXPECT_EQ(version->major, 2);
  EXPECT_EQ(version->minor, 6);
  EXPECT_EQ(version->text, "2.6.12-1+deb12u4");
  EXPECT_EQ(parse_version("Version: 3.12-dev1\n")->minor, 12);
  for (const char* answer : {"", "Name: HAProxy\n", "Version: two\n", "Version: 2\n"}) {
    EXPECT_FALSE(parse_version(answer).ok()) << answer;
  }
}

TEST(ChangeAnswers, AreSuccessOrSayWhatKindOfRefusalTheyAre) {
  for (const char* done : {"\n", "", "New server registered.\n\n", "Server deleted.\n", "\n\n\n"}) {
    EXPECT_TRUE(parse_change(done).ok()) << done;
  }
  const struct {
    const char* answer;
    Code code;
  } refusals[] = {
      {"Permission denied\n\n", Code::kDenied},
      {"No such server.\n", Code::kNotFound},
      {"No such backend.\n", Code::kNotFound},
      {"Already exists a server with the same name in backend.\n\n", Code::kConflict},
      {"Server still has connections attached to it, cannot remove it.\n", Code::kConflict},
      {"Only servers in maintenance mode can be deleted.\n", Code::kConflict},
      {"Backend must use a dynamic load balancing to support dynamic servers.\n", Code::kInvalid},
      {"unknown keyword 'maxcon'.\n", Code::kInvalid},
      {"\n\nNo such server.\n\n", Code::kNotFound},
  };
  for (const auto& c : refusals) {
    const Status status = parse_change(c.answer);
    ASSERT_FALSE(status.ok()) << c.answer;
    EXPECT_EQ(status.error().code, c.code) << c.answer;
  }
}

TEST(ServerAddress, IsWrittenAsHaproxyShowsIt) {
  EXPECT_EQ(*server_address("127.0.0.1:9001"), "127.0.0.1:9001");
  EXPECT_EQ(*server_address("localhost:9001"), "127.0.0.1:9001");
  EXPECT_EQ(*server_address("[0:0::1]:80"), "[::1]:80");
  for (const char* address : {"", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", "app.local:80",
                              "127.0.0.1:80;quit", "[::1:80", "::1:80"}) {
    EXPECT_FALSE(server_address(address).ok()) << address;
  }
}

}  // namespace
}  // namespace autoscaler
