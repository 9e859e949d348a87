#include "metrics/exposition_line.h"

#include "metrics/exposition_chars.h"
#include "metrics/exposition_number.h"
#include "metrics/utf8.h"

#include <cmath>
#include <cstring>

namespace autoscaler {
namespace {

constexpr char kTwice[] = "each label once";

}  // namespace

const char* ExpositionLine::read(const char* line_start) {
  at_ = line_start;
  return line() ? at_ : nullptr;
}

bool ExpositionLine::line() {
  blanks();
  if (is(*at_, kNameStart)) return bare_sample();
  if (*at_ == '{') return quoted_sample();
  if (*at_ == '#') return strict_ ? descriptor() : text_comment();
  if (*at_ == '\n' && !strict_) return newline();
  return expected("a metric name");
}

bool ExpositionLine::bare_sample() {
  const char* const start = at_;
  const std::string_view name = scan(kNameRest);
  if (!is(*at_, kBlank) && *at_ != '{') return expected("a label or a value after the name");
  if (const char* fault = run_.enter(name, true)) {
    at_ = start;
    return expected(fault);
  }
  if (!run_.wanted()) return newline();
  sample_.name = name;
  sample_.label_text = {};
  labels_.count = 0;
  labels_.bare = true;
  blanks();
  if (*at_ == '{') {
    const char* const first = ++at_;
    if (!label_set(labels_)) return false;
    sample_.label_text = {first, static_cast<size_t>(at_ - 1 - first)};
  }
  return rest_of_sample();
}

// {"a name",x="y"} 1
bool ExpositionLine::quoted_sample() {
  ++at_;
  blanks();
  const char* const start = at_;
  if (*at_ != '"') return expected("a quoted metric name");
  std::string_view name;
  if (!quoted_name(name)) return false;
  blanks();
  if (*at_ != ',' && *at_ != '}') return expected("a comma or a closing brace");
  if (const char* fault = run_.enter(name, false)) {
    at_ = start;
    return expected(fault);
  }
  if (!run_.wanted()) return newline();
  sample_.name = name;
  labels_.count = 0;
  labels_.bare = true;
  if (*at_ == ',') {
    ++at_;
    blanks();
    if (strict_ && *at_ == '}') return expected("a label name");
  }
  const char* const first = at_;
  if (!label_set(labels_)) return false;
  sample_.label_text = {first, static_cast<size_t>(at_ - 1 - first)};
  return rest_of_sample();
}

bool ExpositionLine::rest_of_sample() {
  if (!space() || !value(sample_.value)) return false;
  sample_.timestamp_ms.reset();
  if (!(strict_ ? open_metrics_tail() : text_timestamp())) return false;
  blanks();
  if (*at_ != '\n') return expected("the end of the line");
  ++at_;
  sample_.labels = labels_.span();
  visitor_.sample(sample_);
  return true;
}

// What follows the opening brace, and the closing one.
bool ExpositionLine::label_set(LabelList& labels) {
  blanks();
  while (*at_ != '}') {
    if (!label(labels)) return false;
    blanks();
    if (*at_ == '}') break;
    if (*at_ != ',') return expected("a comma or a closing brace");
    ++at_;
    blanks();
    if (strict_ && *at_ == '}') return expected("a label name");
  }
  ++at_;
  return true;
}

bool ExpositionLine::label(LabelList& labels) {
  ExpositionLabel label;
  const char* const start = at_;
  if (!label_name(label.name, labels.bare)) return false;
  if (labels.has(label.name)) {
    at_ = start;
    return expected(kTwice);
  }
  if (labels.count == kMaxLabels) return expected("64 labels at most");
  blanks();
  if (*at_ != '=') return expected("an equals sign");
  ++at_;
  blanks();
  if (*at_ != '"') return expected("a quote");
  if (!quoted(label.raw, label.escaped, "a label value in UTF-8")) return false;
  labels.items[labels.count++] = label;
  return true;
}

bool ExpositionLine::label_name(std::string_view& name, bool& bare) {
  if (*at_ == '"') {
    bare = false;
    return quoted_name(name);
  }
  if (!is(*at_, kLabelStart)) return expected("a label name");
  name = scan(kLabelRest);
  return true;
}

bool ExpositionLine::quoted_name(std::string_view& name) {
  bool escaped = false;
  if (!quoted(name, escaped, "a name in UTF-8")) return false;
  if (name.empty()) return expected("a name that is not empty");
  if (escaped) {
    std::string scratch;
    name = unescaped_.emplace_back(label_value({{}, name, true}, scratch));
  }
  return true;
}

bool ExpositionLine::quoted(std::string_view& raw, bool& escaped, const char* what) {
  const char* const first = ++at_;
  uint8_t seen = 0;  // all bytes or-ed: the top bit tells whether there is anything but ASCII
  while (true) {
    while (!is(*at_, kValueStop)) seen |= static_cast<uint8_t>(*at_++);
    if (*at_ == '"') break;
    if (*at_ == '\n') return expected("a closing quote");
    escaped = true;
    ++at_;
    const bool known = *at_ == '\\' || *at_ == '"' || *at_ == 'n';
    // OpenMetrics takes \ before any character and keeps both.
    if (!known && (!strict_ || *at_ == '\n')) return expected("\\\\, \\\" or \\n");
    seen |= static_cast<uint8_t>(*at_++);
  }
  raw = {first, static_cast<size_t>(at_ - first)};
  if ((seen & 0x80) != 0 && !is_utf8(raw)) return expected(what);
  ++at_;
  return true;
}

bool ExpositionLine::value(double& value) {
  const char* const start = at_;
  const char first = at_[*at_ == '+' || *at_ == '-' ? 1 : 0];
  if ((first >= '0' && first <= '9') || first == '.') {
    const DecimalRead read = read_decimal(at_, end_, value);
    if (read.fault == DecimalFault::kTooLarge) return expected("a value that fits a double");
    if (read.fault != DecimalFault::kNone) return expected("a value");
    at_ = read.stop;
  } else if (!word_value(value)) {
    at_ = start;
    return expected("a value");
  }
  if (!is(*at_, kBlank) && *at_ != '\n') return expected("a blank or the end of the value");
  return true;
}

bool ExpositionLine::word_value(double& value) {
  const bool sign = *at_ == '+' || *at_ == '-';
  const bool negative = *at_ == '-';
  if (sign) ++at_;
  const std::string_view word = scan(kLabelRest);
  if (equals_ignoring_case(word, "inf") || equals_ignoring_case(word, "infinity")) {
    value = negative ? -HUGE_VAL : HUGE_VAL;
    return true;
  }
  value = NAN;
  return !sign && equals_ignoring_case(word, "nan");
}

bool ExpositionLine::text_timestamp() {
  blanks();
  if (*at_ == '\n') return true;
  const char* const start = at_;
  int64_t milliseconds = 0;
  const char* const stop = read_integer(at_, end_, milliseconds);
  if (stop == nullptr || (!is(*stop, kBlank) && *stop != '\n')) {
    at_ = start;
    return expected("a timestamp in milliseconds or the end of the line");
  }
  at_ = stop;
  sample_.timestamp_ms = milliseconds;
  return true;
}

// [SP timestamp] [SP # SP labels SP number [SP timestamp]]
bool ExpositionLine::open_metrics_tail() {
  if (*at_ == '\n') return true;
  if (!space()) return false;
  if (*at_ == '#') return exemplar();
  int64_t milliseconds = 0;
  if (!seconds(milliseconds)) return false;
  sample_.timestamp_ms = milliseconds;
  if (*at_ == '\n') return true;
  if (!space()) return false;
  return *at_ == '#' ? exemplar() : expected("an exemplar or the end of the line");
}

// Its form is checked, and nothing else of it.
bool ExpositionLine::exemplar() {
  ++at_;
  if (!space()) return false;
  if (*at_ != '{') return expected("an exemplar's labels");
  ++at_;
  exemplar_labels_.count = 0;
  double number = 0;
  if (!label_set(exemplar_labels_) || !space() || !value(number)) return false;
  if (*at_ == '\n') return true;
  int64_t milliseconds = 0;
  return space() && seconds(milliseconds);
}

bool ExpositionLine::seconds(int64_t& milliseconds) {
  static constexpr char kExpected[] = "a timestamp in seconds or the end of the line";
  double seconds = 0;
  const DecimalRead read = read_decimal(at_, end_, seconds);
  // 2^63 ms; every double below it fits an int64_t.
  if (read.fault != DecimalFault::kNone || std::abs(seconds * 1000) >= 9223372036854775808.0) {
    return expected(kExpected);
  }
  if (*read.stop != ' ' && *read.stop != '\n') return expected(kExpected);
  at_ = read.stop;
  milliseconds = std::llround(seconds * 1000);
  return true;
}

std::string_view ExpositionLine::scan(uint8_t classes) {
  const char* const first = at_;
  at_ = skip(at_, classes);
  return {first, static_cast<size_t>(at_ - first)};
}

void ExpositionLine::blanks() {
  if (!strict_) at_ = skip(at_, kBlank);
}

bool ExpositionLine::space() {
  if (!strict_) {
    blanks();
    return true;
  }
  if (*at_ != ' ') return expected("a space");
  ++at_;
  return true;
}

bool ExpositionLine::newline() {
  at_ = static_cast<const char*>(std::memchr(at_, '\n', static_cast<size_t>(end_ - at_))) + 1;
  return true;
}

bool ExpositionLine::expected(const char* what) {
  expected_ = what;
  return false;
}

std::string ExpositionLine::fault() const {
  const std::string text = std::string("expected ") + expected_ + ", found ";
  if (*at_ == '\n') return text + "the end of the line";
  if (*at_ == '\r') return text + "a carriage return: lines end with \\n alone";
  if (*at_ > ' ' && *at_ < 0x7f) return text + "'" + *at_ + "'";
  if (*at_ == ' ') return text + "a space";
  constexpr char kHex[] = "0123456789abcdef";
  const auto byte = static_cast<uint8_t>(*at_);
  return text + "byte 0x" + kHex[byte >> 4] + kHex[byte & 15];
}

}  // namespace autoscaler
