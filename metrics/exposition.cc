#include "metrics/exposition.h"

#include "metrics/utf8.h"

#include <array>
#include <charconv>
#include <cstring>
#include <limits>

namespace autoscaler {
namespace {

constexpr size_t kMaxLabels = 64;

enum CharClass : uint8_t {
  kLabelStart = 1,  // [a-zA-Z_]
  kLabelRest = 2,   // [a-zA-Z0-9_]
  kNameStart = 4,   // [a-zA-Z_:]
  kNameRest = 8,    // [a-zA-Z0-9_:]
  kBlank = 16,      // space, tab
  kValueStop = 32,  // what ends or interrupts a quoted value: " \ and the line's end
};

constexpr std::array<uint8_t, 256> make_classes() {
  std::array<uint8_t, 256> classes{};
  for (int c = 'a'; c <= 'z'; ++c) {
    classes[c] = classes[c - 'a' + 'A'] = kLabelStart | kLabelRest | kNameStart | kNameRest;
  }
  classes['_'] = kLabelStart | kLabelRest | kNameStart | kNameRest;
  classes[':'] = kNameStart | kNameRest;
  for (int c = '0'; c <= '9'; ++c) classes[c] = kLabelRest | kNameRest;
  classes[' '] = classes['\t'] = kBlank;
  classes['"'] = classes['\\'] = classes['\n'] = kValueStop;
  return classes;
}
constexpr std::array<uint8_t, 256> kClasses = make_classes();

bool is(char c, uint8_t classes) {
  return (kClasses[static_cast<uint8_t>(c)] & classes) != 0;
}

// `word` is in lower case.
bool equals_ignoring_case(std::string_view text, std::string_view word) {
  if (text.size() != word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if ((text[i] | 0x20) != word[i]) return false;
  }
  return true;
}

// Walks over complete lines: the text it is given ends with \n, which is in no class but
// kValueStop. So every scan below stops there, and none has to compare with the end of the page.
class LineParser {
 public:
  LineParser(std::string_view lines, ExpositionVisitor& visitor)
      : at_(lines.data()), end_(lines.data() + lines.size()), visitor_(visitor) {}

  Status run() {
    while (at_ != end_) {
      if (!line()) return Error{Code::kInvalid, fault()};
      ++line_;
    }
    return Done{};
  }

  size_t lines_read() const { return line_ - 1; }

 private:
  bool line() {
    skip_blanks();
    if (is(*at_, kNameStart)) return sample_line();
    if (*at_ == '#') return comment_line();
    if (*at_ == '\n') {
      ++at_;
      return true;
    }
    return expected("a metric name");
  }

  bool sample_line() {
    const std::string_view name = scan(kNameRest);
    if (!is(*at_, kBlank) && *at_ != '{') return expected("a label or a value after the name");
    if (name != name_) {
      name_ = name;
      wanted_ = visitor_.wants(name);
    }
    if (!wanted_) {
      skip_line();
      return true;
    }
    sample_.name = name;
    sample_.label_text = {};
    label_count_ = 0;
    skip_blanks();
    if (*at_ == '{' && !labels()) return false;
    skip_blanks();
    if (!value()) return false;
    skip_blanks();
    if (!timestamp()) return false;
    skip_blanks();
    if (*at_ != '\n') return expected("the end of the line");
    ++at_;
    sample_.labels = {labels_.data(), label_count_};
    visitor_.sample(sample_);
    return true;
  }

  // {a="x",b="y",}
  bool labels() {
    const char* const first = ++at_;
    while (true) {
      skip_blanks();
      if (*at_ == '}') break;
      if (!label()) return false;
      skip_blanks();
      if (*at_ == ',') {
        ++at_;
      } else if (*at_ != '}') {
        return expected("a comma or a closing brace");
      }
    }
    sample_.label_text = {first, static_cast<size_t>(at_ - first)};
    ++at_;
    return true;
  }

  bool label() {
    if (!is(*at_, kLabelStart)) return expected("a label name");
    ExpositionLabel label;
    const char* const start = at_;
    label.name = scan(kLabelRest);
    for (size_t i = 0; i < label_count_; ++i) {
      if (labels_[i].name != label.name) continue;
      at_ = start;
      return expected("each label once");
    }
    if (label_count_ == kMaxLabels) return expected("64 labels at most");
    skip_blanks();
    if (*at_ != '=') return expected("an equals sign");
    ++at_;
    skip_blanks();
    if (*at_ != '"') return expected("a quote");
    ++at_;
    if (!quoted(label)) return false;
    labels_[label_count_++] = label;
    return true;
  }

  bool quoted(ExpositionLabel& label) {
    const char* const first = at_;
    uint8_t seen = 0;  // all bytes or-ed: the top bit tells whether there is anything but ASCII
    while (true) {
      while (!is(*at_, kValueStop)) seen |= static_cast<uint8_t>(*at_++);
      if (*at_ == '"') break;
      if (*at_ == '\n') return expected("a closing quote");
      label.escaped = true;
      ++at_;
      if (*at_ != '\\' && *at_ != '"' && *at_ != 'n') return expected("\\\\, \\\" or \\n");
      ++at_;
    }
    label.raw = {first, static_cast<size_t>(at_ - first)};
    if ((seen & 0x80) != 0 && !is_utf8(label.raw)) return expected("a label value in UTF-8");
    ++at_;
    return true;
  }

