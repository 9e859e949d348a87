#include "controller/config/node_json.h"

#include "controller/config/shape.h"
#include "controller/config/units.h"

#include <algorithm>
#include <cctype>

namespace autoscaler {
namespace {

void write(const Node& node, bool within_env, std::string& to);

void write_mapping(const Node& node, bool within_env, std::string& to) {
  to += '{';
  for (const Entry& entry : node.entries) {
    if (&entry != &node.entries.front()) to += ',';
    to += json_text(entry.key) + ":";
    if (within_env && looks_secret(entry.key))
      to += json_text(kRedacted);
    else
      write(*entry.value, entry.key == "env", to);
  }
  to += '}';
}

void write(const Node& node, bool within_env, std::string& to) {
  switch (node.kind) {
    case Node::Kind::kNull: to += "null"; return;
    case Node::Kind::kMapping: write_mapping(node, within_env, to); return;
    case Node::Kind::kList:
      to += '[';
      for (const NodePtr& item : node.items) {
        if (&item != &node.items.front()) to += ',';
        write(*item, false, to);
      }
      to += ']';
      return;
    case Node::Kind::kScalar: break;
  }
  // Other plain scalars become texts: 1.10 or 1e3 would come back as another text from a parser
  // that knows only their value.
  const auto integer = parse_integer(node.text);
  const bool truth = node.text == "true" || node.text == "false";
  const bool whole = integer.ok() && std::to_string(*integer) == node.text;
  const bool canonical = !node.quoted && (truth || whole);
  to += canonical ? node.text : json_text(node.text);
}

}  // namespace

bool looks_secret(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const char* word : {"password", "passwd", "secret", "token", "key", "credential"}) {
    if (name.find(word) != std::string::npos) return true;
  }
  return false;
}

std::string node_json(const Node& node, bool is_env) {
  std::string text;
  write(node, is_env, text);
  return text;
}

}  // namespace autoscaler
