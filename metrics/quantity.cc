#include "metrics/quantity.h"

#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <optional>

namespace autoscaler {
namespace {

// Wide enough for 2^63 units of 1 Ei with room to see the overflow.
__extension__ using Wide = __int128;
constexpr Wide kMostMilli = std::numeric_limits<int64_t>::max();

struct Suffix {
  std::string_view text;
  int base;
  int power;
};
constexpr std::array<Suffix, 16> kSuffixes{{{"Ki", 1024, 1},
                                            {"Mi", 1024, 2},
                                            {"Gi", 1024, 3},
                                            {"Ti", 1024, 4},
                                            {"Pi", 1024, 5},
                                            {"Ei", 1024, 6},
                                            {"n", 10, -9},
                                            {"u", 10, -6},
                                            {"m", 10, -3},
                                            {"", 10, 0},
                                            {"k", 10, 3},
                                            {"M", 10, 6},
                                            {"G", 10, 9},
                                            {"T", 10, 12},
                                            {"P", 10, 15},
                                            {"E", 10, 18}}};

Error not_a_quantity(std::string_view text) {
  return {Code::kInvalid, "\"" + std::string(text) +
                              "\" is not a quantity; write a number with an optional suffix, such "
                              "as 250m, 2, 1.5Gi or 12e6"};
}

Error too_large(std::string_view text) {
  return {Code::kTooLarge,
          "\"" + std::string(text) +
              "\" is past 9223372036854775.807, the largest quantity that is exact "
              "in thousandths"};
}

Error not_a_duration(std::string_view text) {
  return {Code::kInvalid, "\"" + std::string(text) +
                              "\" is not a duration; write numbers with units, such as 30s, 1m30s, "
                              "500ms or 1.5h"};
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The digits before and after the point as one whole number, times 10^-fraction.
struct Digits {
  Wide mantissa = 0;
  int fraction = 0;
  bool inexact = false;  // digits were cut off: the value is a little larger
  bool too_large = false;
};

// Reads [digits][.digits] from the front of `text`.
std::optional<Digits> take_digits(std::string_view& text) {
  Digits digits;
  size_t seen = 0;
  bool point = false;
  for (; !text.empty(); text.remove_prefix(1)) {
    const char c = text.front();
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (!is_digit(c)) break;
    ++seen;
    // Past 24 digits only "is there more" matters: a fraction so fine is rounded away.
    if (point && (digits.fraction >= 24 || digits.mantissa > kMostMilli)) {
      digits.inexact = digits.inexact || c != '0';
      continue;
    }
    if (digits.mantissa > kMostMilli) {
      digits.too_large = true;
      continue;
    }
    digits.mantissa = digits.mantissa * 10 + (c - '0');
    if (point) ++digits.fraction;
  }
  if (seen == 0) return std::nullopt;
  return digits;
}

// The exponent of ten or the power of 1024 that follows the digits.
std::optional<Suffix> take_suffix(std::string_view text) {
  for (const Suffix& suffix : kSuffixes) {
    if (text == suffix.text) return suffix;
  }
  if (text.size() < 2 || (text[0] != 'e' && text[0] != 'E')) return std::nullopt;
  std::string_view exponent = text.substr(1);
  if (exponent.front() == '+') {
    exponent.remove_prefix(1);
    if (exponent.empty() || !is_digit(exponent.front())) return std::nullopt;
  }
  int power = 0;
  const auto [end, error] =
      std::from_chars(exponent.data(), exponent.data() + exponent.size(), power);
  if (error != std::errc() || end != exponent.data() + exponent.size()) return std::nullopt;
  return Suffix{text, 10, power};
}

}  // namespace

Result<int64_t> parse_milli_quantity(std::string_view text) {
  std::string_view rest = text;
  bool negative = false;
  if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) {
    negative = rest.front() == '-';
    rest.remove_prefix(1);
  }
  const std::optional<Digits> digits = take_digits(rest);
  const std::optional<Suffix> suffix = digits ? take_suffix(rest) : std::nullopt;
  if (!suffix) return not_a_quantity(text);

