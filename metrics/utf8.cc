#include "metrics/utf8.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace autoscaler {
namespace {

// The second byte's range is what excludes overlong forms (E0, F0), surrogates (ED) and code
// points past the last one (F4); Unicode 15, table 3-7.
struct Sequence {
  size_t length;  // 0: cannot start a character
  uint8_t second_low;
  uint8_t second_high;
};

Sequence sequence_of(uint8_t lead) {
  if (lead < 0x80) return {1, 0, 0};
  if (lead < 0xc2) return {0, 0, 0};
  if (lead < 0xe0) return {2, 0x80, 0xbf};
  if (lead == 0xe0) return {3, 0xa0, 0xbf};
  if (lead == 0xed) return {3, 0x80, 0x9f};
  if (lead < 0xf0) return {3, 0x80, 0xbf};
  if (lead == 0xf0) return {4, 0x90, 0xbf};
  if (lead < 0xf4) return {4, 0x80, 0xbf};
  if (lead == 0xf4) return {4, 0x80, 0x8f};
  return {0, 0, 0};
}

}  // namespace

bool is_utf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    // Eight of ASCII at once: most of what is read is nothing else.
    if (uint64_t eight; text.size() - i >= sizeof(eight)) {
      std::memcpy(&eight, text.data() + i, sizeof(eight));
      if ((eight & 0x8080808080808080) == 0) {
        i += sizeof(eight);
        continue;
      }
    }
    const Sequence sequence = sequence_of(static_cast<uint8_t>(text[i]));
    if (sequence.length == 0 || sequence.length > text.size() - i) return false;
    for (size_t k = 1; k < sequence.length; ++k) {
      const auto byte = static_cast<uint8_t>(text[i + k]);
      const uint8_t low = k == 1 ? sequence.second_low : 0x80;
      const uint8_t high = k == 1 ? sequence.second_high : 0xbf;
      if (byte < low || byte > high) return false;
    }
    i += sequence.length;
  }
  return true;
}

}  // namespace autoscaler
