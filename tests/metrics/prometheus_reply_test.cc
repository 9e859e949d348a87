#include "metrics/prometheus_reply.h"

#include "metrics/prometheus_reading.h"
#include "tests/metrics/scraped.h"

#include <gmock/gmock.h>

#include <cmath>

namespace autoscaler {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr Instant kAsked{seconds(1732280400)};

std::string reply(const std::string& type, const std::string& result,
                  const std::string& more = "") {
  return R"({"status":"success","data":{"resultType":")" + type + R"(","result":)" + result + "}" +
         more + "}";
}

std::string one(const std::string& value, const std::string& labels = "{}") {
  return R"({"metric":)" + labels + R"(,"value":[1732280400.123,")" + value + R"("]})";
}

// The reading as it is shown elsewhere, or the code of the error.
std::string understood(const std::string& json, const PrometheusRead& read = {}) {
  const auto parsed = parse_prometheus_reply(json, {});
  if (!parsed) return code_name(parsed.error().code);
  return shown(reading_of(read, *parsed, kAsked, false));
}

TEST(PrometheusReply, WhatEachAnswerMeans) {
  const struct {
    const char* what;
    std::string json;
    const char* reading;
  } kTable[] = {
      {"a scalar", reply("scalar", R"([1732280400,"1.5"])"), "1.5"},
      {"a vector of one", reply("vector", "[" + one("73.25", R"({"job":"shop"})") + "]"), "73.25"},
      {"a value with an exponent", reply("vector", "[" + one("1.25e+02") + "]"), "125"},
      {"zero is a number", reply("vector", "[" + one("0") + "]"), "0"},
      {"an empty vector", reply("vector", "[]"), "no_series"},
      {"two series", reply("vector", "[" + one("1") + "," + one("2") + "]"), "ambiguous"},
      {"NaN", reply("vector", "[" + one("NaN") + "]"), "not_finite"},
      {"infinity", reply("vector", "[" + one("+Inf") + "]"), "not_finite"},
      {"a scalar of minus infinity", reply("scalar", R"([1,"-Inf"])"), "not_finite"},
      {"a string", reply("string", R"([1,"up"])"), "malformed"},
      {"a range", reply("matrix", R"([{"metric":{},"values":[[1,"1"],[2,"2"]]}])"), "malformed"},
      {"a warning", reply("vector", "[" + one("1") + "]", R"(,"warnings":["store down"])"),
       "source_error"},
      {"a remark on the query",
       reply("vector", "[" + one("1") + "]", R"(,"warnings":["PromQL info: no counter"])"), "1"},
      {"partial, as VictoriaMetrics says it",
       reply("vector", "[" + one("1") + "]", R"(,"isPartial":true)"), "source_error"},
      {"not partial", reply("vector", "[" + one("1") + "]", R"(,"isPartial":false)"), "1"},
      {"keys of others",
       reply("vector", "[" + one("1") + "]", R"(,"infos":["x"],"stats":{"a":[{"b":1}],"c":null})"),
       "1"},
      {"the type after the result",
       R"({"data":{"result":[)" + one("4") + R"(],"resultType":"vector"},"status":"success"})",
       "4"},
      {"an error", R"({"status":"error","errorType":"bad_data","error":"parse error"})",
       "conflict"},
      {"no status", R"({"data":{"resultType":"vector","result":[]}})", "invalid"},
      {"no data", R"({"status":"success"})", "invalid"},
      {"a list", "[]", "invalid"},
      {"no JSON", "<html>", "invalid"},
      {"nothing", "", "invalid"},
      {"cut off", reply("vector", "[" + one("1") + "]").substr(0, 60), "invalid"},
      {"text after it", reply("vector", "[]") + "x", "invalid"},
      {"an unknown type", reply("table", "[]"), "invalid"},
      {"a scalar said to be a vector", reply("vector", R"([1,"2"])"), "invalid"},
      {"a vector said to be a scalar", reply("scalar", "[" + one("1") + "]"), "invalid"},
      {"an empty scalar", reply("scalar", "[]"), "invalid"},
      {"half a scalar", reply("scalar", "[1]"), "invalid"},
      {"a value that is no text", reply("scalar", "[1,2]"), "invalid"},
      {"a value with a unit", reply("scalar", R"([1,"2 s"])"), "invalid"},
      {"a value with two signs", reply("scalar", R"([1,"+-2"])"), "invalid"},
      {"a value past a double", reply("scalar", R"([1,"1e999"])"), "invalid"},
      {"an empty value", reply("scalar", R"([1,""])"), "invalid"},
      {"a time past all calendars", reply("scalar", R"([1e30,"2"])"), "invalid"},
      {"a number past a double", reply("scalar", R"([1e999,"2"])"), "invalid"},
      {"three parts", reply("scalar", R"([1,"2","3"])"), "invalid"},
      {"a series without a value", reply("vector", R"([{"metric":{}}])"), "invalid"},
      {"a series with two values", reply("vector", R"([{"metric":{},"values":[[1,"1"],[2,"2"]]}])"),
       "invalid"},
      {"a native histogram",
       reply("vector", R"([{"metric":{},"histogram":[1,{"count":"1","buckets":[]}]}])"), "invalid"},
      {"the result twice",
       R"({"status":"success","data":{"resultType":"vector","result":[],"result":[]}})", "invalid"},
      {"the data twice", R"({"data":{},"data":{},"status":"success"})", "invalid"},
      {"a label that is a number", reply("vector", R"([{"metric":{"a":1},"value":[1,"1"]}])"),
       "invalid"},
      {"a series that is null", reply("vector", "[null]"), "invalid"},
      {"deep nesting",
       reply("vector", "[]", ",\"x\":" + std::string(100, '[') + std::string(100, ']')), "invalid"},
      {"bytes that are no UTF-8", reply("vector", "[" + one("1", "{\"a\":\"\xff\"}") + "]"),
       "invalid"},
  };
  for (const auto& row : kTable) EXPECT_EQ(understood(row.json), row.reading) << row.what;
}

TEST(PrometheusReply, AnEmptyAnswerIsANumberOnlyWhereTheUserSaysSo) {
  EXPECT_EQ(understood(reply("vector", "[]")), "no_series");
  EXPECT_EQ(understood(reply("vector", "[]"), {.when_empty = 0}), "0");
  EXPECT_EQ(understood(reply("vector", "[]"), {.when_empty = 3.5}), "3.5");
  EXPECT_EQ(understood(reply("vector", "[" + one("NaN") + "]"), {.when_empty = 0}), "not_finite");
}

TEST(PrometheusReply, SeveralSeriesBecomeOneOnlyWhereTheUserSaysHow) {
  const std::string json = reply("vector", "[" + one("1") + "," + one("2") + "," + one("9") + "]");
  EXPECT_EQ(understood(json, {.over_series = OverSeries::kSum}), "12");
  EXPECT_EQ(understood(json, {.over_series = OverSeries::kMax}), "9");
  EXPECT_EQ(understood(json, {.over_series = OverSeries::kMin}), "1");
  EXPECT_EQ(understood(json, {.over_series = OverSeries::kMean}), "4");
  EXPECT_EQ(understood(json, {.over_series = OverSeries::kMedian}), "2");
  const std::string with_nan = reply("vector", "[" + one("1") + "," + one("NaN") + "]");
  EXPECT_EQ(understood(with_nan, {.over_series = OverSeries::kMax}), "not_finite");
  const std::string huge = reply("vector", "[" + one("1e308") + "," + one("1e308") + "]");
  EXPECT_EQ(understood(huge, {.over_series = OverSeries::kSum}), "not_finite");
}

TEST(PrometheusReply, AnAmbiguousAnswerNamesTwoOfItsSeries) {
  const auto parsed = parse_prometheus_reply(
      reply("vector", "[" + one("1", R"({"pod":"a"})") + "," + one("2", R"({"pod":"b"})") + "]"),
      {});
  const Reading reading = reading_of({}, *parsed, kAsked, false);
  EXPECT_THAT(detail_of(reading), HasSubstr(R"({pod="a"} and {pod="b"})"));
}

TEST(PrometheusReply, IsMeasuredWhenItsOldestSampleWasAndNeverAfterItWasAsked) {
  const auto at = [](const std::string& json) {
    const PrometheusRead sum{.over_series = OverSeries::kSum};
    const Reading reading = reading_of(sum, *parse_prometheus_reply(json, {}), kAsked, false);
    return std::get<Measured>(reading).at;
  };
  EXPECT_EQ(at(reply("scalar", R"([1732280390.5,"1"])")), kAsked - std::chrono::milliseconds(9500));
  EXPECT_EQ(at(reply("vector", R"([{"metric":{},"value":[1732280399,"1"]},)"
                               R"({"metric":{},"value":[1732280340,"1"]}])")),
            kAsked - seconds(60));
  EXPECT_EQ(at(reply("scalar", R"([1932280400,"1"])")), kAsked) << "from the future";
}

TEST(PrometheusReply, PartialAnswersAreTakenWhereTheUserSaysSo) {
  const auto parsed =
      parse_prometheus_reply(reply("vector", "[" + one("1") + "]", R"(,"warnings":["down"])"), {});
  EXPECT_EQ(shown(reading_of({}, *parsed, kAsked, true)), "1");
  EXPECT_THAT(detail_of(reading_of({}, *parsed, kAsked, false)), HasSubstr("down"));
}

TEST(PrometheusReply, StopsAtItsLimits) {
  const std::string three = reply("vector", "[" + one("1") + "," + one("2") + "," + one("3") + "]");
  EXPECT_TRUE(parse_prometheus_reply(three, {.series = 3}).ok());
  EXPECT_EQ(parse_prometheus_reply(three, {.series = 2}).error().code, Code::kTooLarge);
  EXPECT_EQ(parse_prometheus_reply(three, {.points = 2}).error().code, Code::kTooLarge);
}

std::string range_of(const std::string& result, const PrometheusRead& read = {}) {
  const auto points = points_of(read, *parse_prometheus_reply(reply("matrix", result), {}), false);
  if (!points) return code_name(points.error().code);
  std::string text;
  for (const HistoryPoint& point : *points) {
    text += (text.empty() ? "" : " ") + std::to_string(point.at.time_since_epoch().count() / 1000) +
            ":" + shown(Measured{point.value, point.at, Duration{0}});
  }
  return text;
}

TEST(PrometheusReply, ARangeHasAtEachStepWhatWouldHaveBeenReadThen) {
  const std::string two = R"([{"metric":{},"values":[[10,"1"],[20,"2"],[30,"NaN"]]},)"
                          R"({"metric":{},"values":[[10,"5"],[30,"7"],[40,"8"]]}])";
  EXPECT_EQ(range_of(two, {.over_series = OverSeries::kSum}), "10:6 20:2 40:8");
  EXPECT_EQ(range_of(two, {.when_empty = 0, .over_series = OverSeries::kMax}), "10:5 20:2 40:8");
  EXPECT_EQ(range_of(two), "20:2 40:8") << "ambiguous at 10 and 30";
  EXPECT_EQ(range_of(R"([{"metric":{},"values":[[10,"1"]]},{"metric":{},"values":[[10,"5"]]}])"),
            "invalid")
      << "ambiguous at every step";
  EXPECT_EQ(range_of("[]"), "");
  const auto vector = parse_prometheus_reply(reply("vector", "[]"), {});
  EXPECT_EQ(points_of({}, *vector, false).error().code, Code::kInvalid);
  const auto partial = parse_prometheus_reply(reply("matrix", "[]", R"(,"warnings":["down"])"), {});
  EXPECT_EQ(points_of({}, *partial, false).error().code, Code::kUnavailable);
  EXPECT_TRUE(points_of({}, *partial, true).ok());
  const std::string back = R"([{"metric":{},"values":[[2,"1"],[1,"2"]]}])";
  EXPECT_FALSE(parse_prometheus_reply(reply("matrix", back), {}).ok());
}

}  // namespace
}  // namespace autoscaler
