#include "controller/config/shape.h"
#include "controller/import/draft.h"

#include <algorithm>
#include <cctype>
#include <map>

namespace autoscaler {
namespace {

bool is_plain(const std::string& text) {
  for (const char* word : {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}) {
    if (std::equal(text.begin(), text.end(), word, word + std::char_traits<char>::length(word),
                   [](char a, char b) { return std::tolower(a) == b; })) {
      return false;
    }
  }
  const auto ordinary = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '/' || c == '-';
  };
  return !text.empty() && (std::isalpha(static_cast<unsigned char>(text[0])) != 0) &&
         std::all_of(text.begin(), text.end(), ordinary);
}

std::string flow_text(const Node& node) {
  std::string text;
  switch (node.kind) {
    case Node::Kind::kNull: return "null";
    case Node::Kind::kScalar: {
      const bool number = !node.text.empty() && !node.quoted &&
                          std::isdigit(static_cast<unsigned char>(node.text[0])) != 0;
      return number ? node.text : yaml_text(node.text);
    }
    case Node::Kind::kList:
      for (const NodePtr& item : node.items) {
        text += (text.empty() ? "" : ", ") + flow_text(*item);
      }
      return "[" + text + "]";
    case Node::Kind::kMapping:
      for (const Entry& entry : node.entries) {
        if (entry.value->kind == Node::Kind::kNull) continue;
        text += (text.empty() ? "" : ", ") + yaml_text(entry.key) + ": " + flow_text(*entry.value);
      }
      return "{" + text + "}";
  }
  return text;
}

using Servers = std::vector<std::string>;  // URLs, in the order of their first use

Servers servers_of(const std::vector<WorkloadDraft>& drafts) {
  Servers servers;
  for (const WorkloadDraft& draft : drafts) {
    for (const WorkloadDraft::Signal& signal : draft.signals) {
      if (signal.prometheus && std::ranges::find(servers, *signal.prometheus) == servers.end()) {
        servers.push_back(*signal.prometheus);
      }
    }
  }
  return servers;
}

std::string server_name(const Servers& servers, const std::string& url) {
  return "prometheus-" + std::to_string(std::ranges::find(servers, url) - servers.begin() + 1);
}

std::string sources_text(const Servers& servers) {
  if (servers.empty()) return "";
  std::string text = "sources:\n  prometheus:\n";
  if (servers.size() == 1) return text + "    url: " + yaml_text(servers.front()) + "\n";
  for (const std::string& url : servers) {
    text += "    " + server_name(servers, url) + ": {url: " + yaml_text(url) + "}\n";
  }
  return text;
}

std::string workload_text(const WorkloadDraft& draft, const Servers& servers) {
  const bool known = draft.api_version.empty() || draft.api_version == "apps/v1";
  std::string text = "  # " + draft.origin + "\n  - name: " + draft.name +
                     "\n    target: {kubernetes: {namespace: " + draft.name_space +
                     (known ? "" : ", apiVersion: " + yaml_text(draft.api_version)) +
                     ", kind: " + yaml_text(draft.kind) + ", name: " + yaml_text(draft.target) +
                     "}}\n" + "    replicas: {min: " + std::to_string(draft.min) +
                     ", max: " + std::to_string(draft.max) + "}\n";
  if (!draft.signals.empty()) text += "    signals:\n";
  for (const WorkloadDraft::Signal& signal : draft.signals) {
    const bool named = signal.prometheus && servers.size() > 1;
    text += "      " + signal.name + ": {" + signal.keys +
            (named ? ", server: " + server_name(servers, *signal.prometheus) : "") + "}\n";
  }
  text += "    policies:\n";
  for (const std::string& policy : draft.policies) text += "      - " + policy + "\n";
  if (!draft.behavior.empty()) text += "    behavior: " + draft.behavior + "\n";
  if (draft.hpa) text += "    compatibility: hpa\n";
  if (draft.paused) text += "    pause: all\n";
  return text;
}

// Two of one name in different namespaces are told apart by them.
void tell_apart(std::vector<WorkloadDraft>& drafts) {
  std::map<std::string, int> times;
  for (WorkloadDraft& draft : drafts) {
    std::ranges::replace(draft.name, '.', '-');
    ++times[draft.name.substr(0, 63)];
  }
  for (WorkloadDraft& draft : drafts) {
    if (times[draft.name.substr(0, 63)] > 1) draft.name = draft.name_space + "-" + draft.name;
    draft.name = draft.name.substr(0, 63);
    while (draft.name.ends_with('-')) draft.name.pop_back();
  }
}

}  // namespace

std::string yaml_text(const std::string& text) {
  return is_plain(text) ? text : json_text(text);
}

std::string signal_name(const std::string& wanted, const WorkloadDraft& draft) {
  std::string name = wanted.substr(0, 50);
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_') c = '-';
  }
  if (name.empty() || (std::isalpha(static_cast<unsigned char>(name[0])) == 0 && name[0] != '_')) {
    name = "m" + name;
  }
  const auto taken = [&draft](const std::string& each) {
    return std::ranges::any_of(draft.signals,
                               [&](const WorkloadDraft::Signal& s) { return s.name == each; });
  };
  std::string unique = name;
  for (int i = 2; taken(unique); ++i) unique = name + "-" + std::to_string(i);
  return unique;
}

std::string behavior_text(const ObjectPlace& behavior) {
  return behavior.given() ? flow_text(behavior.node()) : "";
}

std::string config_text(std::vector<WorkloadDraft> drafts) {
  if (drafts.empty()) return "";
  tell_apart(drafts);
  const Servers servers = servers_of(drafts);
  std::string text = sources_text(servers) + "workloads:\n";
  for (const WorkloadDraft& draft : drafts) text += workload_text(draft, servers);
  return text;
}

}  // namespace autoscaler
