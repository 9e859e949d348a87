#include "tests/metrics/scraped.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace autoscaler {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

ScrapeRead gauge(const std::string& metric, double capacity = 1,
                 std::vector<LabelMatcher> matching = {}) {
  return {GaugeOf{{metric, std::move(matching)}, capacity}, seconds(30)};
}
ScrapeRead rate(const std::string& metric, double capacity = 1,
                std::vector<LabelMatcher> matching = {}) {
  return {RateOf{{metric, std::move(matching)}, capacity}, seconds(30)};
}
ScrapeRead errors_of(const std::string& metric) {
  return {RatioOf{{metric, {}}, {{"code", "5.."}}}, seconds(30)};
}
ScrapeRead histogram(const std::string& metric) {
  return {HistogramOf{{metric, {}}}, seconds(30)};
}

TEST(GaugeSignal, IsTheSumOfItsSeriesOverTheCapacity) {
  struct Case {
    ScrapeRead read;
    const char* page;
    const char* expected;
  };
  const Case table[] = {
      {gauge("m"), "m 5\n", "5"},
      {gauge("m", 200), "m 50\n", "0.25"},
      {gauge("m"), "m 0\n", "0"},
      {gauge("m"), "m -3\n", "-3"},
      {gauge("m"), "m{a=\"1\"} 5\nm{a=\"2\"} 6\n", "11"},
      {gauge("m", 1, {{"a", "1|3"}}), "m{a=\"1\"} 5\nm{a=\"2\"} 6\nm{a=\"3\"} 7\n", "12"},
      {gauge("m", 1, {{"a", "1"}}), "m{a=\"11\"} 5\nm{a=\"1\"} 6\n", "6"},  // anchored
      {gauge("m", 1, {{"a", ""}}), "m{a=\"1\"} 5\nm{b=\"1\"} 6\n", "6"},    // absent is empty
      {gauge("m", 1, {{"a", "x\"y"}}), "m{a=\"x\\\"y\"} 5\n", "5"},
      {gauge("m"), "mm 5\n", "no_series"},
      {gauge("m"), "", "no_series"},
      {gauge("m", 1, {{"a", "2"}}), "m{a=\"1\"} 5\n", "no_series"},
      {gauge("m"), "m NaN\n", "not_finite"},
      {gauge("m"), "m +Inf\n", "not_finite"},
      {gauge("m"), "m 1e308\nm{a=\"1\"} 1e308\n", "not_finite"},
      {gauge("m"), "m 5\nm 5\n", "malformed"},
      {gauge("m"), "m{a=\"1\"} 5\nn 1\nm{a=\"1\"} 6\n", "malformed"},
  };
  for (const Case& row : table) {
    SCOPED_TRACE(row.page);
    Scraped shop({row.read});
    shop.serves("i", row.page);
    shop.scrape(0);
    EXPECT_EQ(shown(shop.reading("i")), row.expected);
  }
}

// Pages five seconds apart; the reading after the last.
struct Story {
  const char* story;
  std::vector<const char*> pages;
  const char* expected;
};

void expect_stories(const ScrapeRead& read, const std::vector<Story>& stories) {
  for (const Story& story : stories) {
    SCOPED_TRACE(story.story);
    Scraped shop({read});
    int64_t second = 0;
    for (const char* page : story.pages) {
      shop.serves("i", page);
      shop.scrape(second);
      second += 5;
    }
    EXPECT_EQ(shown(shop.reading("i")), story.expected);
  }
}

TEST(RateSignal, MayHaveNamesThatPagesQuote) {
  Scraped shop({{RateOf{{"http.requests", {{"service.name", "a|b"}}}}, seconds(30)}});
  for (const int second : {0, 10}) {
    const std::string count = " " + std::to_string(second) + "\n";
    shop.serves("i", R"({"http.requests","service.name"="a"})" + count +
                         R"({"http.requests","service.name"="c"})" + count + "http_requests" +
                         count);
    shop.scrape(second);
  }
  EXPECT_EQ(shown(shop.reading("i")), "1");
}

