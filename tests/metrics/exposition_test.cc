#include "metrics/exposition.h"

#include "tests/metrics/page_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace autoscaler {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::StartsWith;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string error_of(std::string_view page) {
  PageLines lines;
  const Status status = parse_exposition(page, lines);
  return status.ok() ? "no error" : status.error().message;
}

PageLines read(std::string_view page) {
  PageLines lines;
  const Status status = parse_exposition(page, lines);
  EXPECT_TRUE(status.ok()) << status.error().message;
  return lines;
}

TEST(Exposition, ReadsAPageAsClientsWriteIt) {
  const PageLines page = read(
      "# HELP http_requests_total All \"requests\", a \\ and a\\nnewline.\n"
      "# TYPE http_requests_total counter\n"
      "http_requests_total{method=\"post\",code=\"200\"} 1027 1395066363000\n"
      "http_requests_total{method=\"post\",code=\"400\"}    3 1395066363000\n"
      "\n"
      "# A comment of no form # at all\n"
      "metric_without_timestamp_and_labels 12.47\n"
      "something_weird{problem=\"division by zero\"} +Inf -3982045\n"
      "# TYPE rpc_duration_seconds summary\n"
      "rpc_duration_seconds{quantile=\"0.01\"} 3.102e3\n");
  ASSERT_THAT(page.lines, SizeIs(5));
  EXPECT_EQ(page.lines[0].name, "http_requests_total");
  EXPECT_THAT(page.lines[0].labels, ElementsAre(Pair("method", "post"), Pair("code", "200")));
  EXPECT_EQ(page.lines[0].value, 1027);
  EXPECT_EQ(page.lines[0].timestamp_ms, 1395066363000);
  EXPECT_EQ(page.lines[1].value, 3);
  EXPECT_THAT(page.lines[2].labels, IsEmpty());
  EXPECT_EQ(page.lines[2].value, 12.47);
  EXPECT_EQ(page.lines[2].timestamp_ms, std::nullopt);
  EXPECT_EQ(page.lines[3].value, kInfinity);
  EXPECT_EQ(page.lines[3].timestamp_ms, -3982045);
  EXPECT_EQ(page.lines[4].value, 3102);
  EXPECT_EQ(page.label_texts[0], "method=\"post\",code=\"200\"");
}

TEST(Exposition, ReadsEveryFormOfANumber) {
  const std::pair<const char*, double> table[] = {{"0", 0},
                                                  {"-0", 0},
                                                  {"42", 42},
                                                  {"+42", 42},
                                                  {"-42.5", -42.5},
                                                  {".5", .5},
                                                  {"5.", 5},
                                                  {"1e3", 1000},
                                                  {"1E3", 1000},
                                                  {"1e+3", 1000},
                                                  {"1.5e-3", 0.0015},
                                                  {"9007199254740993", 9007199254740992},
                                                  {"1e308", 1e308},
                                                  {"5e-324", 5e-324},
                                                  {"1e-400", 0},
                                                  {"0.0000000000000000000000001e-999999999999", 0},
                                                  {"0e999999999999", 0},
                                                  {"0.1", 0.1},
                                                  {"000012", 12},
                                                  {"Inf", kInfinity},
                                                  {"+Inf", kInfinity},
                                                  {"-Inf", -kInfinity},
                                                  {"inf", kInfinity},
                                                  {"+INFINITY", kInfinity}};
  for (const auto& [text, value] : table) {
    SCOPED_TRACE(text);
    const PageLines page = read("m " + std::string(text) + "\n");
    ASSERT_THAT(page.lines, SizeIs(1));
    EXPECT_EQ(page.lines[0].value, value);
  }
  for (const char* text : {"NaN", "nan", "Nan"}) {
    SCOPED_TRACE(text);
    const PageLines page = read("m " + std::string(text) + "\n");
    ASSERT_THAT(page.lines, SizeIs(1));
    EXPECT_TRUE(std::isnan(page.lines[0].value));
  }
}

TEST(Exposition, ResolvesEscapesInLabelValues) {
  const PageLines page =
      read(R"(m{path="C:\\DIR\\n",error="no \"x\"\nat all",plain="a,b}c=d # e"} 1)"
           "\n");
  ASSERT_THAT(page.lines, SizeIs(1));
  EXPECT_THAT(page.lines[0].labels,
              ElementsAre(Pair("path", "C:\\DIR\\n"), Pair("error", "no \"x\"\nat all"),
                          Pair("plain", "a,b}c=d # e")));
}

