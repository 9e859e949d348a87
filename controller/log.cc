#include "controller/log.h"

#include <nlohmann/json.hpp>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <unistd.h>

namespace autoscaler {
namespace {

bool& as_json() {
  static bool json = isatty(STDERR_FILENO) == 0;
  return json;
}

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> log = [] {
    auto made = spdlog::stderr_color_mt("autoscaler");
    if (as_json()) {  // the rest of the object is made in log_line, where it is escaped
      made->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v)", spdlog::pattern_time_type::utc);
    } else {
      made->set_pattern("%H:%M:%S.%e %^%-7l%$ %v");
    }
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *log;
}

}  // namespace

void set_log_format(const std::string& format) {
  if (format != "auto") as_json() = format == "json";
}

void log_line(LogLevel level, const std::string& message, const LogFields& fields) {
  static constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::info, spdlog::level::warn,
                                                          spdlog::level::err};
  const spdlog::level::level_enum at = kLevels[static_cast<size_t>(level)];
  if (!as_json()) {
    logger().log(at, "{}", message);
    return;
  }
  static constexpr const char* kNames[] = {"info", "warning", "error"};
  nlohmann::ordered_json line;
  line["level"] = kNames[static_cast<size_t>(level)];
  line["message"] = message;
  for (const auto& [name, value] : fields) line[name] = value;
  const std::string text =
      line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  logger().log(at, "{}", std::string_view(text).substr(1));
}

}  // namespace autoscaler
