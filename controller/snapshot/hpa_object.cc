#include "controller/snapshot/hpa_object.h"

#include "controller/config/units.h"
#include "metrics/quantity.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

namespace autoscaler {
namespace {

using Source = HpaMetricSpec::Source;
using Target = HpaMetricSpec::Target;

// autoscaling/v2 gives an object without metrics this one.
constexpr int64_t kDefaultUtilization = 80;

struct SourceField {
  std::string_view type;   // MetricSpec.type
  std::string_view field;  // the field of MetricSpec that it fills
  std::string_view label;  // in the names of our policies
};
constexpr SourceField kSources[] = {{"Resource", "resource", "resource"},
                                    {"ContainerResource", "containerResource", "container"},
                                    {"Pods", "pods", "pods"},
                                    {"Object", "object", "object"},
                                    {"External", "external", "external"}};

bool allowed(Source source, Target target) {
  const bool is_resource = source == Source::kResource || source == Source::kContainerResource;
  switch (target) {
    case Target::kUtilization: return is_resource;
    case Target::kAverageValue: return true;
    case Target::kValue: return source == Source::kObject || source == Source::kExternal;
  }
  return false;
}

void read_target(const Place& place, HpaMetricSpec& metric) {
  struct Field {
    const char* name;
    const char* type;
    Target target;
  };
  static constexpr Field kFields[] = {{"averageUtilization", "Utilization", Target::kUtilization},
                                      {"averageValue", "AverageValue", Target::kAverageValue},
                                      {"value", "Value", Target::kValue}};
  int given = 0;
  for (const Field& field : kFields) {
    const Place value = place[field.name];
    if (!value.given()) continue;
    ++given;
    metric.target_kind = field.target;
    if (!allowed(metric.source, field.target)) {
      value.fail("a metric of type " +
                 std::string(kSources[static_cast<size_t>(metric.source)].type) +
                 " has no such target; use averageValue" +
                 (allowed(metric.source, Target::kUtilization) ? " or averageUtilization" : ""));
    }
    const auto type = place["type"].text();
    if (type && *type != field.type) {
      place["type"].fail("is \"" + *type + "\" beside " + field.name + "; write \"" + field.type +
                         "\", or give the other target");
    }
    metric.target = field.target == Target::kUtilization
                        ? value.integer(1, std::numeric_limits<int32_t>::max()).value_or(1)
                        : value.milli().value_or(1);
    if (metric.target <= 0) value.fail("a target is above 0");
  }
  if (given != 1) {
    place.fail("has " + std::to_string(given) +
               " targets; give exactly one of averageUtilization, averageValue, value");
  }
}

// "cpu", "qps": what the metric is called, and which of its fields says so.
std::string read_metric_name(const Place& source, HpaMetricSpec& metric) {
  switch (metric.source) {
    case Source::kResource:
    case Source::kContainerResource:
      metric.resource =
          source.require("name", "name the resource: cpu or memory").text().value_or("");
      if (metric.source == Source::kContainerResource) {
        metric.container = source.require("container", "name the container").text().value_or("");
        return metric.resource + "-" + metric.container;
      }
      return metric.resource;
    case Source::kObject:
      source.require("describedObject", "say which object the metric describes").object();
      [[fallthrough]];
    case Source::kPods:
    case Source::kExternal: {
      const Place name = source.require("metric", "write {\"name\": ...}");
      return name.object() ? name.require("name", "name the metric").text().value_or("") : "";
    }
  }
  return {};
}

void add_metric(HpaMetricSpec metric, const std::string& name, WorkloadSpec& spec) {
  const auto taken = [&](const std::string& wanted) {
    return std::any_of(spec.signals.begin(), spec.signals.end(),
                       [&](const SignalSpec& signal) { return signal.name == wanted; });
  };
  std::string unique = name;
  for (int i = 2; taken(unique); ++i) unique = name + "-" + std::to_string(i);
  metric.signal = spec.signals.size();
  SignalSpec signal;
  signal.name = unique;
  signal.kind = SignalSpec::Kind::kQuantity;
  spec.signals.push_back(std::move(signal));
  const auto label = kSources[static_cast<size_t>(metric.source)].label;
  spec.policies.push_back({std::string(label) + "-" + unique, std::move(metric)});
}

void read_metric(const Place& place, WorkloadSpec& spec) {
  if (!place.object()) {
    place.fail("a metric is an object");
    return;
  }
  const auto type =
      place.require("type", "one of Resource, ContainerResource, Pods, Object, External")
          .one_of({"Resource", "ContainerResource", "Pods", "Object", "External"});
  if (!type) return;
  HpaMetricSpec metric;
  metric.source = static_cast<Source>(*type);
  const Place source = place.require(kSources[*type].field, "it says what the metric is");
  if (!source.object()) return;
  const std::string name = read_metric_name(source, metric);
  const Place target = source.require("target", "say what to hold the metric at");
  if (target.object()) read_target(target, metric);
  add_metric(std::move(metric), name, spec);
}

// A quantity that need not be exact: "0.05", 0.05, "50m".
std::optional<double> read_fraction(const Place& place) {
  if (!place.given()) return std::nullopt;
  double value = 0;
  if (place.json().is_string()) {
    const Result<double> quantity = parse_quantity(place.json().get<std::string>());
    if (!quantity) {
      place.fail(quantity.error().message);
      return std::nullopt;
    }
    value = *quantity;
  } else {
    const auto number = place.number();
    if (!number) return std::nullopt;
    value = *number;
  }
  if (value >= 0 && value < std::numeric_limits<double>::infinity()) return value;
  place.fail("a tolerance is a number from 0, such as 0.1");
  return std::nullopt;
}

// Fields that are there replace the defaults, each for itself.
void read_rules(const Place& place, ScalingRules& rules) {
  using RatePolicy = ScalingRules::RatePolicy;
  if (!place.object()) return;
  if (const auto seconds = place["stabilizationWindowSeconds"].integer(0, 3600)) {
    rules.stabilization = std::chrono::seconds(*seconds);
  }
  if (const auto select = place["selectPolicy"].one_of({"Max", "Min", "Disabled"})) {
    rules.select = static_cast<ScalingRules::Select>(*select);
  }
  rules.tolerance = read_fraction(place["tolerance"]);
  const Place policies = place["policies"];
  if (!policies.given()) return;
  rules.policies.clear();
  for (const Place& each : policies.list()) {
    if (!each.object()) {
      each.fail("a policy is {type, value, periodSeconds}");
      continue;
    }
    RatePolicy policy;
    const auto type = each.require("type", "Pods or Percent").one_of({"Pods", "Percent"});
    policy.type = static_cast<RatePolicy::Type>(type.value_or(0));
    policy.value = each.require("value", "a whole number from 1").replicas(1).value_or(1);
    policy.period = std::chrono::seconds(
        each.require("periodSeconds", "1 to 1800 seconds").integer(1, 1800).value_or(1));
    rules.policies.push_back(policy);
  }
  if (rules.policies.empty()) {
    policies.fail("needs at least one policy; leave it out for the defaults");
  }
}

// Size 0 is left only if the HPA itself went there, which its status tells. An object without a
// status is one that was just written.
bool starts_from_zero(const Place& status) {
  if (!status.given()) return true;
  for (const Place& each : status["conditions"].list()) {
    if (each["type"].text() == "ScaledToZero") return each["status"].text() == "True";
  }
  return false;
}

void read_bounds(const Place& place, WorkloadSpec& spec) {
  spec.bounds.min = place["minReplicas"].replicas().value_or(1);
  spec.bounds.max = place.require("maxReplicas", "the most replicas that may run")
                        .replicas(1)
                        .value_or(std::numeric_limits<int32_t>::max());
  if (spec.bounds.max < spec.bounds.min) {
    place["maxReplicas"].fail("is " + std::to_string(spec.bounds.max) + ", below minReplicas " +
                              std::to_string(spec.bounds.min) + "; raise it, or lower minReplicas");
  }
  const bool outside =
      std::any_of(spec.policies.begin(), spec.policies.end(), [](const PolicySpec& policy) {
        const Source source = std::get<HpaMetricSpec>(policy.rule).source;
        return source == Source::kObject || source == Source::kExternal;
      });
  if (spec.bounds.min == 0 && !outside) {
    place["minReplicas"].fail(
        "is 0, but no Object or External metric is left to be read then; "
        "write 1, or add such a metric");
  }
}

}  // namespace

WorkloadSpec read_hpa(const Place& object, const HpaFlags& flags) {
  WorkloadSpec spec;
  spec.guards = GuardsSpec::none();
  spec.hpa = flags;
  const auto version = object["apiVersion"].text();
  if (version && *version != "autoscaling/v2") {
    object["apiVersion"].fail("is \"" + *version +
                              "\"; autoscaling/v2 is read (kubectl get hpa.v2.autoscaling)");
  }
  const auto kind = object["kind"].text();
  if (kind && *kind != "HorizontalPodAutoscaler") {
    object["kind"].fail("is \"" + *kind +
                        "\"; a policy is a HorizontalPodAutoscaler, or a workload "
                        "of the config");
  }
  spec.name = object["metadata"]["name"].text().value_or("hpa");
  spec.hpa->starts_from_zero = starts_from_zero(object["status"]);
  const Place body = object.require("spec", "a HorizontalPodAutoscaler has one");
  if (!body.object()) return spec;
  for (const Place& metric : body["metrics"].list()) read_metric(metric, spec);
  if (!body["metrics"].given() || body["metrics"].json().empty()) {
    HpaMetricSpec cpu;
    cpu.resource = "cpu";
    cpu.target = kDefaultUtilization;
    add_metric(cpu, "cpu", spec);
  }
  read_bounds(body, spec);

  const Place behavior = body["behavior"];
  spec.behavior = std::nullopt;
  if (behavior.object()) {
    spec.behavior = Behavior{};
    // The flag counts in whole seconds there.
    spec.behavior->down.stabilization =
        std::chrono::floor<std::chrono::seconds>(flags.downscale_stabilization);
    read_rules(behavior["scaleUp"], spec.behavior->up);
    read_rules(behavior["scaleDown"], spec.behavior->down);
  }
  return spec;
}

Place hpa_metric(const Place& object, size_t index) {
  const std::vector<Place> metrics = object["spec"]["metrics"].list();
  return index < metrics.size() ? metrics[index] : object["spec"]["metrics"]["default"];
}

HpaFlags read_hpa_flags(const Place& place, const HpaFlags& defaults) {
  HpaFlags flags = defaults;
  place.only(
      {"tolerance", "cpuInitializationPeriod", "initialReadinessDelay", "downscaleStabilization"});
  flags.tolerance = read_fraction(place["tolerance"]).value_or(flags.tolerance);
  const auto read = [&place](const char* key, Duration& duration) {
    const auto given = place[key].duration();
    if (given && *given < Duration{0}) place[key].fail("is negative; write 0s or more");
    if (given) duration = *given;
  };
  read("cpuInitializationPeriod", flags.cpu_initialization_period);
  read("initialReadinessDelay", flags.initial_readiness_delay);
  read("downscaleStabilization", flags.downscale_stabilization);
  return flags;
}

nlohmann::json hpa_flags_json(const HpaFlags& flags) {
  return {{"tolerance", number_json(flags.tolerance)},
          {"cpuInitializationPeriod", format_go_duration(flags.cpu_initialization_period)},
          {"initialReadinessDelay", format_go_duration(flags.initial_readiness_delay)},
          {"downscaleStabilization", format_go_duration(flags.downscale_stabilization)}};
}

}  // namespace autoscaler
