#include "metrics/json_cursor.h"

#include "metrics/sixteen_bytes.h"
#include "metrics/utf8.h"

#include <bit>
#include <cstdint>
#include <utility>

namespace autoscaler {
namespace {

constexpr int kMostDepth = 64;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

void append_utf8(uint32_t code, std::string& to) {
  const auto add = [&to](uint32_t byte) { to += static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xC0 | (code >> 6));
    add(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    add(0xE0 | (code >> 12));
    add(0x80 | ((code >> 6) & 0x3F));
    add(0x80 | (code & 0x3F));
  } else {
    add(0xF0 | (code >> 18));
    add(0x80 | ((code >> 12) & 0x3F));
    add(0x80 | ((code >> 6) & 0x3F));
    add(0x80 | (code & 0x3F));
  }
}

std::optional<uint32_t> four_hex(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  uint32_t code = 0;
  for (const char c : text.substr(0, 4)) {
    const char low = static_cast<char>(c | 0x20);
    const bool is_letter = low >= 'a' && low <= 'f';
    if (!is_digit(c) && !is_letter) return std::nullopt;
    code = code * 16 + static_cast<uint32_t>(is_digit(c) ? c - '0' : low - 'a' + 10);
  }
  return code;
}

}  // namespace

JsonCursor::JsonCursor(std::string_view json) : json_(json) {
  if (!is_utf8(json)) fault_ = "no UTF-8";
}

void JsonCursor::fail(std::string what) {
  if (!fault_) fault_ = std::move(what);
}

void JsonCursor::no_json() {
  fail("no JSON at byte " + std::to_string(at_));
}

Status JsonCursor::end() {
  blanks();
  if (is_good() && at_ < json_.size()) no_json();
  if (fault_) return Error{Code::kInvalid, *fault_};
  return Done{};
}

// False: it was something else, and is stepped over.
bool JsonCursor::enter(char open) {
  if (!is_good()) return false;
  if (peek() != open) {
    skip();
    return false;
  }
  if (++depth_ > kMostDepth) {
    fail("nested more than 64 deep");
    return false;
  }
  ++at_;
  return true;
}

// Whether there is one more before `close`, which is taken where there is not.
bool JsonCursor::next_of(char close, bool first) {
  if (!is_good()) return false;
  if (take(close)) {
    --depth_;
    return false;
  }
  if (first || take(',')) return true;
  no_json();
  return false;
}

std::string_view JsonCursor::key(std::string& unescaped) {
  if (peek() != '"') {
    no_json();
    return {};
  }
  const std::string_view name = string(unescaped);
  if (is_good() && !take(':')) no_json();
  return name;
}

// On to the next byte that may end a string or be wrong in it; the last 15 are left to the caller.
void JsonCursor::plain_text() {
  while (json_.size() - at_ >= 16) {
    const uint32_t ends = text_ends(json_.data() + at_);
    if (ends != 0) {
      at_ += static_cast<size_t>(std::countr_zero(ends));
      return;
    }
    at_ += 16;
  }
}

// A piece of the document, or what is in `unescaped` where it has escapes.
std::string_view JsonCursor::string(std::string& unescaped) {
  size_t begin = ++at_;  // behind the quote
  bool is_copied = false;
  for (plain_text(); at_ < json_.size(); ++at_, plain_text()) {
    const char c = json_[at_];
    if (static_cast<unsigned char>(c) < 0x20) break;
    if (c == '"') {
      const std::string_view rest = json_.substr(begin, at_++ - begin);
      if (!is_copied) return rest;
      return unescaped += rest;
    }
    if (c != '\\') continue;
    if (!std::exchange(is_copied, true)) unescaped.clear();
    unescaped += json_.substr(begin, at_ - begin);
    const std::optional<size_t> length = escape(unescaped);
    if (!length) break;
    at_ += *length - 1;
    begin = at_ + 1;
  }
  no_json();
  return {};
}

// How long the escape is that begins here; nullopt: it is none.
std::optional<size_t> JsonCursor::escape(std::string& into) {
  const std::string_view rest = json_.substr(at_);
  if (rest.size() < 2) return std::nullopt;
  constexpr std::string_view kNames = "\"\\/bfnrt";
  if (const size_t named = kNames.find(rest[1]); named != std::string_view::npos) {
    into += "\"\\/\b\f\n\r\t"[named];
    return 2;
  }
  if (rest[1] != 'u') return std::nullopt;
  const std::optional<uint32_t> code = four_hex(rest.substr(2));
  if (!code || (*code >= 0xDC00 && *code < 0xE000)) return std::nullopt;
  if (*code < 0xD800 || *code >= 0xE000) {
    append_utf8(*code, into);
    return 6;
  }
  if (rest.substr(6, 2) != "\\u") return std::nullopt;
  const std::optional<uint32_t> low = four_hex(rest.substr(8));
  if (!low || *low < 0xDC00 || *low >= 0xE000) return std::nullopt;
  append_utf8(0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00), into);
  return 12;
}

std::string_view JsonCursor::number() {
  const size_t begin = at_;
  const auto digits = [this] {
    const size_t first = at_;
    while (at_ < json_.size() && is_digit(json_[at_])) ++at_;
    return at_ - first;
  };
  const auto is = [this](char c) { return at_ < json_.size() && json_[at_] == c; };
  if (is('-')) ++at_;
  const bool zero = is('0');
  const size_t whole = digits();
  bool good = whole > 0 && !(zero && whole > 1);
  if (good && is('.')) {
    ++at_;
    good = digits() > 0;
  }
  if (good && (is('e') || is('E'))) {
    ++at_;
    if (is('+') || is('-')) ++at_;
    good = digits() > 0;
  }
  if (!good) no_json();
  return json_.substr(begin, at_ - begin);
}

void JsonCursor::word(std::string_view expected) {
  if (json_.substr(at_, expected.size()) != expected) return no_json();
  at_ += expected.size();
}

std::optional<std::string_view> JsonCursor::text() {
  if (!is_good()) return std::nullopt;
  const char c = peek();
  if (c != '"' && c != '-' && !is_digit(c)) {
    skip();
    return std::nullopt;
  }
  const std::string_view found = c == '"' ? string(unescaped_) : number();
  return is_good() ? std::optional(found) : std::nullopt;
}

void JsonCursor::skip() {
  if (!is_good()) return;
  switch (const char c = peek(); c) {
    case '{': return object([this](std::string_view) { skip(); });
    case '[': return array([this] { skip(); });
    case '"': string(unescaped_); return;
    case 't': return word("true");
    case 'f': return word("false");
    case 'n': return word("null");
    default:
      if (c == '-' || is_digit(c)) {
        number();
      } else {
        no_json();
      }
  }
}

}  // namespace autoscaler
