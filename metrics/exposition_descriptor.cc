// ExpositionLine's lines that start with #: TYPE, HELP, UNIT, EOF and comments.
#include "metrics/exposition_chars.h"
#include "metrics/exposition_line.h"

namespace autoscaler {

// 0.0.4: free text, except that HELP and TYPE lines have a form.
bool ExpositionLine::text_comment() {
  ++at_;
  blanks();
  const std::string_view word = scan(kNameRest);
  const bool complete = is(*at_, kBlank) || *at_ == '\n';
  if (complete && (word == "HELP" || word == "TYPE")) {
    run_.describe();
    blanks();
    std::string_view name;
    if (!described_name(name)) return false;
    if (!is(*at_, kBlank) && *at_ != '\n') return expected("a blank after the metric name");
    if (word == "TYPE" && !text_type()) return false;
  }
  return newline();
}

bool ExpositionLine::described_name(std::string_view& name) {
  if (*at_ == '"') return quoted_name(name);
  if (!is(*at_, kNameStart)) return expected("a metric name");
  name = scan(kNameRest);
  return true;
}

bool ExpositionLine::text_type() {
  blanks();
  const char* const start = at_;
  const std::string_view type = scan(kNameRest);
  blanks();
  if (*at_ == '\n') {
    for (const char* known : {"counter", "gauge", "histogram", "summary", "untyped"}) {
      if (type == known) return true;
    }
  }
  at_ = start;
  return expected("counter, gauge, histogram, summary or untyped");
}

// OpenMetrics has no other comments than these.
bool ExpositionLine::descriptor() {
  ++at_;
  if (!space()) return false;
  const char* const start = at_;
  const std::string_view word = scan(kLabelRest);
  if (word == "EOF" && *at_ == '\n') {
    eof_ = true;
    return newline();
  }
  if (word != "TYPE" && word != "HELP" && word != "UNIT") {
    at_ = start;
    return expected("TYPE, HELP, UNIT or EOF");
  }
  std::string_view name;
  if (!space() || !described_name(name) || !space()) return false;
  const char* const first = at_;
  newline();
  const std::string_view text(first, static_cast<size_t>(at_ - 1 - first));
  OpenMetricsFamily& family = *run_.describe();
  const char* fault = nullptr;
  if (word == "TYPE") fault = family.type(name, text);
  if (word == "UNIT") fault = family.unit(name, text);
  if (word == "HELP") fault = family.help(name);
  if (fault == nullptr) return true;
  at_ = first;
  return expected(fault);
}

}  // namespace autoscaler
