#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace autoscaler {

// A named place between two steps that must survive a kill. In the program this does nothing; the
// test build links another implementation (tests/e2e/crash/crash_points_on.cc), which raises
// SIGKILL at the one that it was told. `subject` is a change or a lifecycle, `moment` the step just
// done.
void crash_point(std::string_view subject, std::string_view moment);

// All of them, "launch.intended" and so on: changes times moments, the steps inside the adapters,
// and every lifecycle entered.
std::vector<std::string> all_crash_points();

}  // namespace autoscaler
