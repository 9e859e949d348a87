#include "metrics/exposition_plain.h"

#include "metrics/exposition_chars.h"
#include "metrics/exposition_number.h"
#include "metrics/sixteen_bytes.h"
#include "metrics/utf8.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace autoscaler {
namespace {

constexpr size_t kMargin = 64;  // how far behind a line's end is read at most

std::string_view between(const char* first, const char* last) {
  return {first, static_cast<size_t>(last - first)};
}

bool is_label_name(std::string_view name) {
  if (name.empty() || !is(name.front(), kLabelStart)) return false;
  return std::ranges::all_of(name, [](char c) { return is(c, kLabelRest); });
}

// Behind the metric name that starts here; `at` itself where none does.
const char* name_end(const char* at) {
  if (!is(*at, kNameStart)) return at;
  if constexpr (!kSixteenBytes) return skip(at, kNameRest);
  uint32_t others = 0;
  while ((others = non_name_bytes(at)) == 0) at += 16;
  return at + std::countr_zero(others);
}

}  // namespace

PlainLines::PlainLines(std::string_view lines, ExpositionRun& run, LabelList& labels,
                       ExpositionVisitor& visitor)
    : end_(lines.data() + lines.size()),
      complete_(lines.data()),
      run_(run),
      labels_(labels),
      visitor_(visitor) {}

const char* PlainLines::read(const char* line) {
  while (line != end_) {
    const char* next = nullptr;
    if (*line == '#') {
      next = descriptor(line);
    } else if (line < complete_ || newline_of(line) != nullptr) {
      next = sample(line);
    }
    if (next == nullptr) break;
    line = next;
  }
  return line;
}

// The line's end; null where it is so near the page's end that 16 bytes cannot be read there.
const char* PlainLines::newline_of(const char* line) const {
  const auto left = static_cast<size_t>(end_ - line);
  const auto* const newline = static_cast<const char*>(std::memchr(line, '\n', left));
  return static_cast<size_t>(end_ - newline) > kMargin ? newline : nullptr;
}

// Marks the page from this line on. False where there is no complete line in reach.
bool PlainLines::index(const char* line) {
  const auto left = static_cast<size_t>(end_ - line);
  if (left < kMargin + ExpositionMarks::kBlock) return false;
  const size_t reach = (left - kMargin) / ExpositionMarks::kBlock * ExpositionMarks::kBlock;
  stretch_ = skipped_ ? kFirstStretch : std::min(2 * stretch_, ExpositionMarks::kMaxStretch);
  skipped_ = false;
  while (true) {
    marks_.find(line, std::min(stretch_, reach));
    mark_ = 0;
    complete_ = line;
    for (size_t last = marks_.count(); last > 0 && complete_ == line; --last) {
      if (*marks_.at(last - 1) == '\n') complete_ = marks_.at(last - 1) + 1;
    }
    const bool longest = stretch_ >= reach || stretch_ == ExpositionMarks::kMaxStretch;
    if (line < complete_ || longest) return line < complete_;
    stretch_ *= 2;
  }
}

// The start of the next line; null where this one is not plain.
const char* PlainLines::sample(const char* line) {
  std::string_view name = run_.bare_name();
  if (name.empty() || !same_bytes(line, name.data(), name.size()) ||
      (line[name.size()] != '{' && line[name.size()] != ' ')) {
    name = between(line, name_end(line));
    if (name.empty()) return nullptr;
    if (line[name.size()] != '{' && line[name.size()] != ' ') return nullptr;
    if (run_.enter(name, true) != nullptr) return nullptr;
  }
  if (!run_.wanted()) {
    skipped_ = true;
    return run_.skip(line, end_);
  }
  if (line >= complete_ && !index(line)) return nullptr;
  while (marks_.at(mark_) < line) ++mark_;
  const char* at = line + name.size();
  sample_.label_text = {};
  sample_.labels = {};
  if (*at == '{') {
    const char* const close = label_set(at);
    if (close == nullptr) {
      labels_.count = 0;
      return nullptr;
    }
    sample_.label_text = between(at + 1, close);
    sample_.labels = labels_.span();
    at = close + 1;
  }
  const char* const newline = marks_.at(mark_);
  if (*newline != '\n' || *at != ' ') return nullptr;
  ++at;
  const auto size = static_cast<size_t>(newline - at);
  if (!read_plain_decimal(at, size, sample_.value)) {
    const DecimalRead read = read_decimal(at, newline, sample_.value);
    if (read.fault != DecimalFault::kNone || read.stop != newline) return nullptr;
  }
  sample_.name = name;
  visitor_.sample(sample_);
  ++mark_;
  return newline + 1;
}

// # TYPE name counter
const char* PlainLines::descriptor(const char* line) {
  const char* const newline = newline_of(line);
  if (newline == nullptr) return nullptr;
  const std::string_view word(line + 2, 4);
  if (word != "HELP" && word != "TYPE") return nullptr;
  if (line[1] != ' ' || line[6] != ' ') return nullptr;
  const std::string_view name = between(line + 7, name_end(line + 7));
  const char* const text = name.data() + name.size() + 1;
  if (name.empty() || text[-1] != ' ') return nullptr;
  return run_.describe(word, name, between(text, newline)) == nullptr ? newline + 1 : nullptr;
}

// From the opening brace to the closing one; null where a label is not plain. Names that are those
// of the line before need no other check: they were good names, and each another.
const char* PlainLines::label_set(const char* brace) {
  const size_t known = labels_.bare ? labels_.count : 0;
  const char* name_start = brace + 1;
  bool alike = true;
  size_t mark = mark_;
  size_t count = 0;
  labels_.bare = true;
  while (true) {
    const char* const open = marks_.at(mark);
    if (*open != '"' || open[-1] != '=') return nullptr;
    const char* const close = marks_.at(mark + 1);
    if (*close != '"') return nullptr;
    mark += 2;
    if (open - 1 < name_start) return nullptr;
    ExpositionLabel& label = labels_.items[count];
    const std::string_view name = between(name_start, open - 1);
    const bool same = count < known && label.name.size() == name.size() &&
                      same_bytes(name.data(), label.name.data(), name.size());
    alike = alike && same;
    if (!alike) {
      labels_.count = count;
      if (!is_label_name(name) || labels_.has(name)) return nullptr;
    }
    // Field by field: a whole label is first put together elsewhere, and costs twice as much.
    label.name = name;
    label.raw = between(open + 1, close);
    label.escaped = false;
    if (!marks_.ascii() && !is_utf8(label.raw)) return nullptr;
    ++count;
    if (close[1] == '}') {
      labels_.count = count;
      mark_ = mark;
      return close + 1;
    }
    if (close[1] != ',' || count == kMaxLabels) return nullptr;
    name_start = close + 2;
  }
}

}  // namespace autoscaler
