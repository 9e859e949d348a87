#include "controller/config/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <map>
#include <optional>
#include <sstream>
#include <unordered_map>

namespace autoscaler {
namespace {

// Ends the reading: the rest of the stream would make no sense, or too much work.
struct Stop {
  Position mark;
  std::string message;
};

Position to_mark(const YAML::Mark& mark) {
  return Position{mark.line + 1, mark.column + 1};
}

// Builds the tree from yaml-cpp's events, which keep what its own nodes forget: the place of every
// key, keys given twice, and aliases as aliases.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(Problems& problems) : problems_(problems) {}

  std::vector<NodePtr> documents;

  void OnDocumentStart(const YAML::Mark&) override {
    open_.clear();
    anchors_.clear();
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto node = std::make_shared<Node>();
    node->mark = to_mark(mark);
    finish(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Stop{to_mark(mark), "an alias inside its own anchor"};
    finish(found->second, 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    auto node = std::make_shared<Node>();
    node->kind = Node::Kind::kScalar;
    node->mark = to_mark(mark);
    node->text = value;
    node->quoted = tag != "?";
    check_tag(node->mark, tag);
    finish(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    begin(Node::Kind::kList, to_mark(mark), tag, anchor);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    begin(Node::Kind::kMapping, to_mark(mark), tag, anchor);
  }
  void OnMapEnd() override { end(); }

 private:
  struct Open {
    std::shared_ptr<Node> node;
    YAML::anchor_t anchor;
    std::optional<Entry> key;  // kMapping: read, waiting for its value
    bool refused = false;      // the waiting key is a problem: its value is dropped
    std::unordered_map<std::string, Position> seen;  // kMapping
  };

  void check_tag(Position mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    problems_.add(mark, "", "the tag '" + tag + "' is not allowed: write the value without it");
  }

  void begin(Node::Kind kind, Position mark, const std::string& tag, YAML::anchor_t anchor) {
    check_tag(mark, tag);
    if (open_.size() >= kMaxConfigDepth) {
      throw Stop{mark, "nested more than " + std::to_string(kMaxConfigDepth) + " deep"};
    }
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->mark = mark;
    open_.push_back(Open{std::move(node), anchor, std::nullopt, false, {}});
  }

  void end() {
    Open last = std::move(open_.back());
    open_.pop_back();
    finish(std::move(last.node), last.anchor);
  }

  void finish(NodePtr node, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = node;
    total_ += open_.empty() ? 0 : 1;
    if (open_.empty()) {
      documents.push_back(std::move(node));
      return;
    }
    Open& parent = open_.back();
    if (parent.node->kind == Node::Kind::kList) {
      grow(parent, *node);
      parent.node->items.push_back(std::move(node));
    } else if (!parent.key) {
      take_key(parent, *node);
    } else {
      grow(parent, *node);
      parent.key->value = std::move(node);
      if (!parent.refused) parent.node->entries.push_back(std::move(*parent.key));
      parent.key.reset();
    }
  }

  void grow(Open& parent, const Node& node) {
    parent.node->size += node.size;
    if (parent.node->size > kMaxConfigNodes || total_ > kMaxConfigNodes) {
      throw Stop{node.mark, "more than " + std::to_string(kMaxConfigNodes) +
                                " values once aliases are written out"};
    }
  }

  void take_key(Open& parent, const Node& key) {
    parent.key = Entry{key.text, key.mark, nullptr};
    parent.refused = true;
    if (key.kind != Node::Kind::kScalar) {
      problems_.add(key.mark, "", "found " + describe_node(key) + " as a key: keys are words");
    } else if (key.text == "<<" && !key.quoted) {
      problems_.add(key.mark, "",
                    "the merge key << is not supported: write the keys out, or use an alias "
                    "(*name) for a whole value");
    } else if (const auto [first, fresh] = parent.seen.emplace(key.text, key.mark); !fresh) {
      problems_.add(key.mark, "",
                    "the key " + describe_node(key) + " is given twice, first on line " +
                        std::to_string(first->second.line) + ": remove one");
    } else {
      parent.refused = false;
    }
  }

  Problems& problems_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, NodePtr> anchors_;
  size_t total_ = 0;
};

// Length of the UTF-8 character at `text[i]`, or 0 if there is none (overlong forms and surrogates
// included).
size_t utf8_length(std::string_view text, size_t i) {
  const auto byte = [&](size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned char lead = byte(i);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || i + length > text.size()) return 0;
  for (size_t k = i + 1; k < i + length; ++k) {
    if ((byte(k) & 0xC0) != 0x80) return 0;
  }
  const unsigned char second = byte(i + 1);
  if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
      (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) {
    return 0;
  }
  return length;
}

std::optional<Stop> check_text(std::string_view text) {
  if (text.size() > kMaxConfigBytes) {
    return Stop{Position{1, 1}, "larger than " + std::to_string(kMaxConfigBytes >> 20) + " MiB"};
  }
  Position mark{1, 1};
  for (size_t i = 0; i < text.size();) {
    const size_t length = utf8_length(text, i);
    const char c = text[i];
    if (length == 0) return Stop{mark, "not UTF-8 text"};
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' && c != '\r') {
      return Stop{mark, "a control character: only plain text is allowed"};
    }
    i += length;
    if (c == '\n')
      mark = Position{mark.line + 1, 1};
    else
      ++mark.column;
  }
  return std::nullopt;
}

std::string_view line_of(std::string_view text, int line) {
  for (int i = 1; i < line; ++i) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

bool indented_with_tab(std::string_view line) {
  const size_t first = line.find_first_not_of(" \t");
  return line.substr(0, first).find('\t') != std::string_view::npos;
}

// yaml-cpp's own words, and what is behind them most often.
Stop explain(const YAML::Exception& error, std::string_view text) {
  const Position mark = to_mark(error.mark);
  for (const int line : {mark.line, mark.line + 1, mark.line - 1}) {
    if (line >= 1 && indented_with_tab(line_of(text, line))) {
      return Stop{Position{line, 1}, "indented with a tab: YAML allows spaces only"};
    }
  }
  std::string message = "not valid YAML (" + error.msg + ")";
  if (line_of(text, mark.line).find_first_of("{}[]%@`") != std::string_view::npos) {
    message += ": a text with { } [ ] or a leading %, @ or ` must be quoted";
  }
  return Stop{mark, std::move(message)};
}

}  // namespace

std::vector<NodePtr> read_yaml(std::string_view text, Problems& problems) {
  std::optional<Stop> stop = check_text(text);
  TreeBuilder builder(problems);
  if (!stop) {
    try {
      std::istringstream stream{std::string(text)};
      YAML::Parser parser(stream);
      while (parser.HandleNextDocument(builder)) {
      }
    } catch (const Stop& reason) {
      stop = reason;
    } catch (const YAML::Exception& error) {
      stop = explain(error, text);
    } catch (const std::exception& error) {
      stop = Stop{Position{1, 1}, std::string("not valid YAML (") + error.what() + ")"};
    }
  }
  if (stop) problems.add(stop->mark, "", stop->message);
  return std::move(builder.documents);
}

}  // namespace autoscaler
