#pragma once

#include "base/result.h"
#include "policies/spec.h"
#include "policies/time.h"

#include <cstdint>
#include <string>
#include <string_view>

// Values as people write them. Pure: text in, value or the reason why not out. Every error is a
// sentence that says what is wrong and how it is written right.
namespace autoscaler {

// 30s, 500ms, 5m, 1h30m, 1.5s, 14d: at least one number with a unit (ms, s, m, h, d), whole
// milliseconds, 0 .. 3650 d. A bare number is refused: its unit would be a guess. Also 0.
Result<Duration> parse_duration(std::string_view text);
// The shortest form that parse_duration reads back: 90 min is 1h30m, 0 is 0s.
std::string format_duration(Duration duration);

// 70% or 0.7: both are 0.7. Without % only 0 .. 1, since 70 could mean either.
Result<double> parse_ratio(std::string_view text);

// Kubernetes quantities: 2, 0.5, 250m, 1k, 2Gi. Finite, any sign.
Result<double> parse_quantity(std::string_view text);

// Per second: 120/s, 2k/s, 7200/m, 36000/h, or a bare quantity.
Result<double> parse_rate(std::string_view text);

// Decimal digits, perhaps with a minus: no octal 012, no hex, no 1e3, no 1_000.
Result<int64_t> parse_integer(std::string_view text);

// 2 instances, or 25% of the current size.
Result<SizeChange> parse_size_change(std::string_view text);

// 9000-9099, or one port.
struct PortRange {
  uint16_t first = 0;
  uint16_t last = 0;
};
Result<PortRange> parse_port_range(std::string_view text);

// 127.0.0.1:8080, [::1]:8080, localhost:8080, or :8080 for every IPv4 address. Port 0: any free.
struct ListenAddress {
  std::string address;
  uint16_t port = 0;
};
Result<ListenAddress> parse_listen_address(std::string_view text);

// Where instances are reached: one IP address, in its usual spelling; localhost is 127.0.0.1.
Result<std::string> parse_instance_host(std::string_view text);

// The shortest decimal text that reads back to the same double.
std::string format_number(double value);

}  // namespace autoscaler
