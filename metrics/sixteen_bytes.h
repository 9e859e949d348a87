#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

// What is done with 16 bytes at once: SSE2, which every x86-64 has. Elsewhere kSixteenBytes is
// false and the callers go byte by byte.
namespace autoscaler {

#ifdef __SSE2__

inline constexpr bool kSixteenBytes = true;

inline __m128i load_16(const char* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

inline uint32_t mask_of(__m128i bytes) {
  return static_cast<uint32_t>(_mm_movemask_epi8(bytes));
}

// One bit for each of the 16 bytes that is no decimal digit.
inline uint32_t non_digits(const char* at) {
  const __m128i digits = _mm_sub_epi8(load_16(at), _mm_set1_epi8('0'));
  const __m128i capped = _mm_min_epu8(digits, _mm_set1_epi8(9));
  return mask_of(_mm_cmpeq_epi8(digits, capped)) ^ 0xffff;
}

// Reads up to 15 bytes behind both texts.
inline bool same_bytes(const char* a, const char* b, size_t size) {
  while (size > 16) {
    if (mask_of(_mm_cmpeq_epi8(load_16(a), load_16(b))) != 0xffff) return false;
    a += 16, b += 16, size -= 16;
  }
  const uint32_t differ = mask_of(_mm_cmpeq_epi8(load_16(a), load_16(b))) ^ 0xffff;
  return (differ & ((1u << size) - 1)) == 0;
}

#else

inline constexpr bool kSixteenBytes = false;

inline uint32_t non_digits(const char*) {
  return 0xffff;
}

inline bool same_bytes(const char* a, const char* b, size_t size) {
  return std::memcmp(a, b, size) == 0;
}

#endif

}  // namespace autoscaler
