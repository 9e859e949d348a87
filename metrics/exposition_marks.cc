#include "metrics/exposition_marks.h"

#include "metrics/sixteen_bytes.h"

#include <bit>

#ifdef __SSE2__
#include <immintrin.h>
#endif

namespace autoscaler {
namespace {

struct BlockBits {
  uint64_t marks = 0;  // bit i: byte i is a mark
  uint64_t high = 0;   // not 0: some byte has its high bit set
};

// Writes where the marks are; how many there are.
[[gnu::always_inline]] inline size_t write_marks(uint64_t marks, size_t base, uint16_t* out) {
  const auto count = std::popcount(marks);
  // Eight at a time: a loop that stops at each block's own count is mispredicted at each block.
  for (int done = 0; done < count; done += 8) {
    for (int k = 0; k < 8; ++k) {
      out[done + k] = static_cast<uint16_t>(base + static_cast<size_t>(std::countr_zero(marks)));
      marks &= marks - 1;
    }
  }
  return static_cast<size_t>(count);
}

#ifdef __SSE2__

inline BlockBits block_bits(const char* block) {
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

#define AUTOSCALER_AVX2 [[gnu::target("avx2,bmi,popcnt")]]

// Half a block.
AUTOSCALER_AVX2 inline uint32_t marks_avx2(__m256i bytes) {
  const __m256i quotes = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"'));
  const __m256i escapes = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'));
  const __m256i newlines = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\n'));
  const __m256i marks = _mm256_or_si256(_mm256_or_si256(quotes, escapes), newlines);
  return static_cast<uint32_t>(_mm256_movemask_epi8(marks));
}

// The same with what nearly every x86-64 since 2015 has: 32 bytes at once, and instructions that
// count and clear bits.
AUTOSCALER_AVX2 size_t find_avx2(const char* stretch, size_t size, uint16_t* out, bool& ascii) {
  size_t count = 0;
  __m256i all = _mm256_setzero_si256();
  for (size_t base = 0; base < size; base += ExpositionMarks::kBlock) {
    const auto* const block = reinterpret_cast<const __m256i*>(stretch + base);
    const __m256i low = _mm256_loadu_si256(block);
    const __m256i high = _mm256_loadu_si256(block + 1);
    all = _mm256_or_si256(all, _mm256_or_si256(low, high));
    const uint64_t marks = marks_avx2(low) | uint64_t{marks_avx2(high)} << 32;
    count += write_marks(marks, base, out + count);
  }
  ascii = _mm256_movemask_epi8(all) == 0;
  return count;
}

bool has_avx2() {
  static const bool has = __builtin_cpu_supports("avx2") != 0 &&
                          __builtin_cpu_supports("bmi") != 0 &&
                          __builtin_cpu_supports("popcnt") != 0;
  return has;
}

#else

inline BlockBits block_bits(const char* block) {
  BlockBits bits;
  for (size_t i = 0; i < ExpositionMarks::kBlock; ++i) {
    const char c = block[i];
    bits.marks |= uint64_t{c == '"' || c == '\\' || c == '\n'} << i;
    bits.high |= static_cast<uint8_t>(c) & 0x80;
  }
  return bits;
}

#endif

size_t find_anywhere(const char* stretch, size_t size, uint16_t* out, bool& ascii) {
  size_t count = 0;
  uint64_t high = 0;
  for (size_t base = 0; base < size; base += ExpositionMarks::kBlock) {
    const BlockBits bits = block_bits(stretch + base);
    high |= bits.high;
    count += write_marks(bits.marks, base, out + count);
  }
  ascii = high == 0;
  return count;
}

}  // namespace

void ExpositionMarks::find(const char* stretch, size_t size) {
  stretch_ = stretch;
#ifdef __SSE2__
  if (has_avx2()) {
    count_ = find_avx2(stretch, size, marks_.data(), ascii_);
    return;
  }
#endif
  count_ = find_anywhere(stretch, size, marks_.data(), ascii_);
}

}  // namespace autoscaler
