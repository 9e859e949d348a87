#include "metrics/page_reader.h"

#include "tests/metrics/gzipped.h"
#include "tests/metrics/scraped.h"

#include <gtest/gtest.h>

#include <string>

namespace autoscaler {
namespace {

Reading read(FetchResponse response) {
  const std::vector<PlanResult> plans = {make_plan({GaugeOf{{"load", {}}, 1.0}, {}})};
  PageReader reader(plans);
  return reader.read("http://x/metrics", std::move(response), Scraped::kStart).readings.at(0);
}

TEST(PageReader, ReadsTheFormatThatTheContentTypeNames) {
  const std::string open_metrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";
  EXPECT_EQ(shown(read({200, "load 5\n", "text/plain; version=0.0.4", ""})), "5");
  EXPECT_EQ(shown(read({200, "load 5\n", "", ""})), "5");
  EXPECT_EQ(shown(read({200, "load 5\n# EOF\n", open_metrics, ""})), "5");
  EXPECT_EQ(detail_of(read({200, "load 5\n", open_metrics, ""})),
            "http://x/metrics: line 2: expected # EOF, found the end of the page: cut short?");
}

TEST(PageReader, InflatesWhatIsGzipped) {
  EXPECT_EQ(shown(read({200, gzipped("load 5\n"), "text/plain", "gzip"})), "5");
  EXPECT_EQ(shown(read({200, gzipped("load 5\n"), "text/plain", "GZip"})), "5");
  EXPECT_EQ(shown(read({200, "load 5\n", "text/plain", "identity"})), "5");
}

TEST(PageReader, SaysWhyACompressedPageIsMissing) {
  EXPECT_EQ(shown(read({200, "load 5\n", "", "gzip"})), "malformed");
  EXPECT_EQ(shown(read({200, gzipped("load 5\n"), "", "br"})), "malformed");
  const std::string bomb = gzipped("load 5\n" + std::string(kMaxPageBytes, '\n'));
  EXPECT_EQ(shown(read({200, bomb, "", "gzip"})), "too_large");
}

}  // namespace
}  // namespace autoscaler
