#include "controller/config/units.h"

#include <gmock/gmock.h>

#include <cmath>

namespace autoscaler {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;

TEST(Units, DurationsAreReadAsPeopleWriteThem) {
  const std::pair<const char*, Duration> rows[] = {
      {"30s", seconds(30)},
      {"500ms", Duration(500)},
      {"5m", minutes(5)},
      {"1h30m", minutes(90)},
      {"14d", hours(14 * 24)},
      {"1.5s", Duration(1500)},
      {"0s", Duration(0)},
      {"0", Duration(0)},
      {"0.001s", Duration(1)},
      {".5h", minutes(30)},
      {"1d2h3m4s5ms", hours(26) + minutes(3) + Duration(4005)},
      {"90m", minutes(90)},
  };
  for (const auto& [text, duration] : rows) {
    const auto read = parse_duration(text);
    ASSERT_TRUE(read.ok()) << text;
    EXPECT_EQ(*read, duration) << text;
  }
}

TEST(Units, WrongDurationsSayWhatIsWrong) {
  const std::pair<const char*, const char*> rows[] = {
      {"", "empty"},        {"30", "no unit"},        {"-5s", "negative"},
      {"5 s", "unknown"},   {"1m1h", "out of order"}, {"1s1s", "out of order"},
      {"0.5ms", "finer"},   {"s", "number"},          {"1e3s", "unknown"},
      {"99999d", "longer"}, {"1..5s", "no unit"},     {"5S", "unknown"},
      {"nan", "number"},    {"0x10s", "unknown"},
  };
  for (const auto& [text, why] : rows) {
    const auto read = parse_duration(text);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_THAT(read.error().message, HasSubstr(why)) << text;
  }
}

TEST(Units, ADurationIsWrittenSoThatItReadsBack) {
  const std::pair<Duration, const char*> rows[] = {
      {Duration(0), "0s"},         {minutes(5), "5m"},      {minutes(90), "1h30m"},
      {Duration(1500), "1s500ms"}, {hours(24 * 14), "14d"}, {seconds(15), "15s"},
  };
  for (const auto& [duration, text] : rows) {
    EXPECT_EQ(format_duration(duration), text);
    EXPECT_EQ(*parse_duration(text), duration);
  }
}

TEST(Units, RatiosAreTheDoubleNearestToWhatWasWritten) {
  EXPECT_EQ(*parse_ratio("70%"), 0.7);
  EXPECT_EQ(*parse_ratio("0.7"), 0.7);
  EXPECT_EQ(*parse_ratio("0.1%"), 0.001);
  EXPECT_EQ(*parse_ratio("2.3%"), 0.023);
  EXPECT_EQ(*parse_ratio("150%"), 1.5);
  EXPECT_EQ(*parse_ratio("1"), 1.0);
  EXPECT_EQ(*parse_ratio("0"), 0.0);
  for (const char* text : {"", "%", "70", "1.01", "a%", "7 0%", "70%%", "1e-1", "inf", "0x1"}) {
    EXPECT_FALSE(parse_ratio(text).ok()) << text;
  }
}

TEST(Units, QuantitiesFollowKubernetes) {
  const std::pair<const char*, double> rows[] = {
      {"2", 2},        {"0.5", 0.5},       {"250m", 0.25},   {"1k", 1000},
      {"2Gi", 0x1p31}, {"1.5Mi", 1572864}, {"100u", 0.0001}, {"3n", 3e-9},
      {"2M", 2e6},     {"-1", -1},         {"1Ki", 1024},    {"1P", 1e15},
  };
  for (const auto& [text, value] : rows) {
    ASSERT_TRUE(parse_quantity(text).ok()) << text;
    EXPECT_EQ(*parse_quantity(text), value) << text;
  }
  for (const char* text : {"", "K", "2K", "2GB", "1e3", "nan", "inf", "1 k", "5%", "0x10", "+3"}) {
    EXPECT_FALSE(parse_quantity(text).ok()) << text;
  }
  EXPECT_FALSE(parse_quantity(std::string(400, '9')).ok());
}

TEST(Units, RatesArePerSecond) {
  EXPECT_EQ(*parse_rate("120/s"), 120);
  EXPECT_EQ(*parse_rate("7200/m"), 120);
  EXPECT_EQ(*parse_rate("36000/h"), 10);
  EXPECT_EQ(*parse_rate("2k/s"), 2000);
  EXPECT_EQ(*parse_rate("120"), 120);
  for (const char* text : {"120/d", "/s", "120/", "120/s/s", "a/s"}) {
    EXPECT_FALSE(parse_rate(text).ok()) << text;
  }
}

TEST(Units, IntegersAreDecimalAndNothingElse) {
  EXPECT_EQ(*parse_integer("0"), 0);
  EXPECT_EQ(*parse_integer("-12"), -12);
  for (const char* text : {"", "-", "012", "-01", "0x1f", "1e3", "1_000", "2.0", "+3", " 3", "3 ",
                           "99999999999999999999", "yes"}) {
    EXPECT_FALSE(parse_integer(text).ok()) << text;
  }
}

TEST(Units, ASizeChangeIsANumberOrAPercentage) {
  EXPECT_EQ(parse_size_change("2")->instances, 2);
  EXPECT_EQ(parse_size_change("2")->percent, std::nullopt);
  EXPECT_EQ(parse_size_change("25%")->percent, 25.0);
  EXPECT_EQ(parse_size_change("12.5%")->percent, 12.5);
  for (const char* text : {"0", "-1", "0%", "-5%", "%", "2.5", "1001%", "100001", ""}) {
    EXPECT_FALSE(parse_size_change(text).ok()) << text;
  }
}

TEST(Units, PortsAreARangeOrOne) {
  EXPECT_EQ(parse_port_range("9000-9099")->first, 9000);
  EXPECT_EQ(parse_port_range("9000-9099")->last, 9099);
  EXPECT_EQ(parse_port_range("80")->last, 80);
  for (const char* text : {"", "-", "9000-", "-9000", "0-10", "9000-70000", "9099-9000", "a-b"}) {
    EXPECT_FALSE(parse_port_range(text).ok()) << text;
  }
}

TEST(Units, ListenAddresses) {
  EXPECT_EQ(parse_listen_address("127.0.0.1:8080")->port, 8080);
  EXPECT_EQ(parse_listen_address(":8080")->address, "::");
  EXPECT_EQ(parse_listen_address("0.0.0.0:8080")->address, "0.0.0.0");
  EXPECT_EQ(parse_listen_address("localhost:0")->address, "127.0.0.1");
  EXPECT_EQ(parse_listen_address("[::1]:8080")->address, "::1");
  EXPECT_EQ(parse_listen_address("[0:0::1]:8080")->address, "::1");
  for (const char* text : {"", "8080", "::1:8080", "host:80", "127.0.0.1:", "127.0.0.1:65536",
                           "[127.0.0.1]:80", "1.2.3:80", "127.0.0.1:-1"}) {
    EXPECT_FALSE(parse_listen_address(text).ok()) << text;
  }
}

TEST(Units, HostsOfInstancesAreOneAddressEach) {
  EXPECT_EQ(*parse_instance_host("127.0.0.2"), "127.0.0.2");
  EXPECT_EQ(*parse_instance_host("localhost"), "127.0.0.1");
  EXPECT_EQ(*parse_instance_host("0:0::1"), "::1");
  for (const char* text : {"", "example.com", "0.0.0.0", "::", "0::0", "[::1]", "127.1",
                           "1.2.3.4.5", "127.0.0.1:80", "*"}) {
    EXPECT_FALSE(parse_instance_host(text).ok()) << text;
  }
}

}  // namespace
}  // namespace autoscaler
