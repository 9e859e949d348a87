#pragma once

#include "base/result.h"
#include "policies/spec.h"

#include <span>
#include <string>
#include <string_view>

namespace autoscaler {

// From an expression to FormulaSpec, loosest first:
//
//   c ? x : y     ||     &&     == !=     < <= > >=     + -     * /     -x !x
//   12  0.5  1e3  70% (0.7)     a signal by its name, in quotes if it has a dash: 'rps-fast'
//   size, the size that stands     min max (any number) abs ceil floor default(x, y)     (x)
//
// kInvalid: what is wrong, with its column from 1.
Result<FormulaSpec> parse_formula(std::string_view text, std::span<const std::string> signals);

}  // namespace autoscaler