TEST(RateSignal, IsTheSumOfItsSeriesRates) {
  expect_stories(
      rate("r", 2),
      {{"the first page is no rate", {"r 100\n"}, "too_few_samples"},
       {"two pages: 50 in 5 s over a capacity of 2", {"r 100\n", "r 150\n"}, "5"},
       {"no traffic is a measured 0", {"r 100\n", "r 100\n"}, "0"},
       {"series are summed",
        {"r{a=\"1\"} 0\nr{a=\"2\"} 0\n", "r{a=\"1\"} 10\nr{a=\"2\"} 20\n"},
        "3"},
       {"each restarts on its own",
        {"r{a=\"1\"} 90\nr{a=\"2\"} 0\n", "r{a=\"1\"} 10\nr{a=\"2\"} 20\n"},
        "3"},
       {"a new series counts from its second page",
        {"r{a=\"1\"} 0\n", "r{a=\"1\"} 10\nr{a=\"2\"} 999\n"},
        "1"},
       {"a vanished series is forgotten",
        {"r{a=\"1\"} 0\nr{a=\"2\"} 0\n", "r{a=\"1\"} 10\nr{a=\"2\"} 20\n", "r{a=\"1\"} 20\n"},
        "1"},
       {"and is new when it returns",
        {"r{a=\"1\"} 0\nr{a=\"2\"} 0\n", "r{a=\"1\"} 10\n", "r{a=\"1\"} 20\nr{a=\"2\"} 900\n"},
        "1"},
       {"the same series in another spelling is never counted twice",
        {"r{a=\"1\",b=\"2\"} 0\n", "r{b=\"2\",a=\"1\"} 10\n", "r{a=\"1\",b=\"2\"} 20\n"},
        "too_few_samples"},
       {"no series", {"r 100\n", "q 1\n"}, "no_series"},
       {"NaN", {"r 100\n", "r NaN\n"}, "not_finite"},
       {"a counter is not negative", {"r -100\n", "r -50\n"}, "malformed"},
       {"twice on a page", {"r 100\n", "r 150\nr 160\n"}, "malformed"},
       {"a bad value does not end the memory of the others",
        {"r 100\n", "r NaN\n", "r 150\n"},
        "2.5"},
       {"an increase past what a double holds",
        {"r 0\nr{a=\"1\"} 0\n", "r 1.7e308\nr{a=\"1\"} 1.7e308\n", "r 0\nr{a=\"1\"} 0\n",
         "r 1.7e308\nr{a=\"1\"} 1.7e308\n"},
        "not_finite"}});
}

TEST(RatioSignal, HasTheRatesOfBothParts) {
  expect_stories(
      errors_of("r"),
      {{"errors and all",
        {"r{code=\"200\"} 0\nr{code=\"503\"} 0\n", "r{code=\"200\"} 90\nr{code=\"503\"} 10\n"},
        "2/20"},
       {"several classes of error",
        {"r{code=\"200\"} 0\nr{code=\"500\"} 0\nr{code=\"503\"} 0\n",
         "r{code=\"200\"} 80\nr{code=\"500\"} 5\nr{code=\"503\"} 15\n"},
        "4/20"},
       {"no error ever: a known 0", {"r{code=\"200\"} 0\n", "r{code=\"200\"} 90\n"}, "0/18"},
       {"no traffic: 0/0 is measured",
        {"r{code=\"200\"} 5\nr{code=\"500\"} 5\n", "r{code=\"200\"} 5\nr{code=\"500\"} 5\n"},
        "0/0"},
       {"errors alone", {"r{code=\"500\"} 5\n", "r{code=\"500\"} 10\n"}, "1/1"},
       {"nothing to divide by is not 0", {"x 1\n", "x 1\n"}, "no_series"},
       {"the first page", {"r{code=\"200\"} 5\n"}, "too_few_samples"}});
}

std::string buckets(int to_100ms, int to_1s, int all) {
  return "h_bucket{le=\"0.1\"} " + std::to_string(to_100ms) + "\nh_bucket{le=\"1\"} " +
         std::to_string(to_1s) + "\nh_bucket{le=\"+Inf\"} " + std::to_string(all) +
         "\nh_sum 1\nh_count " + std::to_string(all) + "\n";
}

