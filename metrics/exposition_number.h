#pragma once

#include <cstddef>
#include <cstdint>

namespace autoscaler {

enum class DecimalFault { kNone, kNoNumber, kTooLarge };

struct DecimalRead {
  const char* stop;  // behind the number; where there is a fault, meaningless
  DecimalFault fault;
};

// A decimal number, correctly rounded: sign, digits, point, exponent, as Go's ParseFloat takes them
// (where Prometheus lets it: no hexadecimal, no underscores). What is too small becomes 0.
DecimalRead read_decimal(const char* at, const char* end, double& value);

// A whole number with a sign. Null where there is none or where it does not fit.
const char* read_integer(const char* at, const char* end, int64_t& value);

// The same as read_decimal for the `size` characters at `at`, all of them; but at least 32 can be
// read there. False: not one of the usual forms, ask read_decimal.
bool read_plain_decimal(const char* at, size_t size, double& value);

}  // namespace autoscaler
