#include "tests/metrics/exposition_reference.h"

#include "metrics/utf8.h"
#include "tests/metrics/exposition_pages.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace autoscaler {
namespace {

constexpr ExpositionFormat kFormats[] = {ExpositionFormat::kPrometheusText,
                                         ExpositionFormat::kOpenMetrics};

bool everything(std::string_view) {
  return true;
}
bool short_names(std::string_view name) {
  return name.size() < 4;
}

// In memory that ends with the page, so that the address sanitizer sees a byte too far.
void check(const std::string& page, ExpositionFormat format) {
  const std::unique_ptr<char[]> exact(new char[page.size()]);
  std::memcpy(exact.get(), page.data(), page.size());
  check_against_reference({exact.get(), page.size()}, format, everything);
  check_against_reference({exact.get(), page.size()}, format, short_names);
}

size_t lines_of(const std::string& page, ExpositionFormat format) {
  return read_slowly(page, format, everything).lines.size();
}

TEST(ExpositionAgainstTheReference, ReadsGeneratedPagesTheSame) {
  size_t lines = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    ExpositionPages pages(seed);
    for (const ExpositionFormat format : kFormats) {
      const std::string page = pages.page(format, 60, 0);
      check(page, format);
      lines += lines_of(page, format);
    }
  }
  EXPECT_GT(lines, 20'000u);  // most pages are good, to their end
}

TEST(ExpositionAgainstTheReference, ReadsOddAndBrokenPagesTheSame) {
  for (uint64_t seed = 0; seed < 6'000; ++seed) {
    SCOPED_TRACE(seed);
    ExpositionPages pages(seed);
    const ExpositionFormat format = kFormats[seed % 2];
    const std::string page = pages.page(format, 12, static_cast<int>(seed % 30));
    check(page, format);
    check(pages.broken(page), format);
    check(page, kFormats[(seed + 1) % 2]);
  }
}

// Blocks of 16 and 64 bytes, stretches of 512 and 4096: a line is moved over each of their borders,
// and over the page's end.
TEST(ExpositionAgainstTheReference, ReadsTheSameAtEveryOffset) {
  const std::string line = "some_name{label=\"value\",another_label=\"K\xc3\xb6ln\"} 12.5e+01\n";
  for (const size_t border : {0, 64, 512, 512 + 1024, 4096}) {
    for (size_t before = border < 80 ? 0 : border - 80; before < border + 80; ++before) {
      SCOPED_TRACE(before);
      std::string page = std::string("# ") + std::string(before, 'x') + "\n";
      page += line + line + "b 7\n" + line;
      check(page, ExpositionFormat::kPrometheusText);
      page.pop_back();
      check(page, ExpositionFormat::kPrometheusText);
      for (size_t cut = 0; cut < 10; ++cut) check(page.substr(0, before + 13 * cut), {});
    }
  }
}

TEST(ExpositionAgainstTheReference, ReadsTextsOfEveryLengthTheSame) {
  for (size_t length = 0; length < 200; ++length) {
    SCOPED_TRACE(length);
    const std::string text(length, 'x');
    std::string page;
    for (int i = 0; i < 3; ++i) {
      page += "n" + text + "{l=\"" + text + "\",l" + text + "=\"" + text + "\"} 1\n";
      page += "n" + text + " " + std::string(length, '7') + "\n";
      page += "n" + text + " 0." + std::string(length, '0') + "1\n";
    }
    check(page + std::string(100, '\n'), ExpositionFormat::kPrometheusText);
    check(page + "# EOF\n", ExpositionFormat::kOpenMetrics);
  }
  std::string long_line = "m{x=\"" + std::string(10'000, 'x') + "\"} 5\n";
  check(long_line + long_line + "a 1\n", ExpositionFormat::kPrometheusText);
}

// A name that differs from the line before's only in one byte, in every place; and labels that are
// doubled where the line before had good ones.
TEST(ExpositionAgainstTheReference, TakesNothingFromTheLineBeforeThatDiffers) {
  const std::string line =
      "some_metric_name_x{first=\"1\",second_label_of_it=\"2\",third=\"3\"} 4\n";
  for (size_t i = 0; i + 1 < line.size(); ++i) {
    for (const char byte : {'a', '1', ':', ' ', '"', '{', '.', '\xe4'}) {
      std::string other = line;
      other[i] = byte;
      check(line + other + line + std::string(200, '\n'), ExpositionFormat::kPrometheusText);
    }
  }
  const std::string good = "m{aa=\"1\",bb=\"2\",cc=\"3\"} 4\n";
  for (const char* doubled :
       {"m{aa=\"1\",aa=\"2\"} 4\n", "m{bb=\"1\",bb=\"2\",cc=\"3\"} 4\n",
        "m{cc=\"1\",bb=\"2\",cc=\"3\"} 4\n", "m{aa=\"1\",cc=\"2\",cc=\"3\"} 4\n",
        "m{aa=\"1\",bb=\"2\",cc=\"3\",bb=\"3\"} 4\n"}) {
    const std::string page = good + doubled + std::string(200, '\n');
    check(page, ExpositionFormat::kPrometheusText);
    EXPECT_EQ(read_slowly(page, ExpositionFormat::kPrometheusText, everything).broken_line, 2u);
  }
}

}  // namespace
}  // namespace autoscaler
