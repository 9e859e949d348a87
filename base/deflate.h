#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace autoscaler {

// As zlib has it, with its checksum.
std::string deflated(std::string_view bytes);
// nullopt: they are damaged, or would be more than `most`.
std::optional<std::string> inflated(std::string_view bytes, size_t most);

}  // namespace autoscaler
