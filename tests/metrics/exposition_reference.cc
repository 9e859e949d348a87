#include "tests/metrics/exposition_reference.h"

#include "base/check.h"
#include "metrics/utf8.h"

#include <re2/re2.h>

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <string>

namespace autoscaler {
namespace {

using re2::RE2;
using std::string;

const string kName = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const string kLabel = "[a-zA-Z_][a-zA-Z0-9_]*";
const string kReal = R"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)";
const string kNumber = "(?:" + kReal + "|[+-]?(?i:inf|infinity)|(?i:nan))";

// The grammar's parts that differ between the two formats.
struct Grammar {
  string text;   // of a quoted string, between its quotes
  string blank;  // where blanks are allowed
  string comma;  // may a comma follow the last label?
  string before_value;
  string tail;  // from behind the value; one group: the timestamp

  string quoted() const { return "\"(?:" + text + ")*\""; }
  string quoted_name() const { return "\"(?:" + text + ")+\""; }
  string label() const {
    return "(?:" + kLabel + "|" + quoted_name() + ")" + blank + "=" + blank + quoted() + blank;
  }
  string labels() const {
    const string list = label() + "(?:," + blank + label() + ")*" + comma;
    return blank + "(?:" + list + ")?";
  }
};

Grammar grammar_of(bool open_metrics) {
  if (!open_metrics) {
    return {R"([^"\\\n]|\\["\\n])", "[ \\t]*", "(?:,[ \\t]*)?", "[ \\t]+",
            "(?:[ \\t]+([+-]?[0-9]+))?[ \\t]*"};
  }
  Grammar g{R"([^"\\\n]|\\[^\n])", "", "", " ", ""};
  g.tail = "(?: (" + kReal + "))?(?: # (\\{" + g.labels() + "\\}) " + kNumber + "(?: (" + kReal +
           "))?)?";
  return g;
}

struct Patterns {
  static RE2::Options bytes() {
    RE2::Options options(RE2::Latin1);
    options.set_dot_nl(true);
    options.set_max_mem(256 << 20);
    return options;
  }

  explicit Patterns(bool open_metrics, const Grammar& g)
      : sample(g.blank + "(" + kName + ")(?:" + g.blank + "\\{(" + g.labels() + ")\\}" +
                   (open_metrics ? " " : g.blank) + "|" + g.before_value + ")(" + kNumber + ")" +
                   g.tail,
               bytes()),
        quoted_sample(g.blank + "\\{" + g.blank + "(" + g.quoted_name() + ")" + g.blank + "(?:,(" +
                          (open_metrics ? g.label() + "(?:," + g.label() + ")*" : g.labels()) +
                          "))?\\}" + (open_metrics ? " " : g.blank) + "(" + kNumber + ")" + g.tail,
                      bytes()),
        name(g.blank + "(" + kName + ")[ \\t{].*", bytes()),
        quoted_name(g.blank + "\\{" + g.blank + "(" + g.quoted_name() + ")" + g.blank + "[,}].*",
                    bytes()),
        label("," + g.blank + "(" + kLabel + "|" + g.quoted_name() + ")" + g.blank + "=" + g.blank +
                  "(" + g.quoted() + ")" + g.blank,
              bytes()),
        formed("[ \\t]*#[ \\t]*(?:HELP|TYPE)(?:[ \\t].*)?", bytes()),
        help("[ \\t]*#[ \\t]*HELP[ \\t]+(" + kName + "|" + g.quoted_name() + ")(?:[ \\t].*)?",
             bytes()),
        type("[ \\t]*#[ \\t]*TYPE[ \\t]+(" + kName + "|" + g.quoted_name() +
                 ")[ \\t]+(?:counter|gauge|histogram|summary|untyped)[ \\t]*",
             bytes()),
        descriptor("# (TYPE|HELP|UNIT) (" + kName + "|" + g.quoted_name() + ") (.*)", bytes()) {}

  RE2 sample, quoted_sample, name, quoted_name, label, formed, help, type, descriptor;
};

string unescaped(const string& text) {
  string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      plain += text[i];
      continue;
    }
    ++i;
    if (text[i] == 'n') plain += '\n';
    if (text[i] == '"' || text[i] == '\\') plain += text[i];
    if (text[i] != 'n' && text[i] != '"' && text[i] != '\\') plain += string("\\") + text[i];
  }
  return plain;
}

