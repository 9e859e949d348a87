#include "controller/kubernetes/label_selector.h"

#include <algorithm>

namespace autoscaler {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// At commas that stand in no brackets.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  int depth = 0;
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
    if (text[i] != ',' || depth != 0) continue;
    parts.push_back(trimmed(text.substr(begin, i - begin)));
    begin = i + 1;
  }
  parts.push_back(trimmed(text.substr(begin)));
  return parts;
}

bool is_word(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '/';
  });
}

const std::string* value_of(const Labels& labels, const std::string& key) {
  const auto found =
      std::lower_bound(labels.begin(), labels.end(), key,
                       [](const auto& label, const auto& k) { return label.first < k; });
  return found != labels.end() && found->first == key ? &found->second : nullptr;
}

}  // namespace

Result<LabelSelector::Term> LabelSelector::parse_term(std::string_view text) {
  using Operator = Term::Operator;
  Term term;
  std::string_view key = text;
  if (const size_t equals = text.find('='); equals != std::string_view::npos) {
    const bool differs = equals > 0 && text[equals - 1] == '!';
    key = text.substr(0, differs ? equals - 1 : equals);
    std::string_view value = text.substr(equals + 1);
    if (!differs && value.starts_with('=')) value.remove_prefix(1);
    term.op = differs ? Operator::kNotIn : Operator::kIn;
    term.values.emplace_back(trimmed(value));
  } else if (const size_t bracket = text.find('('); bracket != std::string_view::npos) {
    if (!text.ends_with(')')) return Error{Code::kInvalid, "a bracket is open"};
    const std::string_view words = trimmed(text.substr(0, bracket));
    const size_t blank = words.find(' ');
    const std::string_view named =
        blank == std::string_view::npos ? "" : trimmed(words.substr(blank));
    if (named != "in" && named != "notin") return Error{Code::kInvalid, "expected in or notin"};
    key = words.substr(0, blank);
    term.op = named == "in" ? Operator::kIn : Operator::kNotIn;
    for (const std::string_view value :
         split(text.substr(bracket + 1, text.size() - bracket - 2))) {
      term.values.emplace_back(value);
    }
  } else if (text.starts_with('!')) {
    key = text.substr(1);
    term.op = Operator::kNotExists;
  }
  term.key = trimmed(key);
  const bool words =
      is_word(term.key) && std::all_of(term.values.begin(), term.values.end(), is_word);
  if (term.key.empty() || !words) {
    return Error{Code::kInvalid, "'" + std::string(text.substr(0, 80)) + "' is no requirement"};
  }
  return term;
}

Result<LabelSelector> LabelSelector::parse(std::string_view text) {
  LabelSelector selector;
  if (trimmed(text).empty()) return Error{Code::kInvalid, "the selector is empty"};
  for (const std::string_view part : split(text)) {
    Result<Term> term = parse_term(part);
    if (!term) return Error{Code::kInvalid, "the selector cannot be read: " + term.error().message};
    selector.terms_.push_back(*std::move(term));
  }
  return selector;
}

bool LabelSelector::selects(const Labels& labels) const {
  return std::all_of(terms_.begin(), terms_.end(), [&](const Term& term) {
    const std::string* value = value_of(labels, term.key);
    const bool among = value != nullptr && std::find(term.values.begin(), term.values.end(),
                                                     *value) != term.values.end();
    switch (term.op) {
      case Term::Operator::kIn: return among;
      case Term::Operator::kNotIn: return !among;  // also where there is no such label
      case Term::Operator::kExists: return value != nullptr;
      case Term::Operator::kNotExists: return value == nullptr;
    }
    return false;
  });
}

const std::string* LabelSelector::only_value(std::string& key) const {
  for (const Term& term : terms_) {
    if (term.op != Term::Operator::kIn || term.values.size() != 1) continue;
    key = term.key;
    return &term.values.front();
  }
  return nullptr;
}

}  // namespace autoscaler
