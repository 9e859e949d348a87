#pragma once

#include "controller/config/scalars.h"
#include "policies/schedule.h"

#include <chrono>
#include <string>

// What people read off a clock on the wall, and where the clock hangs.
namespace autoscaler {

// 2026-12-24 18:00, or with a T between the two, or a date alone: its first minute.
ScalarRule<LocalMinute> local_time();
ScalarRule<std::chrono::local_days> local_date();  // 2026-12-24
ScalarRule<std::string> time_zone();               // one that this machine knows

}  // namespace autoscaler
