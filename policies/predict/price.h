#pragma once

#include "policies/forecast/conformal.h"

#include <cstdint>

namespace autoscaler {

// How many instances are worth their money. `price` is what a violating minute costs, in minutes of
// the whole service as it usually is: with 3, one bad minute is as dear as 3 minutes of all
// instances. Sought is the n with the least
//
//   n + price * usual_size * P(the highest load is more than n instances can serve)
//
// Because a violation costs the same however large it is, this is no fixed quantile: where the tail
// is thin it goes far out, where it is heavy it stops early. The probability comes from the
// forecast's quantiles, exponential between them and beyond the last.
// `most` instances at the most, 1 at the least.
int32_t instances_worth(const QuantileValues& highest, double rate_per_instance, double usual_size,
                        double price, int32_t most = 1'000'000);

// P(the highest load > load).
double chance_above(const QuantileValues& highest, double load);

}  // namespace autoscaler
