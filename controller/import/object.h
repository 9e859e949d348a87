#pragma once

#include "controller/config/node.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autoscaler {

// What is said about one file, in the order in which it was found.
class Remarks {
 public:
  Remarks(std::string file, std::vector<std::string>& to) : file_(std::move(file)), to_(&to) {}
  void add(const Position& mark, const std::string& message);

 private:
  std::string file_;
  std::vector<std::string>* to_;
};

// A place in an object that stands in a file. Absent places can be asked like any other.
class ObjectPlace {
 public:
  ObjectPlace(const Node* node, Position mark, std::string subject, Remarks& remarks)
      : node_(node), mark_(mark), subject_(std::move(subject)), remarks_(&remarks) {}

  bool given() const { return node_ != nullptr && node_->kind != Node::Kind::kNull; }
  const Node& node() const { return *node_; }  // given() only
  // Absent keys have the place of what they are missing from.
  ObjectPlace operator[](std::string_view key) const;
  std::vector<ObjectPlace> items() const;             // of a list; empty otherwise
  std::string text(std::string fallback = "") const;  // of a scalar
  std::optional<int64_t> integer() const;             // a scalar that is a whole number
  // The same place; remarks on it are about `subject`: "ScaledObject shop/mail".
  ObjectPlace about(std::string subject) const;
  void remark(const std::string& message) const;

 private:
  const Node* node_;
  Position mark_;
  std::string subject_;
  Remarks* remarks_;
};

}  // namespace autoscaler
