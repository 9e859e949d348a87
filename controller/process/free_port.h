#pragma once

#include "base/result.h"

#include <cstdint>
#include <set>
#include <string>

namespace autoscaler {

// The first port after `last_used` (wrapping round) of [first, last] that is not in `ours` and that
// can be bound at `host` now. Going round, and not back to the lowest, keeps a port that only its
// command cannot bind from being given out again and again.
// Errors: kExhausted, with how many are ours and how many others'; kInvalid host.
Result<uint16_t> choose_free_port(const std::string& host, uint16_t first, uint16_t last,
                                  uint16_t last_used, const std::set<uint16_t>& ours);

}  // namespace autoscaler
