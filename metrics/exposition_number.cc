#include "metrics/exposition_number.h"

#include "metrics/sixteen_bytes.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <system_error>

namespace autoscaler {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Of a number whose from_chars said "out of range": whether it is too small rather than too large.
// The place of its first digit that counts tells: 0.00123e5 has it at 5 - 3.
bool is_tiny(const char* at, const char* stop) {
  int64_t place = 0;
  bool point = false;
  bool counts = false;
  for (; at != stop && (*at | 0x20) != 'e'; ++at) {
    if (*at == '.') point = true;
    if (!is_digit(*at)) continue;
    counts = counts || *at != '0';
    if (counts && !point) ++place;
    if (!counts && point) --place;
  }
  if (at == stop) return place <= 0;
  ++at;
  const bool negative = *at == '-';
  if (*at == '-' || *at == '+') ++at;
  constexpr int64_t kEnough = int64_t{1} << 40;  // longer than any page's digits
  int64_t exponent = 0;
  for (; at != stop; ++at) exponent = exponent < kEnough ? 10 * exponent + (*at - '0') : exponent;
  return place + (negative ? -exponent : exponent) <= 0;
}

constexpr uint64_t kZeros = 0x3030303030303030;

// 0 to 8 digits; 8 bytes can be read. Each step adds up neighbours: digits to pairs, pairs to
// fours, fours to the eight.
uint64_t eight_digits(const char* at, size_t size) {
  if (size == 0) return 0;
  uint64_t digits = 0;
  std::memcpy(&digits, at, 8);
  digits = (digits ^ kZeros) << (64 - 8 * size);  // the first digit is the lowest byte
  digits = digits * 10 + (digits >> 8);
  return (((digits & 0x000000ff000000ff) * 0x000f424000000064) +
          (((digits >> 16) & 0x000000ff000000ff) * 0x0000271000000001)) >>
         32;
}

// 0 to 16 digits; 8 bytes can be read behind the last one.
uint64_t sixteen_digits(const char* at, size_t size) {
  if (size <= 8) return eight_digits(at, size);
  return eight_digits(at, size - 8) * 100'000'000 + eight_digits(at + size - 8, 8);
}

constexpr std::array<uint64_t, 16> make_whole_powers() {
  std::array<uint64_t, 16> powers{1};
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = 10 * powers[i - 1];
  return powers;
}
constexpr std::array<uint64_t, 16> kWholePowers = make_whole_powers();

// The powers of ten that a double holds exactly.
constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                              1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                              1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// digits * 10^power, where both are exact doubles: then one operation rounds once, correctly
// (Clinger, "How to read floating point numbers accurately", 1990).
bool scaled(uint64_t digits, int power, double& value) {
  if (digits > (uint64_t{1} << 53) || power > 22 || power < -22) return false;
  const auto exact = static_cast<double>(static_cast<int64_t>(digits));
  value = power < 0 ? exact / kPowers[-power] : exact * kPowers[power];
  return true;
}

// "e+09" to 9; false for other forms than one or two digits with a sign or without.
bool read_exponent(const char* at, size_t size, int& exponent) {
  ++at, --size;
  const bool negative = size > 0 && *at == '-';
  if (size > 0 && (*at == '-' || *at == '+')) ++at, --size;
  if (size == 0 || size > 2 || !is_digit(at[0]) || !is_digit(at[size - 1])) return false;
  exponent = size == 1 ? at[0] - '0' : (at[0] - '0') * 10 + (at[1] - '0');
  if (negative) exponent = -exponent;
  return true;
}

}  // namespace

DecimalRead read_decimal(const char* at, const char* end, double& value) {
  const bool negative = at != end && *at == '-';
  if (at != end && (*at == '+' || *at == '-')) ++at;
  // from_chars takes a sign of its own, and the words inf and nan.
  if (at == end || (!is_digit(*at) && *at != '.')) return {at, DecimalFault::kNoNumber};
  const auto [stop, error] = std::from_chars(at, end, value);
  if (error == std::errc::invalid_argument) return {at, DecimalFault::kNoNumber};
  if (error == std::errc::result_out_of_range) {
    if (!is_tiny(at, stop)) return {stop, DecimalFault::kTooLarge};
    value = 0;
  }
  if (negative) value = -value;
  return {stop, DecimalFault::kNone};
}

const char* read_integer(const char* at, const char* end, int64_t& value) {
  // from_chars knows '-' but not '+'.
  if (at != end && *at == '+' && ++at != end && *at == '-') return nullptr;
  const auto [stop, error] = std::from_chars(at, end, value);
  return error == std::errc() ? stop : nullptr;
}

bool read_plain_decimal(const char* at, size_t size, double& value) {
  if constexpr (!kSixteenBytes || std::endian::native != std::endian::little) return false;
  if (size == 0 || size > 17) return false;
  const bool negative = *at == '-';
  if (negative) ++at, --size;
  if (size == 0 || size > 16) return false;
  const uint32_t others = non_digits(at) & ((1u << size) - 1);
  uint64_t digits = 0;
  if (others == 0) {
    digits = sixteen_digits(at, size);
    if (!scaled(digits, 0, value)) return false;
  } else {
    const auto whole = static_cast<size_t>(std::countr_zero(others));
    size_t mantissa = whole;  // its length
    size_t fraction = 0;
    uint32_t rest = others;
    if (at[whole] == '.') {
      rest &= rest - 1;
      mantissa = rest == 0 ? size : static_cast<size_t>(std::countr_zero(rest));
      fraction = mantissa - whole - 1;
      if (mantissa < 2) return false;
      digits = sixteen_digits(at, whole) * kWholePowers[fraction] +
               sixteen_digits(at + whole + 1, fraction);
    } else {
      if (whole == 0) return false;
      digits = sixteen_digits(at, whole);
    }
    int exponent = 0;
    if (rest != 0) {
      if (at[mantissa] != 'e' && at[mantissa] != 'E') return false;
      if (!read_exponent(at + mantissa, size - mantissa, exponent)) return false;
    }
    if (!scaled(digits, exponent - static_cast<int>(fraction), value)) return false;
  }
  if (negative) value = -value;
  return true;
}

}  // namespace autoscaler