TEST(HistogramSignal, GivesWhatFellIntoEachBucket) {
  const std::string first = buckets(10, 20, 30);
  const std::string second = buckets(20, 50, 65);
  const std::string restarted = buckets(5, 5, 10);
  const std::string hidden_restart = buckets(40, 41, 41);
  const std::string not_cumulative = buckets(10, 9, 30);
  expect_stories(
      histogram("h"),
      {{"the first page is no rate", {first.c_str()}, "too_few_samples"},
       {"not cumulative, per second", {first.c_str(), second.c_str()}, "[2 4 1]"},
       {"no traffic: rates of 0", {first.c_str(), first.c_str()}, "[0 0 0]"},
       {"a restart counts from 0", {second.c_str(), restarted.c_str()}, "[1 0 1]"},
       {"one bucket that fell restarts all", {second.c_str(), hidden_restart.c_str()}, "[8 0.2 0]"},
       {"buckets are not cumulative", {first.c_str(), not_cumulative.c_str()}, "malformed"},
       {"no +Inf", {"h_bucket{le=\"1\"} 1\n"}, "malformed"},
       {"a bucket twice",
        {"h_bucket{le=\"1\"} 1\nh_bucket{le=\"1.0\"} 1\nh_bucket{le=\"+Inf\"} 1\n"},
        "malformed"},
       {"le is no number", {"h_bucket{le=\"x\"} 1\nh_bucket{le=\"+Inf\"} 1\n"}, "malformed"},
       {"le is missing", {"h_bucket 1\nh_bucket{le=\"+Inf\"} 1\n"}, "malformed"},
       {"NaN", {"h_bucket{le=\"1\"} NaN\nh_bucket{le=\"+Inf\"} 1\n"}, "not_finite"},
       {"negative", {"h_bucket{le=\"1\"} -1\nh_bucket{le=\"+Inf\"} 1\n"}, "malformed"},
       {"no series", {"h_count 1\n"}, "no_series"},
       {"another layout begins anew",
        {first.c_str(), "h_bucket{le=\"0.5\"} 5\nh_bucket{le=\"+Inf\"} 6\n"},
        "too_few_samples"},
       {"buckets in any order",
        {"h_bucket{le=\"+Inf\"} 3\nh_bucket{le=\"1\"} 1\n",
         "h_bucket{le=\"1\"} 6\nh_bucket{le=\"+Inf\"} 18\n"},
        "[1 2]"},
       {"label sets are summed",
        {"h_bucket{p=\"/\",le=\"1\"} 0\nh_bucket{p=\"/\",le=\"+Inf\"} 0\n"
         "h_bucket{p=\"/b\",le=\"1\"} 0\nh_bucket{p=\"/b\",le=\"+Inf\"} 0\n",
         "h_bucket{p=\"/\",le=\"1\"} 5\nh_bucket{p=\"/\",le=\"+Inf\"} 10\n"
         "h_bucket{p=\"/b\",le=\"1\"} 10\nh_bucket{p=\"/b\",le=\"+Inf\"} 10\n"},
        "[3 1]"},
       {"label sets of different layouts",
        {"h_bucket{p=\"/\",le=\"1\"} 0\nh_bucket{p=\"/\",le=\"+Inf\"} 0\n"
         "h_bucket{p=\"/b\",le=\"2\"} 0\nh_bucket{p=\"/b\",le=\"+Inf\"} 0\n"},
        "mixed_buckets"}});
}

TEST(HistogramSignal, EndsItsBoundsWithInfinity) {
  Scraped shop({histogram("h")});
  shop.serves("i", buckets(0, 0, 0));
  shop.scrape(0);
  shop.serves("i", buckets(1, 2, 3));
  shop.scrape(5);
  const auto& measured = std::get<Measured>(shop.reading("i"));
  EXPECT_THAT(std::get<BucketRates>(measured.value).bounds,
              ElementsAre(0.1, 1, std::numeric_limits<double>::infinity()));
  EXPECT_EQ(measured.window, Duration(seconds(5)));
  EXPECT_EQ(measured.at, Scraped::kStart + seconds(5));
}

// A client that reads one bucket after the other while they count: +Inf was read late on the first
// page, so between the two pages le="1" gained more than +Inf did.
TEST(HistogramSignal, NeverGivesANegativeRate) {
  Scraped shop({histogram("h")});
  shop.serves("i", buckets(10, 10, 14));
  shop.scrape(0);
  shop.serves("i", buckets(10, 20, 20));
  shop.scrape(5);
  EXPECT_EQ(shown(shop.reading("i")), "[0 2 0]");
}

