#pragma once

#include "controller/config/config.h"

#include <string>

namespace autoscaler {

// Everything in a config as text, so that two can be compared and a difference read. It takes the
// structs apart by structured bindings: a new member that it does not know fails to compile.
// `json` is left out: it is what was written, not what it means.
std::string print(const Config& config);
std::string print(const WorkloadConfig& workload);

// One problem a line, as the program prints them.
std::string problems_text(const std::vector<ConfigProblem>& problems);

}  // namespace autoscaler
