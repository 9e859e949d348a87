#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace autoscaler {

using Labels = std::vector<std::pair<std::string, std::string>>;  // ordered by key

// A label selector as the API writes it: "app=checkout,tier in (web,api),!canary".
class LabelSelector {
 public:
  // kInvalid: it is none, or is empty, which would select every pod of the namespace.
  static Result<LabelSelector> parse(std::string_view text);
  bool selects(const Labels& labels) const;
  // A label that all that it selects have: where to look for them. nullptr: there is none.
  const std::string* only_value(std::string& key) const;

 private:
  struct Term {
    std::string key;
    enum class Operator { kIn, kNotIn, kExists, kNotExists } op = Operator::kExists;
    std::vector<std::string> values;
  };
  static Result<Term> parse_term(std::string_view text);

  std::vector<Term> terms_;  // all must hold
};

}  // namespace autoscaler
