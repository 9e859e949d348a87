#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace autoscaler {

// The name that was most likely meant: the one within two edits (one for short words) of `found`,
// upper and lower case, - and _ counting as the same. Empty where nothing is near.
std::string nearest(std::string_view found, std::span<const std::string> names);

// "did you mean 'replicas'?", or nothing.
std::string did_you_mean(std::string_view found, std::span<const std::string> names);

// "a, b or c"; "(none)".
std::string one_of_these(std::span<const std::string> names);

}  // namespace autoscaler
