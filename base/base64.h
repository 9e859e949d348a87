#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace autoscaler {

// RFC 4648, section 4, with padding: "user:pass" is "dXNlcjpwYXNz".
inline std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view group = bytes.substr(i, 3);
    uint32_t bits = 0;
    for (size_t b = 0; b < 3; ++b) {
      bits = bits << 8 | (b < group.size() ? static_cast<unsigned char>(group[b]) : 0u);
    }
    for (size_t d = 0; d < 4; ++d) {
      text += d <= group.size() ? kDigits[bits >> (18 - 6 * d) & 63] : '=';
    }
  }
  return text;
}

}  // namespace autoscaler