TEST(Exposition, AllowsBlanksBetweenTokensAndATrailingComma) {
  const PageLines page = read("  \t m \t{ a = \"1\" , b\t=\t\"2\" , } \t 3 \t 4 \t\n \t \n");
  ASSERT_THAT(page.lines, SizeIs(1));
  EXPECT_THAT(page.lines[0].labels, ElementsAre(Pair("a", "1"), Pair("b", "2")));
  EXPECT_EQ(page.lines[0].value, 3);
  EXPECT_EQ(page.lines[0].timestamp_ms, 4);
}

TEST(Exposition, NeedsNoBlankBesideBraces) {
  const PageLines page = read("a{}1\nb{x=\"\"}NaN\n:c:{_y=\"\xc3\xa4\"}-1\n");
  ASSERT_THAT(page.lines, SizeIs(3));
  EXPECT_THAT(page.lines[1].labels, ElementsAre(Pair("x", "")));
  EXPECT_EQ(page.lines[2].name, ":c:");
  EXPECT_THAT(page.lines[2].labels, ElementsAre(Pair("_y", "\xc3\xa4")));
}

TEST(Exposition, SaysWhatIsWrongAndWhere) {
  const std::pair<std::string, const char*> table[] = {
      {"<html>\n", "line 1: expected a metric name, found '<'"},
      {"1m 2\n", "line 1: expected a metric name, found '1'"},
      {"ok 1\n{a=\"1\"} 2\n", "line 2: expected a quoted metric name, found 'a'"},
      {"m-x 1\n", "line 1: expected a label or a value after the name, found '-'"},
      {"m\n", "line 1: expected a label or a value after the name, found the end of the line"},
      {"m \n", "line 1: expected a value, found the end of the line"},
      {"m{a=\"1\"}\n", "line 1: expected a value, found the end of the line"},
      {"m x\n", "line 1: expected a value, found 'x'"},
      {"m +\n", "line 1: expected a value, found '+'"},
      {"m +-1\n", "line 1: expected a value, found '+'"},
      {"m .\n", "line 1: expected a value, found '.'"},
      {"m -nan\n", "line 1: expected a value, found '-'"},
      {"m nan(1)\n", "line 1: expected a blank or the end of the value, found '('"},
      {"m 1e\n", "line 1: expected a blank or the end of the value, found 'e'"},
      {"m -1e999\n", "line 1: expected a value that fits a double, found '-'"},
      {"m 0x1p3\n", "line 1: expected a blank or the end of the value, found 'x'"},
      {"m 1_0\n", "line 1: expected a blank or the end of the value, found '_'"},
      {"m 0x10\n", "line 1: expected a blank or the end of the value, found 'x'"},
      {"m 1,5\n", "line 1: expected a blank or the end of the value, found ','"},
      {"m 1e999\n", "line 1: expected a value that fits a double, found '1'"},
      {"m 1\r\n",
       "line 1: expected a blank or the end of the value, found a carriage return: lines end with "
       "\\n alone"},
      {"m 1 \r\n",
       "line 1: expected a timestamp in milliseconds or the end of the line, found a carriage "
       "return: lines end with \\n alone"},
      {"\r\n", "line 1: expected a metric name, found a carriage return: lines end with \\n alone"},
      {"m 1 2.5\n",
       "line 1: expected a timestamp in milliseconds or the end of the line, found '2'"},
      {"m 1 99999999999999999999\n",
       "line 1: expected a timestamp in milliseconds or the end of the line, found '9'"},
      {"m 1 2 3\n", "line 1: expected the end of the line, found '3'"},
      {"m 1 # {trace=\"x\"} 1\n",
       "line 1: expected a timestamp in milliseconds or the end of the line, found '#'"},
      {"m{1=\"x\"} 1\n", "line 1: expected a label name, found '1'"},
      {"m{\"x\"} 1\n", "line 1: expected an equals sign, found '}'"},
      {"m{a:b=\"x\"} 1\n", "line 1: expected an equals sign, found ':'"},
      {"m{a} 1\n", "line 1: expected an equals sign, found '}'"},
      {"m{a=x} 1\n", "line 1: expected a quote, found 'x'"},
      {"m{a=\"x} 1\nn 2\n", "line 1: expected a closing quote, found the end of the line"},
      {"m{a=\"x\" b=\"y\"} 1\n", "line 1: expected a comma or a closing brace, found 'b'"},
      {"m{a=\"x\",,b=\"y\"} 1\n", "line 1: expected a label name, found ','"},
      {"m{,} 1\n", "line 1: expected a label name, found ','"},
      {"m{a=\"x\"\n", "line 1: expected a comma or a closing brace, found the end of the line"},
      {"m{a=\"x\",a=\"y\"} 1\n", "line 1: expected each label once, found 'a'"},
      {"m{a=\"\\t\"} 1\n", "line 1: expected \\\\, \\\" or \\n, found 't'"},
      {"m{a=\"\\\n", "line 1: expected \\\\, \\\" or \\n, found the end of the line"},
      {"m{a=\"\xff\"} 1\n", "line 1: expected a label value in UTF-8, found '\"'"},
      {"m{a=\"\xed\xa0\x80\"} 1\n", "line 1: expected a label value in UTF-8, found '\"'"},
      {std::string("\0\n", 2), "line 1: expected a metric name, found byte 0x00"},
      {"\xef\xbb\xbfm 1\n", "line 1: expected a metric name, found byte 0xef"},
      {"# HELP\n", "line 1: expected a metric name, found the end of the line"},
      {"# HELP 1 x\n", "line 1: expected a metric name, found '1'"},
      {"# TYPE m\n",
       "line 1: expected counter, gauge, histogram, summary or untyped, found the end of the line"},
      {"# TYPE m info\n",
       "line 1: expected counter, gauge, histogram, summary or untyped, found 'i'"},
      {"# TYPE m counter x\n",
       "line 1: expected counter, gauge, histogram, summary or untyped, found 'c'"},
      {"# TYPE m{} counter\n", "line 1: expected a blank after the metric name, found '{'"},
      {"a 1\n\n# x\nb 2", "line 4: expected a newline, found the end of the page: cut short?"},
      {"a", "line 1: expected a newline, found the end of the page: cut short?"},
  };
  for (const auto& [page, error] : table) {
    SCOPED_TRACE(page);
    EXPECT_EQ(error_of(page), error);
  }
}

