#include "metrics/haproxy_stat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace autoscaler {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr char kHeader[] =
    "# pxname,svname,qcur,scur,type,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,"
    "req_tot,rtime,last_chk,\n";

std::vector<HaproxyBackendStat> read(const std::string& csv) {
  auto backends = parse_haproxy_stat(csv);
  EXPECT_TRUE(backends.ok()) << backends.error().message;
  return backends.ok() ? *backends : std::vector<HaproxyBackendStat>();
}

std::string error_of(const std::string& csv) {
  const auto backends = parse_haproxy_stat(csv);
  return backends.ok() ? "no error" : backends.error().message;
}

TEST(HaproxyStat, ReadsTheBackendsAndOnlyThose) {
  const auto backends = read(std::string(kHeader) +
                             "in,FRONTEND,,4,0,0,9,0,0,1,0,10,,,\n"
                             "app,s1,1,2,2,0,3,0,0,0,0,3,7,Layer4 check passed,\n"
                             "app,BACKEND,5,6,1,1,20,3,4,50,6,84,123,,\n"
                             "tcp,BACKEND,0,1,1,,,,,,,,0,,\n"
                             "\n");
  ASSERT_THAT(backends, SizeIs(2));
  EXPECT_EQ(backends[0].name, "app");
  EXPECT_EQ(backends[0].queued, 5);
  EXPECT_EQ(backends[0].sessions, 6);
  EXPECT_EQ(backends[0].requests, 84);
  EXPECT_EQ(backends[0].response_time_ms, 123);
  EXPECT_EQ(backends[0].responses_5xx, 50);
  EXPECT_EQ(backends[0].responses, 84);
  EXPECT_EQ(backends[1].requests, std::nullopt);
  EXPECT_EQ(backends[1].responses_5xx, std::nullopt);
  EXPECT_EQ(backends[1].responses, std::nullopt);
  EXPECT_EQ(backends[1].sessions, 1);
}

TEST(HaproxyStat, FindsColumnsByNameWhateverElseThereIs) {
  const auto backends = read(
      "# pxname,svname,new_column,req_tot,qcur,\n"
      "app,BACKEND,whatever,7,3,\n\n");
  ASSERT_THAT(backends, SizeIs(1));
  EXPECT_EQ(backends[0].requests, 7);
  EXPECT_EQ(backends[0].queued, 3);
  EXPECT_EQ(backends[0].sessions, std::nullopt);  // this version shows no such thing
  EXPECT_EQ(backends[0].responses, std::nullopt);
}

TEST(HaproxyStat, ReadsQuotedFields) {
  const auto backends = read(
      "# pxname,svname,last_chk,qcur,\n"
      "app,s1,\"Layer7, \"\"bad\"\"\nanswer\",1,\n"
      "\"a,b\",BACKEND,\"\",2,\n\n");
  ASSERT_THAT(backends, SizeIs(1));
  EXPECT_EQ(backends[0].name, "a,b");
  EXPECT_EQ(backends[0].queued, 2);
}

TEST(HaproxyStat, MayBeEmpty) {
  EXPECT_THAT(read(std::string(kHeader) + "\n"), IsEmpty());
}

TEST(HaproxyStat, SaysWhatIsWrongAndWhere) {
  const std::string header = "# pxname,svname,qcur,\n";
  const std::pair<std::string, const char*> table[] = {
      {"", "expected the header of 'show stat', found ''"},
      {"Permission denied\n\n", "expected the header of 'show stat', found 'Permission denied'"},
      {"\xff\xfe\n", "expected the header of 'show stat', found bytes that are no text"},
      {"# pxname,svname,qcur", "the answer is cut short"},
      {header, "the answer is cut short"},
      {header + "app,BACKEND,12", "the answer is cut short"},
      {header + "app,BACKEND,1,\n", "the answer is cut short"},
      {header + "app,BACKEND,\n\n", "line 2: 3 fields where the header has 4"},
      {header + "app,s1,\"\n\",\napp,BACKEND,x,\n\n",
       "line 4: backend app, column qcur: expected a whole number"},
      {header + "app,BACKEND,-1,\n\n", "line 2: backend app, column qcur: expected a whole number"},
      {header + "app,BACKEND,\"1,\n\n", "line 2: a quote is never closed"},
  };
  for (const auto& [csv, error] : table) {
    SCOPED_TRACE(csv);
    EXPECT_EQ(error_of(csv), error);
  }
}

}  // namespace
}  // namespace autoscaler
