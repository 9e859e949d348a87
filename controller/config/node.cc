#include "controller/config/node.h"

#include "base/check.h"

#include <algorithm>
#include <tuple>

namespace autoscaler {
namespace {

constexpr size_t kMostProblems = 100;
constexpr size_t kLongestQuote = 60;

auto place(const ConfigProblem& problem) {
  return std::tie(problem.file, problem.line, problem.column, problem.path, problem.message);
}

}  // namespace

const Entry* Node::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

std::string describe_node(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull: return "nothing";
    case Node::Kind::kList: return "a list";
    case Node::Kind::kMapping: return "a mapping";
    case Node::Kind::kScalar: break;
  }
  if (node.text.size() <= kLongestQuote) return "'" + node.text + "'";
  size_t cut = kLongestQuote;  // never in the middle of a UTF-8 character
  while (cut > 0 && (static_cast<unsigned char>(node.text[cut]) & 0xC0) == 0x80) --cut;
  return "'" + node.text.substr(0, cut) + "...'";
}

void Problems::add(Position mark, std::string path, std::string message) {
  problems_.push_back(
      ConfigProblem{file_, mark.line, mark.column, std::move(path), std::move(message)});
}

std::vector<ConfigProblem> Problems::take() {
  std::stable_sort(problems_.begin(), problems_.end(),
                   [](const auto& a, const auto& b) { return place(a) < place(b); });
  problems_.erase(std::unique(problems_.begin(), problems_.end(),
                              [](const auto& a, const auto& b) { return place(a) == place(b); }),
                  problems_.end());
  if (problems_.size() > kMostProblems) {
    const size_t rest = problems_.size() - kMostProblems;
    problems_.resize(kMostProblems);
    ConfigProblem last = problems_.back();
    last.path.clear();
    last.message = "and " + std::to_string(rest) + " further problems after this line";
    problems_.push_back(std::move(last));
  }
  return std::move(problems_);
}

std::string Cursor::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

Cursor Cursor::child(std::string_view key) const {
  const Entry* entry = node_->find(key);
  CHECK(entry != nullptr);
  return under(*entry);
}

Cursor Cursor::under(const Entry& entry) const {
  // A value that is not there has no place of its own.
  const bool nothing = entry.value->kind == Node::Kind::kNull;
  return Cursor(entry.value, path_of(entry.key), nothing ? entry.mark : entry.value->mark,
                *problems_);
}

Cursor Cursor::item(size_t index) const {
  CHECK(index < node_->items.size());
  const NodePtr& value = node_->items[index];
  return Cursor(value, path_ + "[" + std::to_string(index) + "]", value->mark, *problems_);
}

void Cursor::problem_at_key(std::string_view key, std::string message) const {
  const Entry* entry = node_->find(key);
  problems_->add(entry != nullptr ? entry->mark : mark_, path_of(key), std::move(message));
}

void Cursor::problem_under(std::string_view key, std::string message) const {
  problems_->add(mark_, path_of(key), std::move(message));
}

}  // namespace autoscaler
