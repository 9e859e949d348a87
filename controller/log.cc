#include "controller/log.h"

#include <nlohmann/json.hpp>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <poll.h>
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

// False while the reader of a pipe or a terminal has stopped: the loop must not stop with it.
bool may_write() {
  pollfd error_output{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
  return poll(&error_output, 1, 0) == 1;
}

void write_line(LogLevel level, const std::string& message, const LogFields& fields) {
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

}  // namespace

void set_log_format(const std::string& format) {
  if (format != "auto") as_json() = format == "json";
}

void log_line(LogLevel level, const std::string& message, const LogFields& fields) {
  // A pipe that may be written to takes 4 KiB (PIPE_BUF) without waiting.
  constexpr size_t kLongest = 3000;
  static std::atomic<int64_t> lost{0};
  if (!may_write()) {
    ++lost;
    return;
  }
  if (const int64_t count = lost.exchange(0); count > 0) {
    write_line(LogLevel::kWarning,
               std::to_string(count) + " lines are lost: nobody read the log fast enough", {});
    if (!may_write()) {
      ++lost;
      return;
    }
  }
  const bool is_long = message.size() > kLongest;
  write_line(level, is_long ? message.substr(0, kLongest) + " ..." : message, fields);
}

}  // namespace autoscaler