  if (digits->too_large) return too_large(text);
  Wide milli = digits->mantissa;
  bool inexact = digits->inexact;
  int64_t tens = 3 - digits->fraction + (suffix->base == 10 ? int64_t{suffix->power} : 0);
  // Dividing first would lose digits: 1.5Gi is 15 x 1024^3 / 10.
  for (int i = 0; suffix->base == 1024 && i < suffix->power; ++i) milli *= 1024;
  for (; tens > 0 && milli != 0; --tens) {
    if (milli > kMostMilli) return too_large(text);
    milli *= 10;
  }
  for (; tens < 0 && milli > kMostMilli; ++tens) {
    inexact = inexact || milli % 10 != 0;
    milli /= 10;
  }
  for (auto small = static_cast<uint64_t>(milli); tens < 0 && small != 0; ++tens) {
    inexact = inexact || small % 10 != 0;
    milli = small /= 10;
  }
  if (inexact) ++milli;
  if (milli > kMostMilli) return too_large(text);
  const auto result = static_cast<int64_t>(milli);
  return negative ? -result : result;
}

std::string format_milli_quantity(int64_t milli) {
  if (milli == 0) return "0";
  static constexpr std::array<const char*, 8> kNames{"m", "", "k", "M", "G", "T", "P", "E"};
  size_t thousands = 0;
  while (milli % 1000 == 0 && thousands + 1 < kNames.size()) {
    milli /= 1000;
    ++thousands;
  }
  return std::to_string(milli) + kNames[thousands];
}

Result<Duration> parse_go_duration(std::string_view text) {
  std::string_view rest = text;
  bool negative = false;
  if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) {
    negative = rest.front() == '-';
    rest.remove_prefix(1);
  }
  if (rest == "0") return Duration{0};
  if (rest.empty()) return not_a_duration(text);

  struct Unit {
    std::string_view text;
    int64_t nanoseconds;
  };
  static constexpr std::array<Unit, 8> kUnits{{{"ns", 1},
                                               {"us", 1'000},
                                               {"\u00b5s", 1'000},
                                               {"\u03bcs", 1'000},
                                               {"ms", 1'000'000},
                                               {"s", 1'000'000'000},
                                               {"m", 60'000'000'000},
                                               {"h", 3'600'000'000'000}}};
  Wide nanoseconds = 0;
  while (!rest.empty()) {
    std::optional<Digits> digits = take_digits(rest);
    if (!digits || digits->too_large) return not_a_duration(text);
    size_t length = 0;
    while (length < rest.size() && !is_digit(rest[length]) && rest[length] != '.') ++length;
    const Unit* unit = nullptr;
    for (const Unit& candidate : kUnits) {
      if (candidate.text == rest.substr(0, length)) unit = &candidate;
    }
    if (unit == nullptr) return not_a_duration(text);
    rest.remove_prefix(length);
    Wide part = digits->mantissa * unit->nanoseconds;
    for (; digits->fraction > 0; --digits->fraction) part /= 10;
    nanoseconds += part;
    if (nanoseconds > kMostMilli) return not_a_duration(text);  // 292 years, as in Go
  }
  const auto milliseconds = static_cast<int64_t>(nanoseconds / 1'000'000);
  return Duration{negative ? -milliseconds : milliseconds};
}

std::string format_go_duration(Duration duration) {
  const int64_t count = duration.count();
  // In the negative, where the whole range has a place.
  const int64_t whole = count / 1000;
  const int64_t thousandths = std::abs(count % 1000);
  std::string text = count < 0 && whole == 0 ? "-0" : std::to_string(whole);
  if (thousandths != 0) {
    std::string digits = std::to_string(1000 + thousandths).substr(1);
    while (digits.back() == '0') digits.pop_back();
    text += "." + digits;
  }
  return text + "s";
}

}  // namespace autoscaler
