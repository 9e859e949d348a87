#pragma once

#include <string>
#include <utility>
#include <vector>

namespace autoscaler {

enum class LogLevel { kInfo, kWarning, kError };

using LogFields = std::vector<std::pair<std::string, std::string>>;

// One line on standard error. On a terminal: time, level, message. Otherwise one JSON object with
// `time`, `level`, `message` and the fields, so that a log store can be asked for
// "workload=checkout". Never waits for the reader: lines that it does not take are counted, and the
// next one that it takes says how many. A message is cut after 3,000 bytes. Thread-safe.
void log_line(LogLevel level, const std::string& message, const LogFields& fields = {});

// "auto" (by whether standard error is a terminal), "human" or "json".
void set_log_format(const std::string& format);

}  // namespace autoscaler
