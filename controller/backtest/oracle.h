#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace autoscaler {

// The sizes of somebody who knows the future: never below `needed`, and the least that can be paid
// for that. Every instance is paid from `lead` ticks before it serves until `drain` ticks after.
// Level by level: the i-th instance serves while `needed` is i at least, and is kept over a gap
// that is no longer than starting it again costs. With every level at its own minimum the sum is
// the minimum. What would be paid before the first tick is not. Returns what is paid at each tick.
std::vector<int32_t> oracle_paid(const std::vector<int32_t>& needed, size_t lead, size_t drain);

}  // namespace autoscaler
