#include "controller/config/shape.h"
#include "controller/import/draft.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <utility>

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

std::string target_keys(const WorkloadDraft& draft) {
  const bool known = draft.api_version.empty() || draft.api_version == "apps/v1";
  return (known ? "" : "apiVersion: " + yaml_text(draft.api_version) + ", ") +
         "kind: " + yaml_text(draft.kind) + ", name: " + yaml_text(draft.target);
}

// What a workload and a ScalingPolicy say alike.
std::string rules_text(const WorkloadDraft& draft, const Servers& servers,
                       const std::string& indent) {
  std::string text = indent + "replicas: {min: " + std::to_string(draft.min) +
                     ", max: " + std::to_string(draft.max) + "}\n";
  if (!draft.signals.empty()) text += indent + "signals:\n";
  for (const WorkloadDraft::Signal& signal : draft.signals) {
    const bool named = signal.prometheus && servers.size() > 1;
    text += indent + "  " + signal.name + ": {" + signal.keys +
            (named ? ", server: " + server_name(servers, *signal.prometheus) : "") + "}\n";
  }
  text += indent + "policies:\n";
  for (const std::string& policy : draft.policies) text += indent + "  - " + policy + "\n";
  if (!draft.behavior.empty()) text += indent + "behavior: " + draft.behavior + "\n";
  if (draft.hpa) text += indent + "compatibility: hpa\n";
  if (draft.paused) text += indent + "pause: all\n";
  return text;
}

std::string workload_text(const WorkloadDraft& draft, const Servers& servers) {
  return "  # " + draft.origin + "\n  - name: " + draft.name +
         "\n    target: {kubernetes: {namespace: " + draft.name_space + ", " + target_keys(draft) +
         "}}\n" + rules_text(draft, servers, "    ");
}

// In the API a number with a fraction is a text: `, tolerance: 0.05}` is `, tolerance: "0.05"}`.
std::string with_texts_for_fractions(const std::string& yaml) {
  static const re2::RE2 kFraction("(: )([0-9]+[.][0-9]+)([,}\\n])");
  std::string text = yaml;
  re2::RE2::GlobalReplace(&text, kFraction, "\\1\"\\2\"\\3");
  return text;
}

std::string policy_text(const WorkloadDraft& draft, const Servers& servers) {
  return "# " + draft.origin +
         "\napiVersion: autoscaler.io/v1alpha1\nkind: ScalingPolicy\nmetadata: {name: " +
         yaml_text(draft.name) + ", namespace: " + draft.name_space + "}\nspec:\n  target: {" +
         target_keys(draft) + "}\n" + with_texts_for_fractions(rules_text(draft, servers, "  "));
}

constexpr size_t kNameBytes = 63;

std::string cut(std::string name, size_t bytes) {
  name = name.substr(0, bytes);
  while (name.ends_with('-')) name.pop_back();
  return name;
}

// `place`: within which names must not be the same.
template <typename Place>
void number_the_same(std::vector<WorkloadDraft>& drafts, Place place,
                     std::vector<std::string>& remarks) {
  std::set<std::pair<std::string, std::string>> taken;
  for (WorkloadDraft& draft : drafts) {
    const std::string wanted = draft.name;
    for (int i = 2; !taken.emplace(place(draft), draft.name).second; ++i) {
      const std::string number = "-" + std::to_string(i);
      draft.name = cut(wanted, kNameBytes - number.size()) + number;
    }
    if (draft.name == wanted) continue;
    remarks.push_back(draft.origin + ": is called '" + draft.name + "', for '" + wanted +
                      "' is another one; name it as you like");
  }
}

// Two of one name in different namespaces are told apart by them, all others by a number: two kinds
// of one name, shop.web and shop-web, and names that differ behind their 63rd letter.
void tell_apart(std::vector<WorkloadDraft>& drafts, std::vector<std::string>& remarks) {
  std::map<std::string, int> times;
  for (WorkloadDraft& draft : drafts) {
    std::ranges::replace(draft.name, '.', '-');
    ++times[draft.name.substr(0, kNameBytes)];
  }
  for (WorkloadDraft& draft : drafts) {
    const bool clashes = times[draft.name.substr(0, kNameBytes)] > 1;
    draft.name = cut(clashes ? draft.name_space + "-" + draft.name : draft.name, kNameBytes);
  }
  number_the_same(
      drafts, [](const WorkloadDraft&) { return std::string(); }, remarks);
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

std::string config_text(std::vector<WorkloadDraft> drafts, std::vector<std::string>& remarks) {
  if (drafts.empty()) return "";
  tell_apart(drafts, remarks);
  const Servers servers = servers_of(drafts);
  std::string text = sources_text(servers) + "workloads:\n";
  for (const WorkloadDraft& draft : drafts) text += workload_text(draft, servers);
  return text;
}

std::string policies_text(std::vector<WorkloadDraft> drafts, std::vector<std::string>& remarks) {
  number_the_same(
      drafts, [](const WorkloadDraft& draft) { return draft.name_space; }, remarks);
  const Servers servers = servers_of(drafts);
  for (const std::string& url : servers) {
    const bool is_only = servers.size() == 1;
    remarks.push_back("sources.prometheus of the controller's config must name " + url +
                      (is_only ? "" : " as " + server_name(servers, url)) +
                      ": a ScalingPolicy has no URL");
  }
  std::string text;
  for (const WorkloadDraft& draft : drafts) {
    text += (text.empty() ? "" : "---\n") + policy_text(draft, servers);
  }
  return text;
}

}  // namespace autoscaler
