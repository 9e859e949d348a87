#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace autoscaler {

// As zlib has it, with its checksum.
std::string deflated(std::string_view bytes);
// nullopt: they are damaged, or more than 64 KiB.
std::optional<std::string> inflated(std::string_view bytes);

}  // namespace autoscaler
