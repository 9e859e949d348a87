#include "controller/process/process_table.h"

#include "controller/process/system_error.h"

#include <sys/wait.h>

#include <charconv>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

namespace autoscaler {
namespace {

Result<std::string> read_proc_file(pid_t pid, const char* name) {
  const std::string path = "/proc/" + std::to_string(pid) + "/" + name;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return system_error("open " + path, errno);
  std::string text;
  char buffer[4096];
  ssize_t got = 0;
  while ((got = read(fd, buffer, sizeof buffer)) > 0) text.append(buffer, static_cast<size_t>(got));
  const int error = errno;
  close(fd);
  if (got == 0) return text;
  return system_error("read " + path, error);
}

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<ProcessStat> parse_process_stat(std::string_view line) {
  const size_t open = line.find('(');
  const size_t close = line.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return std::nullopt;
  }
  // proc(5) counts from 1: the name is field 2, so what follows it starts with field 3, the state.
  std::vector<std::string_view> fields;
  std::string_view rest = line.substr(close + 1);
  while (true) {
    const size_t start = rest.find_first_not_of(" \n");
    if (start == std::string_view::npos) break;
    const size_t length = std::min(rest.find_first_of(" \n", start), rest.size()) - start;
    fields.push_back(rest.substr(start, length));
    rest.remove_prefix(start + length);
  }
  constexpr size_t kState = 3 - 3, kStartTime = 22 - 3, kExitCode = 52 - 3;
  if (fields.size() <= kExitCode || fields[kState].size() != 1) return std::nullopt;
  const auto start_ticks = parse_number<uint64_t>(fields[kStartTime]);
  const auto wait_status = parse_number<int>(fields[kExitCode]);
  if (!start_ticks || !wait_status) return std::nullopt;
  return ProcessStat{std::string(line.substr(open + 1, close - open - 1)), fields[kState][0],
                     *start_ticks, *wait_status};
}

std::optional<ProcessStat> read_process_stat(pid_t pid) {
  const Result<std::string> line = read_proc_file(pid, "stat");
  return line ? parse_process_stat(*line) : std::nullopt;
}

Result<std::vector<std::string>> read_process_environment(pid_t pid) {
  const Result<std::string> text = read_proc_file(pid, "environ");
  if (!text) return text.error();
  std::vector<std::string> variables;
  for (size_t start = 0; start < text->size();) {
    const size_t end = std::min(text->find('\0', start), text->size());
    variables.push_back(text->substr(start, end - start));
    start = end + 1;
  }
  return variables;
}

std::vector<pid_t> list_processes() {
  std::vector<pid_t> pids;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir("/proc"), closedir);
  if (directory == nullptr) return pids;
  while (const dirent* entry = readdir(directory.get())) {
    if (const auto pid = parse_number<pid_t>(entry->d_name)) pids.push_back(*pid);
  }
  return pids;
}

std::string describe_exit(int wait_status) {
  if (WIFSIGNALED(wait_status)) return "signal " + std::to_string(WTERMSIG(wait_status));
  return "exit code " + std::to_string(WEXITSTATUS(wait_status));
}

}  // namespace autoscaler
