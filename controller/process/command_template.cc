#include "controller/process/command_template.h"

#include <algorithm>
#include <cstdio>

namespace autoscaler {
namespace {

std::string assignment(const std::string& name, const std::string& value) {
  return name + "=" + value;
}

// FNV-1a, 64 bit: the same on every machine and in every version, which std::hash is not.
class StableHash {
 public:
  // The length goes in first, so that {"ab", "c"} and {"a", "bc"} differ.
  void add(const std::string& text) {
    const std::string framed = std::to_string(text.size()) + ":" + text;
    for (const char c : framed) {
      value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    }
  }
  std::string hex() const {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value_));
    return text;
  }

 private:
  uint64_t value_ = 0xcbf29ce484222325u;
};

}  // namespace

std::string fill_in(const std::string& text, const InstanceIdentity& identity) {
  const std::pair<std::string, std::string> fields[] = {
      {"{port}", std::to_string(identity.port)},
      {"{instance}", identity.instance},
      {"{workload}", identity.workload},
  };
  std::string filled;
  for (size_t at = 0; at < text.size();) {
    const auto field = std::find_if(std::begin(fields), std::end(fields), [&](const auto& each) {
      return text.compare(at, each.first.size(), each.first) == 0;
    });
    if (field == std::end(fields)) {
      filled += text[at++];
    } else {
      filled += field->second;
      at += field->first.size();
    }
  }
  return filled;
}

std::vector<std::string> instance_command(const ProcessTarget& target,
                                          const InstanceIdentity& identity) {
  std::vector<std::string> command;
  for (const std::string& argument : target.command) {
    command.push_back(fill_in(argument, identity));
  }
  return command;
}

std::vector<std::string> instance_environment(const ProcessTarget& target,
                                              const InstanceIdentity& identity,
                                              const std::vector<std::string>& inherited) {
  std::map<std::string, std::string> variables;
  for (const std::string& variable : inherited) {
    const size_t equals = variable.find('=');
    if (equals == std::string::npos) continue;
    variables[variable.substr(0, equals)] = variable.substr(equals + 1);
  }
  variables["PORT"] = std::to_string(identity.port);
  for (const auto& [name, value] : target.environment) variables[name] = fill_in(value, identity);
  variables[kWorkloadVariable] = identity.workload;
  variables[kInstanceVariable] = identity.instance;
  variables[kStateVariable] = identity.state;

  std::vector<std::string> environment;
  for (const auto& [name, value] : variables) environment.push_back(assignment(name, value));
  return environment;
}

bool carries_markers(const std::vector<std::string>& environment, const WorkloadId& workload,
                     const InstanceId& instance, const std::string& state) {
  const auto has = [&](const char* name, const std::string& value) {
    return std::find(environment.begin(), environment.end(), assignment(name, value)) !=
           environment.end();
  };
  return has(kInstanceVariable, instance) && has(kWorkloadVariable, workload) &&
         has(kStateVariable, state);
}

std::string command_hash(const ProcessTarget& target) {
  StableHash hash;
  hash.add(std::to_string(target.command.size()));
  for (const std::string& argument : target.command) hash.add(argument);
  for (const auto& [name, value] : target.environment) {
    hash.add(name);
    hash.add(value);
  }
  hash.add(target.working_directory);
  return hash.hex();
}

}  // namespace autoscaler
