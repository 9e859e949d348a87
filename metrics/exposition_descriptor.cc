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
  if (!complete || (word != "HELP" && word != "TYPE")) return newline();
  blanks();
  std::string_view name;
  if (!described_name(name)) return false;
  if (!is(*at_, kBlank) && *at_ != '\n') return expected("a blank after the metric name");
  blanks();
  return described(word, name);
}

bool ExpositionLine::described_name(std::string_view& name) {
  if (*at_ == '"') return quoted_name(name);
  if (!is(*at_, kNameStart)) return expected("a metric name");
  name = scan(kNameRest);
  return true;
}

// What follows the name is the rest of the line.
bool ExpositionLine::described(std::string_view word, std::string_view name) {
  const char* const first = at_;
  newline();
  std::string_view text(first, static_cast<size_t>(at_ - 1 - first));
  while (!strict_ && !text.empty() && is(text.back(), kBlank)) text.remove_suffix(1);
  const char* const fault = run_.describe(word, name, text);
  if (fault == nullptr) return true;
  at_ = first;
  return expected(fault);
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
  return space() && described_name(name) && space() && described(word, name);
}

}  // namespace autoscaler
