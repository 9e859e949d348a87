#pragma once

#include <array>
#include <cstdint>
#include <string_view>

// The character classes of the exposition formats, as one table.
namespace autoscaler {

enum CharClass : uint8_t {
  kLabelStart = 1,  // [a-zA-Z_]
  kLabelRest = 2,   // [a-zA-Z0-9_]
  kNameStart = 4,   // [a-zA-Z_:]
  kNameRest = 8,    // [a-zA-Z0-9_:]
  kBlank = 16,      // space, tab
  kValueStop = 32,  // what ends or interrupts a quoted value: " \ and the line's end
};

constexpr std::array<uint8_t, 256> make_char_classes() {
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
inline constexpr std::array<uint8_t, 256> kCharClasses = make_char_classes();

inline bool is(char c, uint8_t classes) {
  return (kCharClasses[static_cast<uint8_t>(c)] & classes) != 0;
}

// The first character at or after `at` that is in none of the classes.
inline const char* skip(const char* at, uint8_t classes) {
  while (is(*at, classes)) ++at;
  return at;
}

// `word` is in lower case.
inline bool equals_ignoring_case(std::string_view text, std::string_view word) {
  if (text.size() != word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    const char c = text[i];
    if ((c >= 'A' && c <= 'Z' ? c | 0x20 : c) != word[i]) return false;
  }
  return true;
}

}  // namespace autoscaler
