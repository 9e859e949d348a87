#include "controller/config/scalars.h"
#include "controller/config/sections.h"

namespace autoscaler {
namespace {

using std::chrono::seconds;
using RatePolicy = ScalingRules::RatePolicy;

constexpr int32_t kLongestPeriod = 1800;         // seconds, as the API server allows
constexpr int32_t kLongestStabilization = 3600;  // seconds

// autoscaling/v2 writes plain seconds.
Shape whole_seconds(Duration& to, int64_t least, int64_t most) {
  ScalarRule<int32_t> rule = integer(least, most);
  ScalarRule<Duration> as_duration{
      rule.expected + " (seconds, without a unit)", rule.schema,
      [parse = rule.parse](const Node& node) -> Result<Duration> {
        const auto value = parse(node);
        if (!value.ok()) return value.error();
        return Duration{seconds(*value)};
      },
      [](const Duration& value) {
        return std::to_string(std::chrono::duration_cast<seconds>(value).count());
      }};
  return scalar(to, std::move(as_duration));
}

Shape rate_policy(RatePolicy& to) {
  return mapping([&to](Fields& fields) {
    fields.required("type", choice(to.type, {"Pods", "Percent"}),
                    "Pods: instances; Percent: of the current size");
    fields.required("value", scalar(to.value, integer(1, 1'000'000)),
                    "how much may change within the period");
    fields.required("periodSeconds", whole_seconds(to.period, 1, kLongestPeriod),
                    "length of the period");
  });
}

Shape scaling_rules(ScalingRules& to) {
  return mapping([&to](Fields& fields) {
    fields.optional("stabilizationWindowSeconds",
                    whole_seconds(to.stabilization, 0, kLongestStabilization),
                    "window whose safest recommendation is taken");
    fields.optional("selectPolicy", choice(to.select, {"Max", "Min", "Disabled"}),
                    "which of several policies holds; Disabled: never in this direction");
    Shape policies = list_of(1, [&to] {
      to.policies.emplace_back();
      return rate_policy(to.policies.back());
    });
    const auto read = policies.read;
    policies.read = [&to, read](const Cursor& cursor) {
      to.policies.clear();  // what is written takes the place of the defaults
      read(cursor);
    };
    fields.optional("policies", std::move(policies), "how fast the size may change");
    fields.optional("tolerance", scalar(to.tolerance, ratio(0, 1)),
                    "how far a signal may be from its target without a change; for `track` without "
                    "a tolerance of its own");
  });
}

}  // namespace

Shape behavior_section(std::optional<Behavior>& to) {
  Shape none = scalar(to, ScalarRule<Behavior>{"none, or a mapping with scaleUp and scaleDown",
                                               [] { return std::string(R"({"const":"none"})"); },
                                               [](const Node& node) -> Result<Behavior> {
                                                 if (node.text == "none") return Behavior{};
                                                 return Error{Code::kInvalid, ""};
                                               },
                                               nullptr});
  none.read = [&to, read = none.read](const Cursor& cursor) {
    read(cursor);
    to.reset();
  };
  return either(std::move(none), mapping([&to](Fields& fields) {
                  auto behavior = std::make_shared<Behavior>();
                  fields.optional("scaleUp", scaling_rules(behavior->up), "on the way out");
                  fields.optional("scaleDown", scaling_rules(behavior->down), "on the way in");
                  fields.check([&to, behavior](const Cursor&) { to = *behavior; });
                }));
}

}  // namespace autoscaler
