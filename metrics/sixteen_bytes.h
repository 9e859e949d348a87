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

// One bit for each of the 16 bytes that is not in [a-zA-Z0-9_:].
inline uint32_t non_name_bytes(const char* at) {
  const __m128i bytes = load_16(at);
  const __m128i letters =
      _mm_sub_epi8(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
  const __m128i digits = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));  // and the colon behind the 9
  const __m128i good =
      _mm_or_si128(_mm_cmpeq_epi8(letters, _mm_min_epu8(letters, _mm_set1_epi8(25))),
                   _mm_or_si128(_mm_cmpeq_epi8(digits, _mm_min_epu8(digits, _mm_set1_epi8(10))),
                                _mm_cmpeq_epi8(bytes, _mm_set1_epi8('_'))));
  return mask_of(good) ^ 0xffff;
}

// One bit for each of the 16 bytes that is a quote, a backslash or a control character.
inline uint32_t text_ends(const char* at) {
  const __m128i bytes = load_16(at);
  const __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_min_epu8(bytes, _mm_set1_epi8(0x1f))),
                                    _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                                 _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
  return mask_of(ends);
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

inline uint32_t non_name_bytes(const char*) {
  return 0xffff;
}

inline uint32_t text_ends(const char*) {
  return 0xffff;
}

inline bool same_bytes(const char* a, const char* b, size_t size) {
  return std::memcmp(a, b, size) == 0;
}

#endif

}  // namespace autoscaler
