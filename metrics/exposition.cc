#include "metrics/exposition.h"

#include "metrics/exposition_chars.h"
#include "metrics/exposition_line.h"
#include "metrics/exposition_plain.h"
#include "metrics/exposition_run.h"

#include <algorithm>

namespace autoscaler {
namespace {

constexpr std::string_view kEof = "# EOF";

Error broken(std::string_view page, const char* line, const std::string& fault) {
  const auto number = 1 + std::count(page.data(), line, '\n');
  return Error{Code::kInvalid, "line " + std::to_string(number) + ": " + fault};
}

}  // namespace

ExpositionFormat exposition_format(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (!type.empty() && is(type.front(), kBlank)) type.remove_prefix(1);
  while (!type.empty() && is(type.back(), kBlank)) type.remove_suffix(1);
  return equals_ignoring_case(type, "application/openmetrics-text")
             ? ExpositionFormat::kOpenMetrics
             : ExpositionFormat::kPrometheusText;
}

std::string_view label_value(const ExpositionLabel& label, std::string& scratch) {
  if (!label.escaped) return label.raw;
  scratch.clear();
  for (size_t i = 0; i < label.raw.size(); ++i) {
    char c = label.raw[i];
    if (c == '\\') {
      c = label.raw[++i];
      if (c == 'n') {
        c = '\n';
      } else if (c != '\\' && c != '"') {
        scratch += '\\';  // OpenMetrics: no escape, so both are meant
      }
    }
    scratch += c;
  }
  return scratch;
}

Status parse_exposition(std::string_view page, ExpositionVisitor& visitor,
                        ExpositionFormat format) {
  const bool open_metrics = format == ExpositionFormat::kOpenMetrics;
  const std::string_view lines = page.substr(0, page.rfind('\n') + 1);
  const std::string_view tail = page.substr(lines.size());
  const char* const end = lines.data() + lines.size();

  ExpositionRun run(visitor, format);
  LabelList labels;
  ExpositionLine any(lines, format, run, labels, visitor);
  PlainLines plain(lines, run, labels, visitor);
  const char* line = lines.data();
  while (line != end && !any.at_eof()) {
    line = plain.read(line);
    if (line == end) break;
    const char* const next = any.read(line);
    if (next == nullptr) return broken(page, line, any.fault());
    line = next;
  }
  const bool rest = line != end || !tail.empty();
  if (any.at_eof()) {
    return rest ? Status(broken(page, line, "expected nothing after # EOF")) : Status(Done{});
  }
  if (open_metrics && tail == kEof) return Done{};
  if (!tail.empty()) {
    return broken(page, end, "expected a newline, found the end of the page: cut short?");
  }
  if (open_metrics) {
    return broken(page, end, "expected # EOF, found the end of the page: cut short?");
  }
  return Done{};
}

}  // namespace autoscaler