TEST(HistogramSignal, SaysWhichSeriesIsWrong) {
  Scraped shop({histogram("h")});
  shop.serves("i", "h_bucket{p=\"/\",le=\"1\"} 1\n");
  shop.scrape(0);
  EXPECT_EQ(detail_of(shop.reading("i")), "h_bucket{p=\"/\",}: no bucket le=\"+Inf\"");
}

TEST(SignalReader, CapsTheSeriesOfASignal) {
  std::string page;
  for (int i = 0; i <= 10'000; ++i) page += "m_bucket{le=\"" + std::to_string(i) + "\"} 1\n";
  for (int i = 0; i <= 10'000; ++i) page += "m{i=\"" + std::to_string(i) + "\"} 1\n";
  Scraped shop({gauge("m"), rate("m"), errors_of("m"), histogram("m")});
  shop.serves("i", page);
  shop.scrape(0);
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(shown(shop.reading("i", i)), "too_large") << i;
  // The next page is a new chance.
  shop.serves("i", "m 1\nm_bucket{le=\"+Inf\"} 1\n");
  shop.scrape(5);
  EXPECT_EQ(shown(shop.reading("i", 0)), "1");
  shop.scrape(10);
  EXPECT_EQ(shown(shop.reading("i", 1)), "0");
  EXPECT_EQ(shown(shop.reading("i", 3)), "[0]");
}

TEST(SignalReader, QuotesOnlyTheStartOfAHugeSeries) {
  const std::string label = "m{a=\"" + std::string(100'000, 'x') + "\"} 1\n";
  Scraped shop({gauge("m")});
  shop.serves("i", label + label);
  shop.scrape(0);
  EXPECT_THAT(detail_of(shop.reading("i")), HasSubstr("xxx...} occurs twice"));
  EXPECT_LT(detail_of(shop.reading("i")).size(), 300u);
}

TEST(SignalReader, TakesTheTimeThatALineStates) {
  const auto ms = [](Instant at) { return std::to_string(at.time_since_epoch().count()); };
  Scraped shop({rate("r"), gauge("g")});
  const Instant taken = Scraped::kStart - seconds(60);
  shop.serves("i", "r 100 " + ms(taken) + "\ng 1 " + ms(taken) + "\n");
  shop.scrape(0);
  EXPECT_EQ(std::get<Measured>(shop.reading("i", 1)).at, taken);
  // The same page from a cache: no second sample.
  shop.scrape(5);
  EXPECT_EQ(shown(shop.reading("i", 0)), "too_few_samples");
  shop.serves("i", "r 150 " + ms(taken + seconds(10)) + "\n");
  shop.scrape(10);
  EXPECT_EQ(shown(shop.reading("i", 0)), "5");
  EXPECT_EQ(std::get<Measured>(shop.reading("i", 0)).at, taken + seconds(10));
}

TEST(SignalReader, IsAsOldAsTheSeriesThatStandsStill) {
  const auto ms = [](int second) {
    return std::to_string((Scraped::kStart + seconds(second)).time_since_epoch().count()) + "\n";
  };
  Scraped shop({rate("m"), gauge("m")});
  for (int second = 0; second <= 20; second += 5) {
    const std::string count = std::to_string(10 * second);
    shop.serves("i", "m{s=\"moves\"} " + count + " " + ms(second) + "m{s=\"stuck\"} " +
                         std::to_string(std::min(second, 5)) + " " + ms(std::min(second, 5)));
    shop.scrape(second);
  }
  EXPECT_EQ(shown(shop.reading("i", 0)), "11");
  EXPECT_EQ(shown(shop.reading("i", 1)), "205");
  for (size_t signal : {0u, 1u}) {
    EXPECT_EQ(std::get<Measured>(shop.reading("i", signal)).at, Scraped::kStart + seconds(5));
  }
}

TEST(SignalReader, DoesNotBelieveATimeThatCannotBe) {
  for (const char* time : {"9223372036854775807", "-9223372036854775808"}) {
    SCOPED_TRACE(time);
    Scraped shop({rate("r"), gauge("g")});
    shop.serves("i", "r 1 " + std::string(time) + "\ng 1 " + time + "\n");
    shop.scrape(0);
    EXPECT_LE(std::get<Measured>(shop.reading("i", 1)).at, Scraped::kStart);
    shop.serves("i", "r 11\n");
    shop.scrape(5);
    EXPECT_NE(shown(shop.reading("i", 0)), "0");
  }
}

}  // namespace
}  // namespace autoscaler
