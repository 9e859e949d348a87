#pragma once

#include "base/result.h"
#include "controller/config/config.h"

#include <memory>
#include <string>
#include <vector>

namespace autoscaler {

// A place in a workload, and the values to try there.
struct Sweep {
  std::string path;  // "policies[0].track.target"
  std::vector<std::string> values;
};
// "policies[0].track.target=50%,60%,70%". kInvalid says what is wrong with it.
Result<Sweep> parse_sweep(const std::string& text);

struct Variant {
  std::string name;  // "target=60%"
  std::shared_ptr<const Config> config;
};
inline constexpr size_t kMostVariants = 200;

// The config with every combination of the values. kInvalid: a path that leads nowhere, a value
// that cannot stand there, more than kMostVariants, a file of several documents.
Result<std::vector<Variant>> variants_of(const std::string& yaml, const std::string& file,
                                         const std::string& workload,
                                         const std::vector<Sweep>& sweeps);

}  // namespace autoscaler
