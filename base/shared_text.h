#pragma once

#include "base/shared.h"

#include <compare>
#include <ostream>
#include <string>
#include <string_view>

namespace autoscaler {

// Of an empty one. Not within the class's function, which would have to guard its first use.
inline const std::string kNoText;

// A text that copies share and nobody changes: the name of a pod stands in half a dozen lists, for
// thousands of them. It reads as the std::string that it holds.
class SharedText {
 public:
  SharedText() = default;
  SharedText(std::string text) : text_(text.empty() ? Shared<std::string>() : std::move(text)) {}
  SharedText(std::string_view text) : SharedText(std::string(text)) {}
  SharedText(const char* text) : SharedText(std::string(text)) {}

  const std::string& str() const { return text_ ? *text_ : kNoText; }
  operator const std::string&() const { return str(); }
  operator std::string_view() const { return str(); }
  bool empty() const { return !text_; }
  size_t size() const { return str().size(); }

  // At rest those that are compared are copies of one another.
  friend bool operator==(const SharedText& a, const SharedText& b) {
    return a.text_.get() == b.text_.get() || a.str() == b.str();
  }
  friend bool operator==(const SharedText& a, std::string_view b) { return a.str() == b; }
  friend bool operator==(const SharedText& a, const std::string& b) { return a.str() == b; }
  friend bool operator==(const SharedText& a, const char* b) { return a.str() == b; }
  friend std::strong_ordering operator<=>(const SharedText& a, const SharedText& b) {
    if (a.text_.get() == b.text_.get()) return std::strong_ordering::equal;
    return a.str() <=> b.str();
  }
  friend std::string operator+(std::string a, const SharedText& b) {
    return std::move(a) + b.str();
  }
  friend std::string operator+(const SharedText& a, std::string_view b) {
    return a.str() + std::string(b);
  }
  friend std::ostream& operator<<(std::ostream& out, const SharedText& text) {
    return out << text.str();
  }

 private:
  Shared<std::string> text_;
};

}  // namespace autoscaler
