#pragma once

#include "controller/config/node.h"

#include <string>

namespace autoscaler {

// Compact JSON of what was written, which read_yaml reads back to the same tree. Texts stay as they
// are; whole numbers are numbers. Values under `env` whose names look like a secret's (password,
// secret, token, key) are replaced. `is_env`: the node is such a mapping itself.
std::string node_json(const Node& node, bool is_env = false);

// Whether the value under this name of an `env` is likely a secret.
bool looks_secret(std::string name);

inline constexpr const char* kRedacted = "(redacted)";

}  // namespace autoscaler
