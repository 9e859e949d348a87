#include "metrics/exposition.h"
#include "tests/metrics/page_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>

namespace autoscaler {
namespace {

using testing::ElementsAre;
using testing::Pair;
using testing::SizeIs;

std::string error_of(std::string_view page,
                     ExpositionFormat format = ExpositionFormat::kOpenMetrics) {
  PageLines lines;
  const Status status = parse_exposition(page, lines, format);
  return status.ok() ? "no error" : status.error().message;
}

PageLines read(std::string_view page, ExpositionFormat format = ExpositionFormat::kOpenMetrics) {
  PageLines lines;
  const Status status = parse_exposition(page, lines, format);
  EXPECT_TRUE(status.ok()) << status.error().message;
  return lines;
}

TEST(OpenMetrics, ReadsAPageAsClientsWriteIt) {
  const PageLines page = read(
      "# TYPE acme_http_requests counter\n"
      "# HELP acme_http_requests All \"of\" them.\\n\n"
      "acme_http_requests_total{code=\"200\"} 1027 1395066363.5\n"
      "acme_http_requests_created{code=\"200\"} 1.3950663e+09\n"
      "# TYPE latency_seconds histogram\n"
      "# UNIT latency_seconds seconds\n"
      "latency_seconds_bucket{le=\"0.5\"} 8 # {} 0.054\n"
      "latency_seconds_bucket{le=\"+Inf\"} 17 1520879607.789 # {trace_id=\"a\",x=\"} # {\"} 0.67 "
      "1520879607.1\n"
      "latency_seconds_count 17\n"
      "latency_seconds_sum 324789.3\n"
      "# TYPE build info\n"
      "build_info{version=\"1.2\"} 1\n"
      "# EOF\n");
  ASSERT_THAT(page.lines, SizeIs(7));
  EXPECT_EQ(page.lines[0].name, "acme_http_requests_total");
  EXPECT_THAT(page.lines[0].labels, ElementsAre(Pair("code", "200")));
  EXPECT_EQ(page.lines[0].timestamp_ms, 1395066363500);
  EXPECT_EQ(page.lines[2].value, 8);
  EXPECT_EQ(page.lines[2].timestamp_ms, std::nullopt);
  EXPECT_EQ(page.lines[3].timestamp_ms, 1520879607789);
  EXPECT_THAT(page.lines[3].labels, ElementsAre(Pair("le", "+Inf")));
}

TEST(OpenMetrics, TakesEveryFormThatTheGrammarHas) {
  for (const char* page : {
           "# EOF\n",
           "# EOF",  // its newline is optional
           "a 1\n# EOF",
           "a{} 1\n# EOF\n",
           "a 1 -5\n# EOF\n",
           "a 1 1e3\n# EOF\n",
           "a NaN\nb +Inf\nc -inf\nd +INFINITY\n# EOF\n",
           "a 001.e5\nb .5\nc +5\n# EOF\n",
           "# HELP a \na 1\n# EOF\n",
           "# UNIT a \n# TYPE a info\na_info 1\n# EOF\n",
           "# TYPE a unknown\na 1\n# EOF\n",
           "# TYPE a stateset\na{a=\"x\"} 1\n# EOF\n",
           "# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} 1\na_gcount 1\na_gsum 1\n# EOF\n",
           "# TYPE a summary\na{quantile=\"0.5\"} 1\na_sum 1\na_count 1\na_created 1\n# EOF\n",
           "# TYPE a counter\nb 1\n# EOF\n",  // a has no sample, b no TYPE
           "# TYPE a counter\n# EOF\n",
           "# TYPE a gauge\na 1\na_b 1\n# EOF\n",
           "a{b=\"c\"} 1 # {} NaN -1\n# EOF\n",
           "# HELP a free text \\q \xff\n# EOF\n",
       }) {
    SCOPED_TRACE(page);
    EXPECT_EQ(error_of(page), "no error");
  }
}

TEST(OpenMetrics, SaysWhatIsWrongAndWhere) {
  const std::pair<const char*, const char*> table[] = {
      {"", "line 1: expected # EOF, found the end of the page: cut short?"},
      {"a 1\n", "line 2: expected # EOF, found the end of the page: cut short?"},
      {"a 1", "line 1: expected a newline, found the end of the page: cut short?"},
      {"a 1\n# EO", "line 2: expected a newline, found the end of the page: cut short?"},
      {"# EOF\n\n", "line 2: expected nothing after # EOF"},
      {"# EOF\n# EOF", "line 2: expected nothing after # EOF"},
      {"a 1\n# EOF\nb 1\n", "line 3: expected nothing after # EOF"},
      {"# EOF \n", "line 1: expected TYPE, HELP, UNIT or EOF, found 'E'"},
      {"# EOF\r\n", "line 1: expected TYPE, HELP, UNIT or EOF, found 'E'"},
      {"#EOF\n", "line 1: expected a space, found 'E'"},
      {"# a comment\n# EOF\n", "line 1: expected TYPE, HELP, UNIT or EOF, found 'a'"},
      {"\n# EOF\n", "line 1: expected a metric name, found the end of the line"},
      {" a 1\n# EOF\n", "line 1: expected a metric name, found a space"},
      {"a  1\n# EOF\n", "line 1: expected a value, found a space"},
      {"a\t1\n# EOF\n", "line 1: expected a space, found byte 0x09"},
      {"a{}1\n# EOF\n", "line 1: expected a space, found '1'"},
      {"a 1 \n# EOF\n",
       "line 1: expected a timestamp in seconds or the end of the line, found the end of the line"},
      {"a 1\r\n# EOF\n",
       "line 1: expected a blank or the end of the value, found a carriage return: lines end with "
       "\\n alone"},
      {"a{b=\"c\",} 1\n# EOF\n", "line 1: expected a label name, found '}'"},
      {"a{ b=\"c\"} 1\n# EOF\n", "line 1: expected a label name, found a space"},
      {"a{b =\"c\"} 1\n# EOF\n", "line 1: expected an equals sign, found a space"},
      {"a 1 NaN\n# EOF\n",
       "line 1: expected a timestamp in seconds or the end of the line, found 'N'"},
      {"a 1 1e300\n# EOF\n",
       "line 1: expected a timestamp in seconds or the end of the line, found '1'"},
      {"a 1 1 2\n# EOF\n", "line 1: expected an exemplar or the end of the line, found '2'"},
      {"a 1 #{} 1\n# EOF\n", "line 1: expected a space, found '{'"},
      {"a 1 # x 1\n# EOF\n", "line 1: expected an exemplar's labels, found 'x'"},
      {"a 1 # {} \n# EOF\n", "line 1: expected a value, found the end of the line"},
      {"a 1 # {} 1 2 3\n# EOF\n", "line 1: expected the end of the line, found a space"},
      {"a 0x1p3\n# EOF\n", "line 1: expected a blank or the end of the value, found 'x'"},
      {"a 1_000\n# EOF\n", "line 1: expected a blank or the end of the value, found '_'"},
      {"# TYPE a untyped\n# EOF\n",
       "line 1: expected counter, gauge, histogram, gaugehistogram, stateset, info, summary or "
       "unknown, found 'u'"},
      {"# TYPE a gauge\n# TYPE a gauge\n# EOF\n",
       "line 2: expected one TYPE for each metric, found 'g'"},
      {"# HELP a x\n# HELP a y\n# EOF\n", "line 2: expected one HELP for each metric, found 'y'"},
      {"# UNIT a_s s\n# UNIT a_s s\n# EOF\n",
       "line 2: expected one UNIT for each metric, found 's'"},
      {"a 1\n# HELP a x\n# EOF\n",
       "line 2: expected TYPE, HELP and UNIT before the samples, found 'x'"},
      {"# TYPE a gauge\na 1\n# UNIT a \n# EOF\n",
       "line 3: expected TYPE, HELP and UNIT before the samples, found the end of the line"},
      {"# UNIT a_seconds second\n# EOF\n",
       "line 1: expected a metric whose name ends with _ and its unit, found 's'"},
      {"# UNIT seconds seconds\n# EOF\n",
       "line 1: expected a metric whose name ends with _ and its unit, found 's'"},
      {"# UNIT aseconds seconds\n# EOF\n",
       "line 1: expected a metric whose name ends with _ and its unit, found 's'"},
      {"# TYPE a_s info\n# UNIT a_s s\n# EOF\n",
       "line 2: expected no unit of an info or a stateset, found 's'"},
      {"# UNIT a_s s\n# TYPE a_s stateset\n# EOF\n",
       "line 2: expected no unit of an info or a stateset, found 's'"},
      {"# TYPE a counter\na 1\n# EOF\n",
       "line 2: expected _total or _created after a counter's name, found 'a'"},
      {"# TYPE a histogram\na 1\n# EOF\n",
       "line 2: expected _bucket, _count, _sum or _created after a histogram's name, found 'a'"},
      {"# TYPE a info\na 1\n# EOF\n", "line 2: expected _info after an info's name, found 'a'"},
      {"# TYPE a\n# EOF\n", "line 1: expected a space, found the end of the line"},
  };
  for (const auto& [page, error] : table) {
    SCOPED_TRACE(page);
    EXPECT_EQ(error_of(page), error);
  }
}

TEST(OpenMetrics, KeepsABackslashThatEscapesNothing) {
  const PageLines page = read("m{a=\"C:\\temp \\\\ \\\" \\n\"} 1\n# EOF\n");
  ASSERT_THAT(page.lines, SizeIs(1));
  EXPECT_THAT(page.lines[0].labels, ElementsAre(Pair("a", "C:\\temp \\ \" \n")));
}

TEST(OpenMetrics, RoundsTimestampsToMilliseconds) {
  const PageLines page = read("a 1 1.0004\nb 1 1.0005\nc 1 -1.0006\nd 1 1520879607.789\n# EOF\n");
  ASSERT_THAT(page.lines, SizeIs(4));
  EXPECT_EQ(page.lines[0].timestamp_ms, 1000);
  EXPECT_EQ(page.lines[1].timestamp_ms, 1001);
  EXPECT_EQ(page.lines[2].timestamp_ms, -1001);
  EXPECT_EQ(page.lines[3].timestamp_ms, 1520879607789);
}

TEST(OpenMetrics, ChecksTheFamilyOfUnwantedSamplesToo) {
  PageLines none([](std::string_view) { return false; });
  const auto format = ExpositionFormat::kOpenMetrics;
  EXPECT_TRUE(parse_exposition("# TYPE a gauge\na{ nonsense\n# EOF\n", none, format).ok());
  EXPECT_FALSE(parse_exposition("# TYPE a counter\na 1\n# EOF\n", none, format).ok());
}

TEST(QuotedNames, AreReadInBothFormats) {
  const std::string page =
      "# TYPE \"http.requests\" gauge\n"
      "{\"http.requests\"} 1\n"
      "{\"http.requests\",code=\"200\"} 2\n"
      "{\"http.requests\",\"k\xc3\xb6ln.x\"=\"y\",b=\"z\"} 3\n"
      "{\"a \\\"b\\\" \\\\ \\n\"} 4\n"
      "m{\"label.a\"=\"x\"} 5\n"
      "{\"m\"} 6\n"
      "# EOF\n";
  for (const auto format : {ExpositionFormat::kPrometheusText, ExpositionFormat::kOpenMetrics}) {
    const PageLines read_page = read(page, format);
    ASSERT_THAT(read_page.lines, SizeIs(6));
    EXPECT_EQ(read_page.lines[0].name, "http.requests");
    EXPECT_EQ(read_page.label_texts[0], "");
    EXPECT_EQ(read_page.label_texts[1], "code=\"200\"");
    EXPECT_THAT(read_page.lines[2].labels, ElementsAre(Pair("k\xc3\xb6ln.x", "y"), Pair("b", "z")));
    EXPECT_EQ(read_page.lines[3].name, "a \"b\" \\ \n");
    EXPECT_THAT(read_page.lines[4].labels, ElementsAre(Pair("label.a", "x")));
    EXPECT_THAT(read_page.asked, ElementsAre("http.requests", "a \"b\" \\ \n", "m"));
  }
}

TEST(QuotedNames, AreRefusedWhereTheyAreWrong) {
  const auto text = ExpositionFormat::kPrometheusText;
  EXPECT_EQ(error_of("{\"\"} 1\n", text), "line 1: expected a name that is not empty, found '}'");
  EXPECT_EQ(error_of("{\"a\xff\"} 1\n", text), "line 1: expected a name in UTF-8, found '\"'");
  EXPECT_EQ(error_of("{} 1\n", text), "line 1: expected a quoted metric name, found '}'");
  EXPECT_EQ(error_of("{\"a\"=\"b\"} 1\n", text),
            "line 1: expected a comma or a closing brace, found '='");
  EXPECT_EQ(error_of("{\"a\",\"b\"} 1\n", text), "line 1: expected an equals sign, found '}'");
  EXPECT_EQ(error_of("m{\"a\"=\"1\",a=\"2\"} 1\n", text),
            "line 1: expected each label once, found 'a'");
  EXPECT_EQ(error_of("{\"a\",} 1\n"), "line 1: expected a label name, found '}'");
  // A bare line after it is not of its run: a.b is no bare name.
  EXPECT_EQ(error_of("{\"a.b\"} 1\na.b 2\n" + std::string(200, '\n'), text),
            "line 2: expected a label or a value after the name, found '.'");
}

TEST(ExpositionFormat, IsWhatTheContentTypeSays) {
  for (const char* type : {"application/openmetrics-text", "Application/OpenMetrics-Text;x",
                           " application/openmetrics-text ; version=1.0.0; charset=utf-8"}) {
    EXPECT_EQ(exposition_format(type), ExpositionFormat::kOpenMetrics) << type;
  }
  for (const char* type : {"", "text/plain", "text/plain; version=0.0.4", "application/openmetrics",
                           "text/html", "x;application/openmetrics-text"}) {
    EXPECT_EQ(exposition_format(type), ExpositionFormat::kPrometheusText) << type;
  }
}

}  // namespace
}  // namespace autoscaler
