#pragma once

#include "policies/signal.h"

#include <string_view>
#include <variant>

namespace autoscaler {

// The number at `pointer` (RFC 6901; "" is the whole document) of a JSON document. A text counts
// where the whole of it is a decimal number ("73.2", not "73.2 %" and not "0x1f"). Otherwise:
// kNoSeries where the pointer leads nowhere or to null, kNotFinite for the texts NaN and Inf,
// kMalformed for anything else. Pure; never throws. Give it at most some megabytes: it makes a
// tree.
std::variant<double, Missing> number_at(std::string_view json, std::string_view pointer);

// Whether `pointer` is one: "" or parts that each begin with /, with ~0 for ~ and ~1 for /.
bool is_json_pointer(std::string_view pointer);

}  // namespace autoscaler
