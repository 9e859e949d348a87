#include "base/check.h"
#include "metrics/exposition.h"
#include "metrics/utf8.h"
#include "tests/metrics/page_lines.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

namespace autoscaler {
namespace {

std::string escaped(const std::string& value) {
  std::string text;
  for (const char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    text += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return text;
}

std::string written(const PageLines& page) {
  std::string text;
  for (const PageLines::Line& line : page.lines) {
    text += line.name + "{";
    for (const auto& [name, value] : line.labels) text += name + "=\"" + escaped(value) + "\",";
    char number[64];
    const auto [end, error] = std::to_chars(number, number + sizeof number, line.value);
    CHECK(error == std::errc());
    text += "} ";
    text += std::isnan(line.value) ? std::string("NaN") : std::string(number, end);
    if (line.timestamp_ms) text += " " + std::to_string(*line.timestamp_ms);
    text += "\n";
  }
  return text;
}

bool same_value(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

void check_same(const PageLines& a, const PageLines& b) {
  CHECK(a.lines.size() == b.lines.size());
  for (size_t i = 0; i < a.lines.size(); ++i) {
    CHECK(a.lines[i].name == b.lines[i].name);
    CHECK(a.lines[i].labels == b.lines[i].labels);
    CHECK(same_value(a.lines[i].value, b.lines[i].value));
    CHECK(a.lines[i].timestamp_ms == b.lines[i].timestamp_ms);
  }
}

}  // namespace
}  // namespace autoscaler

// Whatever the page: no read outside it (the copy below has no byte after its end); what was read,
// written again, reads the same; a good page is also good when some of it or nothing is wanted; and
// an error names a line that the page has.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace autoscaler;
  const std::unique_ptr<char[]> exact(new char[size]);
  if (size > 0) std::memcpy(exact.get(), data, size);
  const std::string_view page(exact.get(), size);

  PageLines all;
  const Status status = parse_exposition(page, all);
  if (!status.ok()) {
    CHECK(status.error().code == Code::kInvalid);
    CHECK(is_utf8(status.error().message));
    size_t line = 0;
    CHECK(std::sscanf(status.error().message.c_str(), "line %zu:", &line) == 1);
    size_t newlines = 0;
    for (const char c : page) newlines += c == '\n' ? 1 : 0;
    CHECK(line >= 1 && line <= newlines + 1);
  }
  PageLines again;
  CHECK(parse_exposition(written(all), again).ok());
  check_same(all, again);
  if (!status.ok()) return 0;
  PageLines none([](std::string_view) { return false; });
  CHECK(parse_exposition(page, none).ok());
  CHECK(none.lines.empty());
  PageLines short_names([](std::string_view name) { return name.size() < 2; });
  CHECK(parse_exposition(page, short_names).ok());
  CHECK(short_names.lines.size() <= all.lines.size());
  return 0;
}
