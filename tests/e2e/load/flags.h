#pragma once

#include "base/result.h"
#include "tests/e2e/load/run.h"
#include "tests/e2e/load/schedule.h"

#include <string>
#include <variant>

namespace autoscaler::e2e {

struct LoadFlags {
  LoadPlan plan;
  Duration length{0};  // of the schedule
  std::string csv;     // a line for each request goes to this file; empty: to none
};

// Either the flags, or the exit code when help was asked for or a flag is wrong.
std::variant<LoadFlags, int> parse_load_flags(int argc, char** argv);

}  // namespace autoscaler::e2e
