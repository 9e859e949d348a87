#include "metrics/quantity.h"

#include <gmock/gmock.h>

#include <cstdint>
#include <limits>
#include <string>

namespace autoscaler {
namespace {

struct QuantityCase {
  std::string text;
  int64_t milli;
};

void PrintTo(const QuantityCase& test, std::ostream* out) {
  *out << test.text;
}

class Quantity : public testing::TestWithParam<QuantityCase> {};

TEST_P(Quantity, is_exact_in_thousandths) {
  const auto milli = parse_milli_quantity(GetParam().text);
  ASSERT_TRUE(milli.ok()) << milli.error().message;
  EXPECT_EQ(*milli, GetParam().milli);
}

INSTANTIATE_TEST_SUITE_P(table, Quantity,
                         testing::ValuesIn(std::initializer_list<QuantityCase>{
                             {"0", 0},
                             {"1", 1000},
                             {"250m", 250},
                             {"0.25", 250},
                             {".5", 500},
                             {"5.", 5000},
                             {"+3", 3000},
                             {"-1", -1000},
                             {"100u", 1},  // rounded away from zero
                             {"-100u", -1},
                             {"1n", 1},
                             {"1000001n", 2},  // 1.000001 thousandths
                             {"1000000n", 1},
                             {"0n", 0},
                             {"0.0001", 1},
                             {"0.0010000000000000000000000000001", 2},
                             {"0.0010000000000000000000000000000", 1},
                             {"1k", 1'000'000},
                             {"1Ki", 1'024'000},
                             {"1.5Gi", 1'610'612'736'000},
                             {"0.1Ki", 102'400},
                             {"2M", 2'000'000'000},
                             {"12e6", 12'000'000'000},
                             {"12E6", 12'000'000'000},
                             {"1e3", 1'000'000},
                             {"1e+3", 1'000'000},
                             {"15e-1", 1500},
                             {"1e-9", 1},
                             {"0e99999", 0},
                             {"1e-99999", 1},
                             {"4Pi", 4'503'599'627'370'496'000},
                             {"9P", 9'000'000'000'000'000'000},
                             {"9223372036854775.807", std::numeric_limits<int64_t>::max()},
                             {"-9223372036854775807m", -std::numeric_limits<int64_t>::max()},
                         }));

TEST(Quantity, says_what_is_wrong) {
  for (const char* text : {"", "m", ".", "-", "1 Gi", "1gi", "1K", "1e", "1e+-3", "e3", "1mm",
                           "0x10", "1.2.3", "--1", "NaN", "1,5"}) {
    const auto milli = parse_milli_quantity(text);
    ASSERT_FALSE(milli.ok()) << text;
    EXPECT_EQ(milli.error().code, Code::kInvalid) << text;
    EXPECT_THAT(milli.error().message, testing::HasSubstr("250m")) << text;
  }
}

TEST(Quantity, past_the_range_is_too_large_and_never_wraps) {
  for (const char* text : {"9223372036854775.808", "10P", "1E", "8Ei", "1e30", "1e2147483647",
                           "99999999999999999999999999999999999999999999", "-10P"}) {
    const auto milli = parse_milli_quantity(text);
    ASSERT_FALSE(milli.ok()) << text;
    EXPECT_EQ(milli.error().code, Code::kTooLarge) << text;
  }
}

TEST(Quantity, is_written_in_canonical_form) {
  const std::pair<int64_t, const char*> cases[] = {{0, "0"},
                                                   {1, "1m"},
                                                   {250, "250m"},
                                                   {1000, "1"},
                                                   {1500, "1500m"},
                                                   {100'000, "100"},
                                                   {1'000'000, "1k"},
                                                   {1'500'000, "1500"},
                                                   {-2000, "-2"},
                                                   {2'000'000'000, "2M"},
                                                   {9'000'000'000'000'000'000, "9P"}};
  for (const auto& [milli, text] : cases) EXPECT_EQ(format_milli_quantity(milli), text);
}

TEST(GoDuration, is_read_as_go_writes_it) {
  const std::pair<const char*, int64_t> cases[] = {{"0", 0},
                                                   {"0s", 0},
                                                   {"60s", 60'000},
                                                   {"1m30s", 90'000},
                                                   {"1h0m0s", 3'600'000},
                                                   {"1.5h", 5'400'000},
                                                   {"500ms", 500},
                                                   {".5s", 500},
                                                   {"-10ms", -10},
                                                   {"+1s", 1000},
                                                   {"1500us", 1},
                                                   {"1500\u00b5s", 1},
                                                   {"16.062s", 16'062},
                                                   {"999999ns", 0},
                                                   {"2540400h", 9'145'440'000'000}};
  for (const auto& [text, milliseconds] : cases) {
    const auto duration = parse_go_duration(text);
    ASSERT_TRUE(duration.ok()) << text;
    EXPECT_EQ(duration->count(), milliseconds) << text;
  }
}

TEST(GoDuration, says_what_is_wrong) {
  for (const char* text : {"", "60", "1d", "s", "1 s", "-", "1h-30m", ".s", "1m30", "3000000h"}) {
    const auto duration = parse_go_duration(text);
    ASSERT_FALSE(duration.ok()) << text;
    EXPECT_THAT(duration.error().message, testing::HasSubstr("1m30s")) << text;
  }
}

TEST(GoDuration, reads_back_what_it_writes) {
  const std::pair<int64_t, const char*> cases[] = {{0, "0s"},        {300'000, "300s"},
                                                   {250, "0.25s"},   {-10, "-0.01s"},
                                                   {1001, "1.001s"}, {-1500, "-1.5s"}};
  for (const auto& [milliseconds, text] : cases) {
    EXPECT_EQ(format_go_duration(Duration{milliseconds}), text);
    EXPECT_EQ(parse_go_duration(text).value(), Duration{milliseconds});
  }
}

}  // namespace
}  // namespace autoscaler
