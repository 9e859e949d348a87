#include "policies/formula.h"
#include "policies/formula_parser.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace autoscaler {
namespace {

const std::vector<std::string> kSignals = {"a", "b", "c-d"};
const std::vector<std::string> kPieces = {
    "a", "b", "'c-d'", "size", "1",    "0",    "2.5",   "1e300",    "70%", "(",  ")",
    ",", "+", "-",     "*",    "/",    "<",    "<=",    "==",       "!=",  "&&", "||",
    "!", "?", ":",     "min(", "max(", "abs(", "ceil(", "default(", " ",   "'",  "x"};

// An expression that is right, of some depth, with every operator.
rc::Gen<std::string> expression(int depth) {
  const auto leaf = rc::gen::element<std::string>("a", "b", "'c-d'", "size", "0", "3", "1e200");
  if (depth == 0) return leaf;
  return rc::gen::mapcat(rc::gen::inRange(0, 6), [depth, leaf](int kind) -> rc::Gen<std::string> {
    const auto part = expression(depth - 1);
    const auto two = rc::gen::pair(part, part);
    switch (kind) {
      case 0: return leaf;
      case 1: return rc::gen::map(part, [](const std::string& x) { return "-" + ("(" + x + ")"); });
      case 2:
        return rc::gen::map(
            two, [](const auto& x) { return "default(" + x.first + ", " + x.second + ")"; });
      case 3:
        return rc::gen::map(rc::gen::pair(two, part), [](const auto& x) {
          return "(" + x.first.first + " ? " + x.first.second + " : " + x.second + ")";
        });
      default:
        return rc::gen::map(
            rc::gen::pair(two, rc::gen::element<std::string>(" + ", " - ", " * ", " / ", " < ",
                                                             " && ", " || ")),
            [](const auto& x) { return "(" + x.first.first + x.second + x.first.second + ")"; });
    }
  });
}

std::vector<FormulaValue> some_values() {
  std::vector<FormulaValue> values;
  for (uint16_t i = 0; i < 3; ++i) {
    const bool there = *rc::gen::arbitrary<bool>();
    values.push_back(there ? FormulaValue{*rc::gen::arbitrary<double>()}
                           : FormulaValue{std::nullopt, i});
  }
  return values;
}

// Whatever the text: a mistake that is told with its column, or a formula that gives a finite
// number or none, which a signal without a value or an operation explains.
void check(const std::string& text) {
  const auto formula = parse_formula(text, kSignals);
  if (!formula.ok()) {
    RC_ASSERT(formula.error().message.starts_with("column "));
    return;
  }
  const auto values = some_values();
  const FormulaValue result = evaluate_formula(*formula, 4, values);
  if (result.value) {
    RC_ASSERT(std::isfinite(*result.value));
  } else if (result.lacks) {
    RC_ASSERT(!values[*result.lacks].value);
  }
}

RC_GTEST_PROP(FormulaProperties, AnyTextIsAMistakeOrAFormulaWithAResult, ()) {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(kPieces));
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  check(text);
}

RC_GTEST_PROP(FormulaProperties, AnyBytesAreRead, ()) {
  check(*rc::gen::arbitrary<std::string>());
}

RC_GTEST_PROP(FormulaProperties, EveryExpressionHasAResult, ()) {
  const std::string text = "a + " + *expression(4);
  const auto formula = parse_formula(text, kSignals);
  RC_ASSERT(formula.ok());
  check(text);
  // The same once more is the same to the bit.
  const auto values = some_values();
  const FormulaValue once = evaluate_formula(*formula, 4, values);
  const FormulaValue twice = evaluate_formula(*formula, 4, values);
  RC_ASSERT(once.value == twice.value);
  RC_ASSERT(once.lacks == twice.lacks);
}

RC_GTEST_PROP(FormulaProperties, DefaultAlwaysHasAValue, ()) {
  const auto formula = parse_formula("default(" + *expression(3) + " + a, 7)", kSignals);
  RC_ASSERT(formula.ok());
  RC_ASSERT(evaluate_formula(*formula, 4, some_values()).value.has_value());
}

}  // namespace
}  // namespace autoscaler
