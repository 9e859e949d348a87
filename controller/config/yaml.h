#pragma once

#include "controller/config/node.h"

#include <string_view>
#include <vector>

namespace autoscaler {

inline constexpr size_t kMaxConfigBytes = size_t{8} << 20;
// 5,000 workloads of 100 nodes; an alias counts as often as it is used.
inline constexpr size_t kMaxConfigNodes = 500'000;
inline constexpr int kMaxConfigDepth = 32;

// Reads every document of a YAML (or JSON) stream. What yaml-cpp would let pass is a problem here:
// keys given twice, merge keys, tags, keys that are not words, bytes that are not UTF-8, and
// documents too large or too deep to be meant. After a syntax error nothing further is read.
std::vector<NodePtr> read_yaml(std::string_view text, Problems& problems);

}  // namespace autoscaler
