#pragma once

#include "base/result.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace autoscaler {

// A gzip file (RFC 1952) inflated, all of its members one after another. Never inflates more than
// `cap` bytes and one, whatever the input claims, and takes memory as it goes. Errors: kTooLarge
// where it is more; kInvalid: not gzip, broken, cut short, or followed by anything else;
// kExhausted: zlib has no memory.
Result<std::string> gunzip(std::string_view compressed, size_t cap);

}  // namespace autoscaler
