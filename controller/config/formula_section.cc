#include "controller/config/scalars.h"
#include "controller/config/sections.h"
#include "policies/formula_parser.h"

namespace autoscaler {

Shape formula_section(FormulaSpec& to, const std::vector<SignalDraft>& signals) {
  ScalarRule<FormulaSpec> rule{"a number of instances computed from signals, such as rps / 120 + 1",
                               [] { return std::string(R"({"type":"string"})"); },
                               [&signals](const Node& node) {
                                 std::vector<std::string> names;
                                 for (const SignalDraft& each : signals)
                                   names.push_back(each.spec.name);
                                 return parse_formula(node.text, names);
                               },
                               nullptr};
  Shape shape = scalar(to, std::move(rule));
  shape.initial = {};
  return shape;
}

}  // namespace autoscaler
