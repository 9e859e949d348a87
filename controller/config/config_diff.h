#pragma once

#include "controller/config/node.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autoscaler {

// All documents of a file that parse_config takes, as one.
NodePtr config_tree(std::string_view text);

// One place at which two configs differ, as it was written.
struct ConfigChange {
  std::string path;                   // workloads[shop].replicas.max: items with a name by it
  std::optional<std::string> before;  // JSON without secrets; nullopt: it was not there
  std::optional<std::string> after;
};

struct ConfigDiff {
  std::vector<ConfigChange> changes;

  // Whether anything at `path`, beneath it or above it differs.
  bool touches(std::string_view path) const;
};
ConfigDiff compare_configs(const Node& before, const Node& after);

// The changes of one workload in a line; of what is not a workload's in one with no workload.
struct ConfigDiffLine {
  std::string workload;
  std::string text;  // "shop: replicas.max 4 -> 6; cooldown.in 5m added"
};
std::vector<ConfigDiffLine> describe(const ConfigDiff& diff);

}  // namespace autoscaler
