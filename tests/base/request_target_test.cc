#include "base/request_target.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(RequestTarget, SplitsThePathFromTheQueryAndDecodesBoth) {
  auto target = parse_request_target("/api/v1/a%20b%2Fc?name=x%26y&empty&plus=a+b&=nameless");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/api/v1/a b/c");
  EXPECT_THAT(target->query, ElementsAre(Pair("name", "x&y"), Pair("empty", ""),
                                         Pair("plus", "a b"), Pair("", "nameless")));
}

TEST(RequestTarget, KeepsAPlusInAPath) {
  EXPECT_EQ(parse_request_target("/c++")->path, "/c++");
}

TEST(RequestTarget, TakesTheAbsoluteForm) {
  EXPECT_EQ(parse_request_target("http://host:80/metrics?a=1")->path, "/metrics");
  EXPECT_EQ(parse_request_target("http://host")->path, "/");
}

TEST(RequestTarget, TakesAQueryWithNothingInIt) {
  EXPECT_THAT(parse_request_target("/a?")->query, IsEmpty());
  EXPECT_THAT(parse_request_target("/a?&&")->query, IsEmpty());
}

TEST(RequestTarget, RefusesWhatIsNoPath) {
  for (const char* bad : {"", "*", "metrics", "?a=1", "https://host/", "/%", "/%2", "/%zz", "/%4g",
                          "/a%00b", "/?a=%", "/?%=1"}) {
    EXPECT_FALSE(parse_request_target(bad)) << bad;
  }
}

}  // namespace
}  // namespace autoscaler
