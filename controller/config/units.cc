#include "controller/config/units.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace autoscaler {
namespace {

Error wrong(std::string message) {
  return Error{Code::kInvalid, std::move(message)};
}

// 0:0::1 is ::1, so that equal addresses are equal texts.
std::optional<std::string> usual_address(int family, const std::string& text) {
  in6_addr address{};  // large enough for either
  if (inet_pton(family, text.c_str(), &address) != 1) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> usual{};
  CHECK(inet_ntop(family, &address, usual.data(), usual.size()) != nullptr);
  return usual.data();
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// How many characters at the start of `text` are a plain decimal: -12, 0.5, .5.
size_t decimal_length(std::string_view text) {
  size_t i = 0;
  if (i < text.size() && text[i] == '-') ++i;
  const size_t first = i;
  size_t digits = 0;
  bool point = false;
  while (i < text.size() && (is_digit(text[i]) || (text[i] == '.' && !point))) {
    if (text[i] == '.')
      point = true;
    else
      ++digits;
    ++i;
  }
  return digits == 0 || i == first ? 0 : i;
}

// `decimal` x 10^exponent, rounded once: 0.1% is exactly the double nearest to 0.001.
std::optional<double> scaled(std::string_view decimal, int exponent) {
  const std::string text = std::string(decimal) + "e" + std::to_string(exponent);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

struct TimeUnit {
  std::string_view name;
  int64_t milliseconds;
};
constexpr std::array<TimeUnit, 5> kTimeUnits = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr int64_t kLongestMilliseconds = int64_t{3650} * 86'400'000;

struct Suffix {
  std::string_view name;
  int decimal_exponent;
  double factor;
};
constexpr std::array<Suffix, 14> kSuffixes = {{{"Ki", 0, 0x1p10},
                                               {"Mi", 0, 0x1p20},
                                               {"Gi", 0, 0x1p30},
                                               {"Ti", 0, 0x1p40},
                                               {"Pi", 0, 0x1p50},
                                               {"n", -9, 1},
                                               {"u", -6, 1},
                                               {"m", -3, 1},
                                               {"k", 3, 1},
                                               {"M", 6, 1},
                                               {"G", 9, 1},
                                               {"T", 12, 1},
                                               {"P", 15, 1},
                                               {"", 0, 1}}};

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  if (text == "0") return Duration{0};
  if (text.empty()) return wrong("it is empty");
  if (text.front() == '-') return wrong("it is negative");
  double total = 0;
  size_t smallest = 0;  // index into kTimeUnits, so that 30m1h is refused
  for (std::string_view rest = text; !rest.empty();) {
    const size_t length = decimal_length(rest);
    if (length == 0 || rest.front() == '-') return wrong("it is not a number with a unit");
    const auto number = scaled(rest.substr(0, length), 0);
    if (!number) return wrong("the number is too large");
    rest.remove_prefix(length);
    size_t unit_length = 0;
    while (unit_length < rest.size() && !is_digit(rest[unit_length]) && rest[unit_length] != '.') {
      ++unit_length;
    }
    const std::string_view unit = rest.substr(0, unit_length);
    if (unit.empty())
      return wrong("it has no unit, as in " + std::string(text) + "s or " + std::string(text) +
                   "ms");
    size_t index = smallest;
    while (index < kTimeUnits.size() && kTimeUnits[index].name != unit) ++index;
    if (index == kTimeUnits.size()) {
      return wrong("its unit '" + std::string(unit) +
                   "' is unknown or out of order: units are d, h, m, s, ms, the largest first");
    }
    total += *number * static_cast<double>(kTimeUnits[index].milliseconds);
    smallest = index + 1;
    rest.remove_prefix(unit_length);
  }
  if (total > static_cast<double>(kLongestMilliseconds)) return wrong("it is longer than 3650d");
  const double whole = std::round(total);
  if (std::abs(total - whole) > 1e-6) return wrong("it is finer than a millisecond");
  return Duration{static_cast<int64_t>(whole)};
}

std::string format_duration(Duration duration) {
  int64_t rest = duration.count();
  if (rest == 0) return "0s";
  std::string text;
  for (const TimeUnit& unit : kTimeUnits) {
    if (rest / unit.milliseconds == 0) continue;
    text += std::to_string(rest / unit.milliseconds) + std::string(unit.name);
    rest %= unit.milliseconds;
  }
  return text;
}

Result<double> parse_ratio(std::string_view text) {
  const bool percent = !text.empty() && text.back() == '%';
  const std::string_view decimal = percent ? text.substr(0, text.size() - 1) : text;
  const auto value = scaled(decimal, percent ? -2 : 0);
  if (decimal.empty() || decimal_length(decimal) != decimal.size() || !value) {
    return wrong("it is not a ratio");
  }
  if (!percent && *value > 1) {
    return wrong("without % it would be " + format_number(*value * 100) + " %: write " +
                 std::string(text) + "%");
  }
  return *value;
}

Result<double> parse_quantity(std::string_view text) {
  const size_t length = decimal_length(text);
  if (length == 0) return wrong("it is not a number");
  const std::string_view suffix = text.substr(length);
  for (const Suffix& known : kSuffixes) {
    if (known.name != suffix) continue;
    const auto value = scaled(text.substr(0, length), known.decimal_exponent);
    if (!value || !std::isfinite(*value * known.factor)) return wrong("the number is too large");
    return *value * known.factor;
  }
  if (suffix == "%") return wrong("it is a percentage, and here a plain quantity is needed");
  return wrong("its suffix '" + std::string(suffix) +
               "' is unknown: suffixes are m, k, M, G, T, P, Ki, Mi, Gi, Ti, Pi");
}

Result<double> parse_rate(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return parse_quantity(text);
  const std::string_view per = text.substr(slash + 1);
  const double seconds = per == "s" ? 1 : per == "m" ? 60 : per == "h" ? 3600 : 0;
  if (seconds == 0) {
    return wrong("'/" + std::string(per) + "' is unknown: a rate is per /s, /m or /h");
  }
  auto value = parse_quantity(text.substr(0, slash));
  if (!value.ok()) return value;
  return *value / seconds;
}

Result<int64_t> parse_integer(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  const std::string_view digits = text.substr(negative ? 1 : 0);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) return wrong("the number is too large");
  if (error != std::errc() || end != text.data() + text.size()) {
    return wrong("it is not a whole number");
  }
  if (digits.size() > 1 && digits.front() == '0') {
    return wrong("a leading 0 means octal to some readers: write " + std::to_string(value));
  }
  return value;
}

Result<SizeChange> parse_size_change(std::string_view text) {
  SizeChange change;
  if (!text.empty() && text.back() == '%') {
    const std::string_view decimal = text.substr(0, text.size() - 1);
    const auto percent = scaled(decimal, 0);
    if (decimal_length(decimal) != decimal.size() || !percent) return wrong("it is no percentage");
    if (*percent <= 0 || *percent > 1000) return wrong("it is not above 0% and up to 1000%");
    change.percent = *percent;
    return change;
  }
  const auto instances = parse_integer(text);
  if (!instances.ok()) return instances.error();
  if (*instances < 1 || *instances > 100'000) return wrong("it is not from 1 to 100000");
  change.instances = static_cast<int32_t>(*instances);
  return change;
}

Result<PortRange> parse_port_range(std::string_view text) {
  const size_t dash = text.find('-');
  const auto first = parse_integer(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_integer(text.substr(dash + 1));
  if (!first.ok() || !last.ok()) return wrong("it is not a range of ports");
  if (*first < 1 || *last < 1 || *first > 65535 || *last > 65535) {
    return wrong("ports go from 1 to 65535");
  }
  if (*first > *last) {
    return wrong("it runs backwards: write " + std::to_string(*last) + "-" +
                 std::to_string(*first));
  }
  return PortRange{static_cast<uint16_t>(*first), static_cast<uint16_t>(*last)};
}

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong("it has no port");
  const auto port = parse_integer(text.substr(colon + 1));
  if (!port.ok() || *port < 0 || *port > 65535) return wrong("its port is not from 0 to 65535");
  std::string host(text.substr(0, colon));
  if (host.empty()) return ListenAddress{"::", static_cast<uint16_t>(*port)};
  if (host == "localhost") host = "127.0.0.1";
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto address = usual_address(bracketed ? AF_INET6 : AF_INET, host);
  if (!address) {
    return wrong("'" + host + "' is not an IP address (IPv6 goes in brackets: [::1]:8080)");
  }
  return ListenAddress{*address, static_cast<uint16_t>(*port)};
}

Result<std::string> parse_instance_host(std::string_view text) {
  const std::string host(text == "localhost" ? "127.0.0.1" : text);
  const auto address =
      usual_address(host.find(':') == std::string::npos ? AF_INET : AF_INET6, host);
  if (!address) {
    return wrong("it is not an IP address, and names are not looked up (IPv6 goes without [ ])");
  }
  if (*address == "0.0.0.0" || *address == "::") {
    return wrong("it stands for every address, and instances are reached at one");
  }
  return *address;
}

std::string format_number(double value) {
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  CHECK(error == std::errc());
  return std::string(buffer.data(), end);
}

}  // namespace autoscaler
