#include "controller/process/instance_file.h"

#include "controller/process/system_error.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace autoscaler {
namespace {

int64_t to_unix_ms(Instant at) {
  return at.time_since_epoch().count();
}
Instant from_unix_ms(int64_t ms) {
  return Instant(Duration(ms));
}

}  // namespace

std::string instance_json(const InstanceFile& file) {
  nlohmann::json json = {
      {"workload", file.workload},
      {"instance", file.instance},
      {"pid", file.pid},
      {"start_ticks", file.start_ticks},
      {"port", file.port},
      {"command_hash", file.command_hash},
      {"launched_ms", to_unix_ms(file.launched)},
  };
  if (file.asked_to_stop) json["asked_to_stop_ms"] = to_unix_ms(*file.asked_to_stop);
  return json.dump() + "\n";
}

Result<InstanceFile> parse_instance_file(std::string_view text) {
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    InstanceFile file;
    json.at("workload").get_to(file.workload);
    file.instance = json.at("instance").get<std::string>();
    json.at("pid").get_to(file.pid);
    json.at("start_ticks").get_to(file.start_ticks);
    json.at("port").get_to(file.port);
    json.at("command_hash").get_to(file.command_hash);
    file.launched = from_unix_ms(json.at("launched_ms").get<int64_t>());
    if (const auto asked = json.find("asked_to_stop_ms"); asked != json.end()) {
      file.asked_to_stop = from_unix_ms(asked->get<int64_t>());
    }
    // 0 and below mean groups to kill(2), and 1 is init.
    if (file.pid <= 1)
      return Error{Code::kInvalid, "no process has pid " + std::to_string(file.pid)};
    return file;
  } catch (const nlohmann::json::exception& error) {
    return Error{Code::kInvalid, error.what()};
  }
}

std::string absolute_state(const std::string& state_directory) {
  std::error_code failed;
  const std::filesystem::path given = state_directory.empty() ? "." : state_directory;
  std::filesystem::path path = std::filesystem::weakly_canonical(given, failed);
  if (failed) path = std::filesystem::absolute(given, failed).lexically_normal();
  std::string text = path.string();
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

std::string instances_directory(const std::string& state) {
  return state + "/instances";
}

std::string instance_path(const std::string& state, const InstanceId& instance) {
  return instances_directory(state) + "/" + instance + ".json";
}

Result<InstanceFile> read_instance_file(const std::string& path) {
  errno = 0;
  std::ifstream stream(path);
  if (!stream) return system_error("open " + path, errno);
  std::ostringstream text;
  text << stream.rdbuf();
  Result<InstanceFile> file = parse_instance_file(text.str());
  if (file) return file;
  return Error{file.error().code, path + " is damaged (" + file.error().message +
                                      "): see whether its process still runs, stop that, and "
                                      "remove the file"};
}

WorkloadId workload_of(const InstanceId& instance) {
  const std::string& name = instance;
  return name.substr(0, name.rfind('-'));
}

Result<InstanceFiles> read_instance_files(const std::string& state) {
  InstanceFiles files;
  const std::string directory = instances_directory(state);
  std::error_code failed;
  std::filesystem::directory_iterator entries(directory, failed);
  if (failed == std::errc::no_such_file_or_directory) return files;
  if (failed) return system_error("read " + directory, failed.value());
  while (entries != std::filesystem::directory_iterator()) {
    const std::filesystem::path path = entries->path();
    entries.increment(failed);
    if (failed) return system_error("read " + directory, failed.value());
    if (path.extension() != ".json") continue;
    Result<InstanceFile> file = read_instance_file(path.string());
    if (file) {
      files.good.push_back(std::move(file).value());
    } else if (file.error().code != Code::kNotFound) {  // removed meanwhile
      files.damaged.emplace_back(path.stem().string(), file.error());
    }
  }
  std::sort(files.good.begin(), files.good.end(),
            [](const auto& a, const auto& b) { return a.instance < b.instance; });
  return files;
}

}  // namespace autoscaler
