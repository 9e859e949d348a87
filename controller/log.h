#pragma once

#include <string>
#include <utility>
#include <vector>

namespace autoscaler {

enum class LogLevel { kInfo, kWarning, kError };

using LogFields = std::vector<std::pair<std::string, std::string>>;

// One line on standard error. On a terminal: time, level, message. Otherwise one JSON object with
// `time`, `level`, `message` and the fields, so that a log store can be asked for
// "workload=checkout".
void log_line(LogLevel level, const std::string& message, const LogFields& fields = {});

// "auto" (by whether standard error is a terminal), "human" or "json".
void set_log_format(const std::string& format);

}  // namespace autoscaler
