#include "metrics/exposition_marks.h"

#include "metrics/sixteen_bytes.h"

#include <bit>

namespace autoscaler {
namespace {

struct BlockBits {
  uint64_t marks = 0;  // bit i: byte i is a mark
  uint64_t high = 0;   // not 0: some byte has its high bit set
};

#ifdef __SSE2__

BlockBits block_bits(const char* block) {
  BlockBits bits;
  __m128i all = _mm_setzero_si128();
  for (size_t i = 0; i < ExpositionMarks::kBlock; i += 16) {
    const __m128i bytes = load_16(block + i);
    all = _mm_or_si128(all, bytes);
    const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    const __m128i escapes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    const __m128i newlines = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'));
    const __m128i marks = _mm_or_si128(_mm_or_si128(quotes, escapes), newlines);
    bits.marks |= uint64_t{mask_of(marks)} << i;
  }
  bits.high = mask_of(all);
  return bits;
}

#else

BlockBits block_bits(const char* block) {
  BlockBits bits;
  for (size_t i = 0; i < ExpositionMarks::kBlock; ++i) {
    const char c = block[i];
    bits.marks |= uint64_t{c == '"' || c == '\\' || c == '\n'} << i;
    bits.high |= static_cast<uint8_t>(c) & 0x80;
  }
  return bits;
}

#endif

}  // namespace

void ExpositionMarks::find(const char* stretch, size_t size) {
  stretch_ = stretch;
  uint16_t* out = marks_.data();
  uint64_t high = 0;
  for (size_t base = 0; base < size; base += kBlock) {
    const BlockBits bits = block_bits(stretch + base);
    high |= bits.high;
    uint64_t left = bits.marks;
    const auto count = std::popcount(left);
    // Eight at a time: a loop that stops at each block's own count is mispredicted at each block.
    for (int done = 0; done < count; done += 8) {
      for (int k = 0; k < 8; ++k) {
        out[done + k] = static_cast<uint16_t>(base + static_cast<size_t>(std::countr_zero(left)));
        left &= left - 1;
      }
    }
    out += count;
  }
  count_ = static_cast<size_t>(out - marks_.data());
  ascii_ = high == 0;
}

}  // namespace autoscaler
