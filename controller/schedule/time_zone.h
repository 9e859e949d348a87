#pragma once

#include "base/result.h"
#include "policies/windows.h"

#include <memory>
#include <string>

namespace autoscaler {

// A zone of the IANA database on this machine, "Europe/Berlin". "UTC" needs no database.
// kNotFound: there is no such zone, with the remedy. kUnavailable: the database is not fit to be
// used, with what is wrong and the remedy: what is installed may be read wrongly and shift windows
// by an hour (check_zone_data).
Result<std::unique_ptr<ZoneClock>> find_zone(const std::string& name);

// Are the changes of the clock known for the years that schedules are made for? A database without
// them is read without complaint (files in the "slim" form have only a rule for the future, which
// the library does not read).
Status check_zone_data();

// "2026-11-30 08:00 CET"
std::string local_text(const ZoneClock& zone, Instant at);

}  // namespace autoscaler