  bool value() {
    const char* const start = at_;
    const bool sign = *at_ == '+' || *at_ == '-';
    const char first = at_[sign ? 1 : 0];
    if ((first >= '0' && first <= '9') || first == '.') {
      // from_chars knows '-' but not '+'.
      if (*at_ == '+') ++at_;
      const auto [stop, error] = std::from_chars(at_, end_, sample_.value);
      if (error == std::errc::result_out_of_range) return expected("a value that fits a double");
      if (error != std::errc()) return expected("a value");
      at_ = stop;
    } else if (!word_value(sign)) {
      at_ = start;
      return expected("a value");
    }
    if (!is(*at_, kBlank) && *at_ != '\n') return expected("a blank or the end of the value");
    return true;
  }

  bool word_value(bool sign) {
    const bool negative = *at_ == '-';
    if (sign) ++at_;
    const std::string_view word = scan(kLabelRest);
    if (equals_ignoring_case(word, "inf") || equals_ignoring_case(word, "infinity")) {
      const double infinity = std::numeric_limits<double>::infinity();
      sample_.value = negative ? -infinity : infinity;
      return true;
    }
    sample_.value = std::numeric_limits<double>::quiet_NaN();
    return !sign && equals_ignoring_case(word, "nan");
  }

  bool timestamp() {
    sample_.timestamp_ms.reset();
    if (*at_ == '\n') return true;
    const char* const start = at_;
    if (*at_ == '+' && at_[1] != '-') ++at_;
    int64_t milliseconds = 0;
    const auto [stop, error] = std::from_chars(at_, end_, milliseconds);
    if (error != std::errc() || (!is(*stop, kBlank) && *stop != '\n')) {
      at_ = start;
      return expected("a timestamp in milliseconds or the end of the line");
    }
    at_ = stop;
    sample_.timestamp_ms = milliseconds;
    return true;
  }

  // Free text, except that HELP and TYPE lines have a form.
  bool comment_line() {
    ++at_;
    skip_blanks();
    const std::string_view word = scan(kNameRest);
    const bool complete = is(*at_, kBlank) || *at_ == '\n';
    if (complete && (word == "HELP" || word == "TYPE")) {
      skip_blanks();
      if (!is(*at_, kNameStart)) return expected("a metric name");
      scan(kNameRest);
      if (!is(*at_, kBlank) && *at_ != '\n') return expected("a blank after the metric name");
      if (word == "TYPE" && !type()) return false;
    }
    skip_line();
    return true;
  }

  bool type() {
    skip_blanks();
    const char* const start = at_;
    const std::string_view type = scan(kNameRest);
    skip_blanks();
    if (*at_ == '\n') {
      for (const char* known : {"counter", "gauge", "histogram", "summary", "untyped"}) {
        if (type == known) return true;
      }
    }
    at_ = start;
    return expected("counter, gauge, histogram, summary or untyped");
  }

  std::string_view scan(uint8_t classes) {
    const char* const first = at_;
    while (is(*at_, classes)) ++at_;
    return {first, static_cast<size_t>(at_ - first)};
  }
  void skip_blanks() {
    while (is(*at_, kBlank)) ++at_;
  }
  void skip_line() {
    at_ = static_cast<const char*>(std::memchr(at_, '\n', static_cast<size_t>(end_ - at_))) + 1;
  }

  bool expected(const char* what) {
    expected_ = what;
    return false;
  }

  std::string fault() const {
    std::string text = "line " + std::to_string(line_) + ": expected " + expected_ + ", found ";
    if (*at_ == '\n') return text + "the end of the line";
    if (*at_ == '\r') return text + "a carriage return: lines end with \\n alone";
    if (*at_ > ' ' && *at_ < 0x7f) return text + "'" + *at_ + "'";
    constexpr char kHex[] = "0123456789abcdef";
    const auto byte = static_cast<uint8_t>(*at_);
    return text + "byte 0x" + kHex[byte >> 4] + kHex[byte & 15];
  }

  const char* at_;
  const char* end_;
  ExpositionVisitor& visitor_;
  size_t line_ = 1;
  std::string_view name_;  // of the last sample line: runs of one name are asked about once
  bool wanted_ = false;
  const char* expected_ = nullptr;
  size_t label_count_ = 0;
  std::array<ExpositionLabel, kMaxLabels> labels_;
  ExpositionSample sample_;
};

}  // namespace

std::string_view label_value(const ExpositionLabel& label, std::string& scratch) {
  if (!label.escaped) return label.raw;
  scratch.clear();
  for (size_t i = 0; i < label.raw.size(); ++i) {
    char c = label.raw[i];
    if (c == '\\') {
      c = label.raw[++i];
      if (c == 'n') c = '\n';
    }
    scratch += c;
  }
  return scratch;
}

Status parse_exposition(std::string_view page, ExpositionVisitor& visitor) {
  const size_t last = page.rfind('\n');
  const size_t complete = last == std::string_view::npos ? 0 : last + 1;
  LineParser parser(page.substr(0, complete), visitor);
  if (Status status = parser.run(); !status.ok()) return status;
  if (complete == page.size()) return Done{};
  return Error{Code::kInvalid, "line " + std::to_string(parser.lines_read() + 1) +
                                   ": expected a newline, found the end of the page: cut short?"};
}

}  // namespace autoscaler
