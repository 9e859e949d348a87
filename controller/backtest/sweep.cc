#include "controller/backtest/sweep.h"

#include "controller/config/node_json.h"
#include "controller/config/yaml.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace autoscaler {
namespace {

using nlohmann::ordered_json;

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  size_t begin = 0;
  for (size_t end = text.find(at); end != std::string::npos; end = text.find(at, begin)) {
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

// policies[0].track as /policies/0/track; nullopt: nothing can stand there. `~` and `/` are no
// letters of a key, and have a meaning in a pointer.
std::optional<ordered_json::json_pointer> place_of(const std::string& path,
                                                   const ordered_json& workload) {
  if (path.find_first_of("~/") != std::string::npos) return std::nullopt;
  std::string text = "/";
  for (const char letter : path) {
    if (letter == '.' || letter == '[')
      text += '/';
    else if (letter != ']')
      text += letter;
  }
  const ordered_json::json_pointer place(text);
  const auto above = place.parent_pointer();
  if (!workload.contains(above)) return std::nullopt;
  const bool fits = workload[above].is_object() || workload.contains(place);
  return fits ? std::optional(place) : std::nullopt;
}

// A number where it is one, as YAML has it.
ordered_json value_of(const std::string& text) {
  ordered_json value = ordered_json::parse(text, nullptr, false);
  return value.is_number() || value.is_boolean() ? value : ordered_json(text);
}

Error invalid(const std::string& what) {
  return Error{Code::kInvalid, what};
}

Result<ordered_json> document_of(const std::string& yaml, const std::string& file) {
  Problems problems(file);
  const std::vector<NodePtr> documents = read_yaml(yaml, problems);
  if (documents.size() != 1) {
    return invalid(file + ": has several documents: --sweep needs the config in one");
  }
  return ordered_json::parse(node_json(*documents.front()));
}

Result<Variant> variant_of(const ordered_json& document, const std::string& file,
                           const std::string& name, const std::string& workload) {
  ConfigResult read = parse_config(document.dump(), file + " with " + name);
  if (!read.config) return invalid(describe(read.problems.front()));
  std::erase_if(read.config->workloads,
                [&](const WorkloadConfig& each) { return each.spec.name != workload; });
  return Variant{name, std::make_shared<const Config>(std::move(*read.config))};
}

}  // namespace

Result<Sweep> parse_sweep(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos || equals + 1 == text.size()) {
    return invalid("--sweep " + text + ": is no PATH=VALUE,VALUE, such as " +
                   "policies[0].track.target=50%,60%");
  }
  return Sweep{text.substr(0, equals), split(text.substr(equals + 1), ',')};
}

Result<std::vector<Variant>> variants_of(const std::string& yaml, const std::string& file,
                                         const std::string& workload,
                                         const std::vector<Sweep>& sweeps) {
  const Result<ordered_json> document = document_of(yaml, file);
  if (!document) return document.error();
  size_t count = 1;
  for (const Sweep& sweep : sweeps) {
    count *= sweep.values.size();
    if (count > kMostVariants) {
      return invalid("--sweep: more than " + std::to_string(kMostVariants) + " combinations");
    }
  }
  std::vector<Variant> variants;
  for (size_t i = 0; i < count; ++i) {
    ordered_json changed = *document;
    auto& workloads = changed["workloads"];
    const auto mine = std::find_if(workloads.begin(), workloads.end(), [&](const auto& each) {
      return each.value("name", "") == workload;
    });
    std::string name;
    size_t rest = i;
    for (const Sweep& sweep : sweeps) {
      const std::string& value = sweep.values[rest % sweep.values.size()];
      rest /= sweep.values.size();
      const auto place = place_of(sweep.path, *mine);
      if (!place) {
        return invalid("--sweep " + sweep.path + ": there is no such place in workload '" +
                       workload + "' of " + file);
      }
      (*mine)[*place] = value_of(value);
      name += (name.empty() ? "" : " ") + split(sweep.path, '.').back() + "=" + value;
    }
    Result<Variant> variant = variant_of(changed, file, name, workload);
    if (!variant) return variant.error();
    variants.push_back(std::move(variant).value());
  }
  return variants;
}

}  // namespace autoscaler