TEST(Exposition, TakesOtherCommentsAsTheyCome) {
  EXPECT_THAT(
      read("#\n##\n#TYPED x\n# EOF\n# HELP m\n#HELP m x\n# \xff\xfe\r\n# TYPE m gauge  \n").lines,
      IsEmpty());
  EXPECT_THAT(read("").lines, IsEmpty());
}

TEST(Exposition, AsksOnceForEachRunOfAName) {
  PageLines page([](std::string_view name) { return name == "b"; });
  ASSERT_TRUE(parse_exposition("a 1\na{x=\"1\"} 2\nb 3\nb 4\na 5\n", page).ok());
  EXPECT_THAT(page.asked, ElementsAre("a", "b", "a"));
  ASSERT_THAT(page.lines, SizeIs(2));
  EXPECT_EQ(page.lines[1].value, 4);
}

TEST(Exposition, LooksOnlyAtTheNameOfAnUnwantedLine) {
  PageLines page([](std::string_view name) { return name == "wanted"; });
  EXPECT_TRUE(parse_exposition("other{ nonsense\nwanted 1\n", page).ok());
  EXPECT_THAT(page.lines, SizeIs(1));
  EXPECT_FALSE(parse_exposition("oth~r 1\nwanted 1\n", page).ok());
}

TEST(Exposition, CapsTheLabelsOfALine) {
  std::string line = "m{";
  for (int i = 0; i < 64; ++i) line += "l" + std::to_string(i) + "=\"x\",";
  EXPECT_EQ(error_of(line + "} 1\n"), "no error");
  EXPECT_THAT(error_of(line + "l64=\"x\"} 1\n"), StartsWith("line 1: expected 64 labels at most"));
}

// A cut page may lose lines, but what is read of it is a prefix of what the whole page says: no
// number is read shorter than it was written.
TEST(Exposition, NeverReadsACutPageAsAnother) {
  const std::string page =
      "a_total{x=\"1\\n\"} 12345 1700000000000\n# TYPE b gauge\nb -1.5e+10\nc NaN\n";
  const PageLines whole = read(page);
  for (size_t length = 0; length < page.size(); ++length) {
    SCOPED_TRACE(length);
    PageLines cut;
    const Status status = parse_exposition(std::string_view(page).substr(0, length), cut);
    EXPECT_EQ(status.ok(), length == 0 || page[length - 1] == '\n');
    ASSERT_LE(cut.lines.size(), whole.lines.size());
    for (size_t i = 0; i < cut.lines.size(); ++i) {
      EXPECT_EQ(cut.lines[i].name, whole.lines[i].name);
      EXPECT_EQ(cut.lines[i].value, whole.lines[i].value);
      EXPECT_EQ(cut.lines[i].timestamp_ms, whole.lines[i].timestamp_ms);
    }
  }
}

}  // namespace
}  // namespace autoscaler