// A bare or a quoted name, or a quoted value.
std::optional<string> meant(const string& written) {
  if (written.empty() || written[0] != '"') return written;
  const string inner = written.substr(1, written.size() - 2);
  if (!is_utf8(inner)) return std::nullopt;
  return unescaped(inner);
}

using Labels = std::vector<std::pair<string, string>>;

std::optional<Labels> labels_of(const string& list, const RE2& label) {
  Labels labels;
  std::set<string> seen;
  const string with_comma = "," + list;
  re2::StringPiece rest(with_comma);
  string name;
  string value;
  while (RE2::Consume(&rest, label, &name, &value)) {
    const auto plain_name = meant(name);
    const auto plain_value = meant(value);
    if (!plain_name || !plain_value || !seen.insert(*plain_name).second) return std::nullopt;
    labels.emplace_back(*plain_name, *plain_value);
  }
  if (labels.size() > 64) return std::nullopt;
  return labels;
}

std::optional<double> number_of(const string& text) {
  errno = 0;
  const double value = std::strtod(text.c_str(), nullptr);
  if (errno == ERANGE && std::abs(value) > 1) return std::nullopt;
  return value;
}

class SlowReader {
 public:
  SlowReader(ExpositionFormat format, const std::function<bool(std::string_view)>& wanted)
      : open_metrics_(format == ExpositionFormat::kOpenMetrics),
        patterns_(patterns(open_metrics_)),
        wanted_(wanted) {}

  ReferencePage read(const string& page) {
    ReferencePage read;
    size_t at = 0;
    size_t number = 0;
    bool eof = false;
    while (at < page.size()) {
      ++number;
      const size_t newline = page.find('\n', at);
      const string text = page.substr(at, newline == string::npos ? newline : newline - at);
      const bool complete = newline != string::npos || (open_metrics_ && text == "# EOF");
      at = newline == string::npos ? page.size() : newline + 1;
      if (!eof && complete && open_metrics_ && text == "# EOF") {
        eof = true;
      } else if (eof || !complete || !line(text, read.lines)) {
        read.broken_line = number;
        return read;
      }
    }
    if (open_metrics_ && !eof) read.broken_line = number + 1;
    return read;
  }

 private:
  static const Patterns& patterns(bool open_metrics) {
    static const Patterns text(false, grammar_of(false));
    static const Patterns strict(true, grammar_of(true));
    return open_metrics ? strict : text;
  }

  bool line(const string& text, std::vector<PageLines::Line>& lines) {
    if (open_metrics_ && text.starts_with('#')) return descriptor(text);
    if (!open_metrics_) {
      const size_t first = text.find_first_not_of(" \t");
      if (first == string::npos) return true;
      if (text[first] == '#') return comment(text);
    }
    string written;
    const bool bare = RE2::FullMatch(text, patterns_.name, &written);
    if (!bare && !RE2::FullMatch(text, patterns_.quoted_name, &written)) return false;
    const auto name = meant(written);
    if (!name || (open_metrics_ && !belongs(*name))) return false;
    if (!wanted_(*name)) return true;
    string labels;
    string number;
    string timestamp;
    string exemplar;
    string exemplar_time;
    const RE2& pattern = bare ? patterns_.sample : patterns_.quoted_sample;
    const bool matches =
        open_metrics_ ? RE2::FullMatch(text, pattern, &written, &labels, &number, &timestamp,
                                       &exemplar, &exemplar_time)
                      : RE2::FullMatch(text, pattern, &written, &labels, &number, &timestamp);
    if (!matches) return false;
    const auto value = number_of(number);
    const auto pairs = labels_of(labels, patterns_.label);
    if (!value || !pairs) return false;
    PageLines::Line line{*name, *pairs, *value, std::nullopt};
    if (!timestamp.empty() && !(line.timestamp_ms = milliseconds(timestamp))) return false;
    if (!exemplar.empty()) {
      if (!labels_of(exemplar.substr(1, exemplar.size() - 2), patterns_.label)) return false;
      const string after = text.substr(text.rfind("} ") + 2);
      if (!number_of(after.substr(0, after.find(' ')))) return false;
      if (!exemplar_time.empty() && !milliseconds(exemplar_time)) return false;
    }
    lines.push_back(line);
    return true;
  }

