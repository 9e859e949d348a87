#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace autoscaler {

// RFC 4648, section 4, line ends allowed: "dXNlcjpwYXNz" is "user:pass". nullopt: it is none.
inline std::optional<std::string> unbase64(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  uint32_t bits = 0;
  int held = 0;  // of `bits`
  bool padded = false;
  for (const char c : text) {
    if (c == '\n' || c == '\r') continue;
    padded = padded || c == '=';
    if (c == '=') continue;
    const size_t digit = kDigits.find(c);
    if (padded || digit == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>(bits >> held & 255);
  }
  if (held >= 6) return std::nullopt;
  return bytes;
}

}  // namespace autoscaler
