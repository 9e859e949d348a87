#pragma once

#include "controller/config/config.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

// The config as a tree of our own: what was written, and where. yaml-cpp ends at yaml.cc.
namespace autoscaler {

struct Position {
  int line = 0;  // 1-based
  int column = 0;
};

struct Node;
using NodePtr = std::shared_ptr<const Node>;

struct Entry {
  std::string key;
  Position mark;  // of the key
  NodePtr value;
};

// Immutable once built, so that an alias shares its anchor's node.
struct Node {
  enum class Kind { kNull, kScalar, kList, kMapping } kind = Kind::kNull;
  Position mark;
  std::string text;     // kScalar, as written: `yes`, 012 and 1.10 are never reinterpreted
  bool quoted = false;  // kScalar
  std::vector<NodePtr> items;
  std::vector<Entry> entries;
  size_t size = 1;  // nodes in it with aliases counted each time

  const Entry* find(std::string_view key) const;
};
std::string describe_node(const Node& node);  // "a list", "'30x'"

// Everything found wrong with one file, in the order of the text in the end.
class Problems {
 public:
  explicit Problems(std::string file) : file_(std::move(file)) {}
  void add(Position mark, std::string path, std::string message);
  bool empty() const { return problems_.empty(); }
  size_t count() const { return problems_.size(); }
  // Sorted by place, without repetitions, at most 100 and a last one that counts the rest.
  std::vector<ConfigProblem> take();

 private:
  std::string file_;
  std::vector<ConfigProblem> problems_;
};

// One place in the tree, with the way that led there.
class Cursor {
 public:
  Cursor(NodePtr node, std::string path, Position mark, Problems& problems)
      : node_(std::move(node)), path_(std::move(path)), mark_(mark), problems_(&problems) {}

  const Node& node() const { return *node_; }
  const NodePtr& share() const { return node_; }
  const std::string& path() const { return path_; }
  const Position& mark() const { return mark_; }

  bool has(std::string_view key) const { return node_->find(key) != nullptr; }
  // `key` must be there.
  Cursor child(std::string_view key) const;
  Cursor under(const Entry& entry) const;  // one of this mapping's own entries
  Cursor item(size_t index) const;
  // `key` if it is there, otherwise this mapping: where a missing key is reported.
  Cursor near(std::string_view key) const { return has(key) ? child(key) : *this; }
  // The same place under another path, for items of a list that goes on in the next document.
  Cursor renamed(std::string path) const {
    return Cursor(node_, std::move(path), mark_, *problems_);
  }
  // The same place, for complaints of another kind.
  Cursor reporting_to(Problems& problems) const { return Cursor(node_, path_, mark_, problems); }
  size_t problems_so_far() const { return problems_->count(); }
  // At the key instead of the value.
  void problem_at_key(std::string_view key, std::string message) const;
  void problem(std::string message) const { problems_->add(mark_, path_, std::move(message)); }
  // As if `key` had been written here.
  void problem_under(std::string_view key, std::string message) const;

 private:
  std::string path_of(std::string_view key) const;

  NodePtr node_;
  std::string path_;
  Position mark_;
  Problems* problems_;
};

}  // namespace autoscaler
