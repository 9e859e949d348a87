#pragma once

#include <string_view>

namespace autoscaler {

// Well-formed UTF-8: no overlong form, no surrogate, nothing past U+10FFFF.
bool is_utf8(std::string_view text);

}  // namespace autoscaler
