#include "controller/crash_point.h"

namespace autoscaler {

void crash_point(std::string_view /*subject*/, std::string_view /*moment*/) {}

}  // namespace autoscaler
