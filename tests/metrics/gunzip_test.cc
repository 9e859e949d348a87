#include "metrics/gunzip.h"

#include "tests/metrics/gzipped.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace autoscaler {
namespace {

using testing::HasSubstr;

constexpr size_t kCap = 1 << 20;

std::string inflated(const std::string& compressed) {
  const auto text = gunzip(compressed, kCap);
  return text.ok() ? *text : "error: " + text.error().message;
}

std::string repeated(const std::string& text, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(Gunzip, GivesBackWhatWasCompressed) {
  for (const std::string& text :
       {std::string(), std::string("a 1\n"), std::string(4096, 'x'), std::string(4097, 'x'),
        repeated("some_metric{label=\"value\"} 12.5\n", 30'000)}) {
    EXPECT_TRUE(inflated(gzipped(text)) == text) << text.size();
  }
}

TEST(Gunzip, ReadsAllMembers) {
  EXPECT_EQ(inflated(gzipped("a 1\n") + gzipped("") + gzipped("b 2\n")), "a 1\nb 2\n");
}

TEST(Gunzip, StopsABombAtTheCap) {
  const std::string bomb = gzipped(std::string(64 << 20, '\0'));
  EXPECT_LT(bomb.size(), 70'000u);
  const auto text = gunzip(bomb, kCap);
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().code, Code::kTooLarge);
  EXPECT_EQ(text.error().message, "gzip: over 1048576 bytes once inflated");
}

TEST(Gunzip, TakesATextOfJustTheCap) {
  for (const size_t cap : {0, 1, 4095, 4096, 4097, 100'000}) {
    SCOPED_TRACE(cap);
    EXPECT_TRUE(gunzip(gzipped(std::string(cap, 'x')), cap).ok());
    const auto longer = gunzip(gzipped(std::string(cap + 1, 'x')), cap);
    ASSERT_FALSE(longer.ok());
    EXPECT_EQ(longer.error().code, Code::kTooLarge);
  }
}

TEST(Gunzip, CountsAllMembersAgainstTheCap) {
  const auto text = gunzip(repeated(gzipped(std::string(1000, 'x')), 11), 10'000);
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().code, Code::kTooLarge);
}

TEST(Gunzip, RefusesWhatIsCutShortAnywhere) {
  const std::string whole = gzipped(repeated("some_metric{label=\"value\"} 12.5\n", 50));
  for (size_t length = 0; length < whole.size(); ++length) {
    SCOPED_TRACE(length);
    const auto text = gunzip(whole.substr(0, length), kCap);
    ASSERT_FALSE(text.ok());
    EXPECT_EQ(text.error().code, Code::kInvalid);
  }
}

TEST(Gunzip, RefusesWhatIsNotGzipOrIsBroken) {
  EXPECT_EQ(inflated(""), "error: gzip: cut short");
  EXPECT_THAT(inflated("a 1\n"), HasSubstr("error: gzip: incorrect header check"));
  EXPECT_THAT(inflated(gzipped("a 1\n") + "a 1\n"), HasSubstr("error: gzip: "));
  std::string wrong_sum = gzipped("a 1\n");
  wrong_sum[wrong_sum.size() - 8] ^= 1;
  EXPECT_THAT(inflated(wrong_sum), HasSubstr("error: gzip: incorrect data check"));
}

}  // namespace
}  // namespace autoscaler