  std::optional<int64_t> milliseconds(const string& text) const {
    errno = 0;
    if (!open_metrics_) {
      const long long whole = std::strtoll(text.c_str(), nullptr, 10);
      if (errno != 0) return std::nullopt;
      return whole;
    }
    const auto seconds = number_of(text);
    if (!seconds || std::abs(*seconds * 1000) >= std::ldexp(1.0, 63)) return std::nullopt;
    return std::llround(*seconds * 1000);
  }

  bool comment(const string& text) const {
    if (!RE2::FullMatch(text, patterns_.formed)) return true;
    string name;
    if (!RE2::FullMatch(text, patterns_.help, &name) &&
        !RE2::FullMatch(text, patterns_.type, &name)) {
      return false;
    }
    return meant(name).has_value();
  }

  bool descriptor(const string& text) {
    string word;
    string written;
    string rest;
    if (!RE2::FullMatch(text, patterns_.descriptor, &word, &written, &rest)) return false;
    const auto name = meant(written);
    if (!name) return false;
    if (*name != family_) {
      family_ = *name;
      described_.clear();
    }
    if (described_.contains("sample") || described_.contains(word)) return false;
    described_[word] = rest;
    if (word == "TYPE" && !suffixes().contains(rest)) return false;
    if (word == "UNIT" && !rest.empty() &&
        (!name->ends_with("_" + rest) || name->size() == rest.size() + 1)) {
      return false;
    }
    const string type = described_.contains("TYPE") ? described_["TYPE"] : "unknown";
    const bool has_unit = described_.contains("UNIT") && !described_["UNIT"].empty();
    return !has_unit || (type != "info" && type != "stateset");
  }

  static const std::map<string, std::set<string>>& suffixes() {
    static const std::map<string, std::set<string>> table = {
        {"counter", {"_total", "_created"}},
        {"gauge", {""}},
        {"histogram", {"_bucket", "_count", "_sum", "_created"}},
        {"gaugehistogram", {"_bucket", "_gcount", "_gsum"}},
        {"stateset", {""}},
        {"info", {"_info"}},
        {"summary", {"", "_count", "_sum", "_created"}},
        {"unknown", {""}}};
    return table;
  }

  bool belongs(const string& name) {
    const string type = described_.contains("TYPE") ? described_["TYPE"] : "unknown";
    bool ours = false;
    for (const string& suffix : suffixes().at(type)) ours = ours || name == family_ + suffix;
    if (!ours && name == family_) return false;
    if (!ours) {
      family_ = name;
      described_.clear();
    }
    described_["sample"] = "";
    return true;
  }

  bool open_metrics_;
  const Patterns& patterns_;
  const std::function<bool(std::string_view)>& wanted_;
  string family_;
  std::map<string, string> described_;  // TYPE, HELP and UNIT to their text; "sample" once one came
};

bool same_line(const PageLines::Line& a, const PageLines::Line& b) {
  const bool same_value = (std::isnan(a.value) && std::isnan(b.value)) ||
                          (a.value == b.value && std::signbit(a.value) == std::signbit(b.value));
  return a.name == b.name && a.labels == b.labels && same_value && a.timestamp_ms == b.timestamp_ms;
}

}  // namespace

ReferencePage read_slowly(std::string_view page, ExpositionFormat format,
                          const std::function<bool(std::string_view)>& wanted) {
  return SlowReader(format, wanted).read(string(page));
}

void check_against_reference(std::string_view page, ExpositionFormat format,
                             const std::function<bool(std::string_view)>& wanted) {
  PageLines lines(wanted);
  const Status status = parse_exposition(page, lines, format);
  const ReferencePage reference = read_slowly(page, format, wanted);
  size_t line = 0;
  if (!status.ok()) {
    CHECK(status.error().code == Code::kInvalid);
    CHECK(is_utf8(status.error().message));
    CHECK(std::sscanf(status.error().message.c_str(), "line %zu:", &line) == 1);
  }
  const bool agree =
      status.ok() == !reference.broken_line && line == reference.broken_line.value_or(0);
  if (!agree) {
    std::fprintf(stderr, "parser: %s; reference: line %zu\n",
                 status.ok() ? "good" : status.error().message.c_str(),
                 reference.broken_line.value_or(0));
    std::fwrite(page.data(), 1, page.size(), stderr);
  }
  CHECK(agree);
  CHECK(lines.lines.size() == reference.lines.size());
  for (size_t i = 0; i < lines.lines.size(); ++i) {
    CHECK(same_line(lines.lines[i], reference.lines[i]));
  }
}

}  // namespace autoscaler
