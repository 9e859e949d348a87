#include "controller/config/config_diff.h"

#include "controller/config/node_json.h"
#include "controller/config/yaml.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace autoscaler {
namespace {

constexpr size_t kLongestValue = 80;      // bytes of one value in a line
constexpr size_t kChangesOfOneLine = 12;  // more are counted
constexpr std::string_view kWorkloads = "workloads[";

std::string shown(const Node& node, bool in_env, bool secret) {
  if (secret) return kRedacted;
  const bool plain = node.kind == Node::Kind::kScalar && !node.text.empty();
  std::string text = plain ? node.text : node_json(node, in_env);
  if (text.size() <= kLongestValue) return text;
  size_t end = kLongestValue;  // never within a character of UTF-8
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

const Node* name_of(const Node& item) {
  const Entry* name = item.kind == Node::Kind::kMapping ? item.find("name") : nullptr;
  return name && name->value->kind == Node::Kind::kScalar ? name->value.get() : nullptr;
}

bool has_names(const Node& list) {
  return std::all_of(list.items.begin(), list.items.end(),
                     [](const NodePtr& item) { return name_of(*item) != nullptr; });
}

class Comparison {
 public:
  explicit Comparison(std::vector<ConfigChange>& to) : to_(to) {}

  // nullptr: not there. `in_env`: its keys are names of environment variables.
  void compare(const std::string& path, const Node* before, const Node* after, bool in_env,
               bool secret) {
    if (before == nullptr && after == nullptr) return;
    if (before == nullptr || after == nullptr || before->kind != after->kind) {
      change(path, before, after, in_env, secret);
      return;
    }
    switch (before->kind) {
      case Node::Kind::kNull: return;
      case Node::Kind::kScalar:
        if (before->text != after->text) change(path, before, after, in_env, secret);
        return;
      case Node::Kind::kMapping: mappings(path, *before, *after, in_env); return;
      case Node::Kind::kList: lists(path, *before, *after); return;
    }
  }

 private:
  void change(const std::string& path, const Node* before, const Node* after, bool in_env,
              bool secret) {
    const auto text = [&](const Node* node) {
      return node ? std::optional(shown(*node, in_env, secret)) : std::nullopt;
    };
    to_.push_back({path, text(before), text(after)});
  }

  void mappings(const std::string& path, const Node& before, const Node& after, bool in_env) {
    const auto one = [&](const std::string& key, const Node* was, const Node* is) {
      compare(path.empty() ? key : path + "." + key, was, is, key == "env",
              in_env && looks_secret(key));
    };
    for (const Entry& entry : before.entries) {
      const Entry* other = after.find(entry.key);
      one(entry.key, entry.value.get(), other ? other->value.get() : nullptr);
    }
    for (const Entry& entry : after.entries) {
      if (before.find(entry.key) == nullptr) one(entry.key, nullptr, entry.value.get());
    }
  }

  void lists(const std::string& path, const Node& before, const Node& after) {
    if (has_names(before) && has_names(after)) return named(path, before, after);
    for (size_t i = 0; i < std::max(before.items.size(), after.items.size()); ++i) {
      compare(path + "[" + std::to_string(i) + "]",
              i < before.items.size() ? before.items[i].get() : nullptr,
              i < after.items.size() ? after.items[i].get() : nullptr, false, false);
    }
  }

  void named(const std::string& path, const Node& before, const Node& after) {
    const auto by_name = [](const Node& list) {
      std::map<std::string, const Node*> items;
      for (const NodePtr& item : list.items) items.emplace(name_of(*item)->text, item.get());
      return items;
    };
    const auto old_items = by_name(before);
    const auto new_items = by_name(after);
    const auto in = [](const auto& items, const std::string& name) {
      const auto found = items.find(name);
      return found == items.end() ? nullptr : found->second;
    };
    for (const auto& [name, item] : old_items) {
      compare(path + "[" + name + "]", item, in(new_items, name), false, false);
    }
    for (const auto& [name, item] : new_items) {
      if (!old_items.contains(name)) compare(path + "[" + name + "]", nullptr, item, false, false);
    }
  }

  std::vector<ConfigChange>& to_;
};

bool is_under(std::string_view path, std::string_view root) {
  return path.starts_with(root) &&
         (path.size() == root.size() || path[root.size()] == '.' || path[root.size()] == '[');
}

std::string how(const ConfigChange& change) {
  if (!change.before) return " " + *change.after + " added";
  if (!change.after) return " " + *change.before + " removed";
  return " " + *change.before + " -> " + *change.after;
}

// "shop" and "replicas.max" of workloads[shop].replicas.max.
std::pair<std::string, std::string> workload_and_rest(const std::string& path) {
  const size_t end = path.find(']');
  if (!path.starts_with(kWorkloads) || end == std::string::npos) return {"", path};
  const std::string rest = path.substr(std::min(path.size(), end + 2));
  return {path.substr(kWorkloads.size(), end - kWorkloads.size()), rest};
}

}  // namespace

NodePtr config_tree(std::string_view text) {
  Problems problems("");
  auto root = std::make_shared<Node>();
  root->kind = Node::Kind::kMapping;
  auto workloads = std::make_shared<Node>();
  workloads->kind = Node::Kind::kList;
  for (const NodePtr& document : read_yaml(text, problems)) {
    for (const Entry& entry : document->entries) {
      if (entry.key != "workloads") {
        root->entries.push_back(entry);
        continue;
      }
      workloads->items.insert(workloads->items.end(), entry.value->items.begin(),
                              entry.value->items.end());
    }
  }
  root->entries.push_back({"workloads", {}, workloads});
  return root;
}

bool ConfigDiff::touches(std::string_view path) const {
  return std::any_of(changes.begin(), changes.end(), [path](const ConfigChange& change) {
    return is_under(change.path, path) || is_under(path, change.path);
  });
}

ConfigDiff compare_configs(const Node& before, const Node& after) {
  ConfigDiff diff;
  Comparison(diff.changes).compare("", &before, &after, false, false);
  return diff;
}

std::vector<ConfigDiffLine> describe(const ConfigDiff& diff) {
  std::map<std::string, std::vector<std::string>> lines;
  for (const ConfigChange& change : diff.changes) {
    const auto [workload, rest] = workload_and_rest(change.path);
    std::string text = rest + how(change);
    if (!workload.empty() && rest.empty()) text = change.after ? "added" : "removed";
    lines[workload].push_back(std::move(text));
  }
  std::vector<ConfigDiffLine> all;
  for (const auto& [workload, texts] : lines) {
    std::string line = workload.empty() ? "" : workload + ": ";
    for (size_t i = 0; i < std::min(texts.size(), kChangesOfOneLine); ++i) {
      line += (i == 0 ? "" : "; ") + texts[i];
    }
    if (texts.size() > kChangesOfOneLine) {
      line += "; and " + std::to_string(texts.size() - kChangesOfOneLine) + " more";
    }
    all.push_back({workload, std::move(line)});
  }
  return all;
}

}  // namespace autoscaler
