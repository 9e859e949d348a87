#include "controller/config/scalars.h"
#include "controller/config/sections.h"

namespace autoscaler {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// The guard's number, or `none` to switch it off.
template <typename T>
Shape or_none(std::optional<T>& to, ScalarRule<T> rule, const char* initial) {
  rule.expected += ", or none";
  const Json of_number = std::move(rule.schema);
  rule.schema = [of_number] { return R"({"anyOf":[{"const":"none"},)" + of_number() + "]}"; };
  Shape shape = scalar(to, std::move(rule));
  shape.read = [&to, read = std::move(shape.read)](const Cursor& cursor) {
    const Node& node = cursor.node();
    if (node.kind == Node::Kind::kScalar && node.text == "none") {
      to.reset();
    } else {
      read(cursor);
    }
  };
  shape.initial = [initial] { return std::string(initial); };
  return shape;
}

Shape marks(std::vector<Mark>& to, const std::vector<SignalDraft>& signals) {
  return list_of(1, [&to, &signals] {
    to.emplace_back();
    return mark_section(to.back(), signals);
  });
}

Shape each_guard(GuardsSpec& to, const std::vector<SignalDraft>& signals) {
  return mapping([&to, &signals](Fields& fields) {
    fields.optional("badDeploy", or_none(to.bad_deploy, size_change(), R"("20%")"),
                    "growth that is left while errors or latency are up and load is not");
    fields.optional("ineffective",
                    or_none(to.ineffective, duration(minutes(1), hours(1)), R"("5m")"),
                    "wait after a scale-out that did not help, doubled with each further one");
    fields.optional("errors", or_none(to.errors, ratio(0, 1), R"("5%")"),
                    "above this share of errors nothing scales in");
    fields.optional("flapBudget", or_none(to.flap_budget, integer(1, 60), "6"),
                    "changes of direction an hour; then scale-in waits");
    fields.optional("surge", or_none(to.surge, size_change(), R"("none")"),
                    "instances that may be starting at once, as a number or of the size");
    fields.optional("blockScaleInWhen", marks(to.block_in, signals),
                    "no scale-in while one of these marks is past");
    fields.optional("blockScaleOutWhen", marks(to.block_out, signals),
                    "no scale-out while one of these marks is past");
  });
}

}  // namespace

Shape guards_section(GuardsSpec& to, const std::vector<SignalDraft>& signals) {
  Shape none = scalar(to, ScalarRule<GuardsSpec>{"none, or a mapping of guards",
                                                 [] { return std::string(R"({"const":"none"})"); },
                                                 [](const Node& node) -> Result<GuardsSpec> {
                                                   if (node.text == "none")
                                                     return GuardsSpec::none();
                                                   return Error{Code::kInvalid, ""};
                                                 },
                                                 nullptr});
  none.initial = nullptr;
  return either(none, each_guard(to, signals));
}

}  // namespace autoscaler
