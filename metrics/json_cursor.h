#pragma once

#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace autoscaler {

// Reads a JSON document from its front to its end without a tree, and steps over what nobody wants:
// for answers of megabytes of which a few fields are kept. As strict as RFC 8259. Once something is
// wrong nothing more is read, and `end` says what it was.
class JsonCursor {
 public:
  // `json` outlives the cursor.
  explicit JsonCursor(std::string_view json);

  // Calls `member(key)` for each member of the object that stands next, which takes its value by
  // one of these functions. Anything else is stepped over.
  template <typename Member>
  void object(Member member) {
    if (!enter('{')) return;
    for (bool first = true; next_of('}', first); first = false) {
      std::string unescaped;
      const std::string_view name = key(unescaped);
      if (is_good()) member(name);
    }
  }
  // Calls `item()` for each element of the array that stands next, likewise.
  template <typename Item>
  void array(Item item) {
    if (!enter('[')) return;
    for (bool first = true; next_of(']', first); first = false) item();
  }
  // A string, or a number as it is written. nullopt: it was neither, and is stepped over. The text
  // is good until the next call.
  std::optional<std::string_view> text();
  void skip();

  // What the caller finds wrong with the document. The first fault counts.
  void fail(std::string what);
  bool is_good() const { return !fault_; }
  // Whether the whole document was JSON in which nobody found a fault. Errors: kInvalid.
  Status end();

 private:
  bool enter(char open);
  bool next_of(char close, bool first);
  std::string_view key(std::string& unescaped);
  std::string_view string(std::string& unescaped);
  std::optional<size_t> escape(std::string& into);
  std::string_view number();
  void word(std::string_view expected);
  void plain_text();
  void no_json();

  void blanks() {
    const auto is_blank = [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; };
    while (at_ < json_.size() && is_blank(json_[at_])) ++at_;
  }
  // The next character that is no blank; 0 at the end.
  char peek() {
    blanks();
    return at_ < json_.size() ? json_[at_] : '\0';
  }
  bool take(char expected) {
    if (peek() != expected) return false;
    ++at_;
    return true;
  }

  const std::string_view json_;
  size_t at_ = 0;
  int depth_ = 0;
  std::string unescaped_;  // of text()
  std::optional<std::string> fault_;
};

}  // namespace autoscaler
