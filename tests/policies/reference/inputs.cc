#include "tests/policies/reference/random_case.h"

#include <sstream>

namespace reference {
namespace {

using autoscaler::Duration;
using autoscaler::HpaMetricSpec;
using autoscaler::Instant;
using autoscaler::PodFacts;
using autoscaler::ScalingRules;
using autoscaler::Signal;

Instant instant(Millis at) {
  return Instant{Duration{at}};
}

PodFacts facts_of(const Pod& pod) {
  PodFacts facts;
  using Phase = PodFacts::Phase;
  facts.phase = pod.phase == "Pending"     ? Phase::kPending
                : pod.phase == "Running"   ? Phase::kRunning
                : pod.phase == "Succeeded" ? Phase::kSucceeded
                : pod.phase == "Failed"    ? Phase::kFailed
                                           : Phase::kUnknown;
  facts.deleting = pod.is_deleting;
  if (pod.started) facts.started = instant(*pod.started);
  if (pod.ready) {
    facts.ready = pod.ready->status == "True";
    facts.ready_unknown = pod.ready->status == "Unknown";
    facts.ready_changed = instant(pod.ready->last_transition);
  }
  for (const Container& container : pod.containers) {
    facts.containers.push_back({container.name,
                                {container.requests.begin(), container.requests.end()},
                                container.is_counted});
  }
  facts.pod_requests_milli = {pod.requests.begin(), pod.requests.end()};
  return facts;
}

HpaMetricSpec spec_of(const Metric& metric, size_t signal) {
  using Source = HpaMetricSpec::Source;
  using Target = HpaMetricSpec::Target;
  HpaMetricSpec spec;
  spec.signal = signal;
  spec.source = metric.source == "Resource"            ? Source::kResource
                : metric.source == "ContainerResource" ? Source::kContainerResource
                : metric.source == "Pods"              ? Source::kPods
                : metric.source == "Object"            ? Source::kObject
                                                       : Source::kExternal;
  spec.resource = metric.resource;
  spec.container = metric.container;
  spec.target_kind = metric.target == "Utilization"    ? Target::kUtilization
                     : metric.target == "AverageValue" ? Target::kAverageValue
                                                       : Target::kValue;
  spec.target = metric.wanted;
  return spec;
}

Signal signal_of(const Metric& metric, Millis now) {
  using autoscaler::Measured;
  if (metric.is_failed) {
    return {autoscaler::Reading(autoscaler::Missing{autoscaler::MissingReason::kSourceError, ""})};
  }
  if (metric.source == "Object" || metric.source == "External") {
    return {autoscaler::Reading(
        Measured{autoscaler::Quantities{metric.series}, instant(now), Duration{0}})};
  }
  std::vector<autoscaler::InstanceReading> readings;
  for (const auto& [pod, sample] : metric.samples) {
    Measured measured{{}, instant(sample.at), Duration{sample.window}};
    if (metric.source == "Pods") measured.value = autoscaler::Quantities{{sample.value}};
    if (metric.source != "Pods") measured.value = autoscaler::ContainerUsage{sample.containers};
    readings.push_back({pod, std::move(measured)});
  }
  return {std::move(readings)};
}

ScalingRules rules_of(const Direction& direction) {
  using Type = ScalingRules::RatePolicy::Type;
  ScalingRules rules;
  rules.stabilization = Duration{direction.window};
  rules.select = direction.select == "Max"   ? ScalingRules::Select::kMax
                 : direction.select == "Min" ? ScalingRules::Select::kMin
                                             : ScalingRules::Select::kDisabled;
  for (const Rate& rate : direction.rates) {
    rules.policies.push_back({rate.type == "Pods" ? Type::kPods : Type::kPercent,
                              static_cast<int32_t>(rate.value), Duration{rate.period}});
  }
  rules.tolerance = direction.tolerance;
  return rules;
}

autoscaler::WorkloadSpec spec_of(const Case& one) {
  autoscaler::WorkloadSpec spec;
  spec.name = "random";
  spec.bounds = {static_cast<int32_t>(one.min), static_cast<int32_t>(one.max)};
  spec.hpa =
      autoscaler::HpaFlags{one.tolerance, Duration{one.cpu_initialization},
                           Duration{one.initial_readiness}, Duration{one.downscale_stabilization}};
  spec.behavior.reset();
  if (one.behavior) {
    spec.behavior = autoscaler::Behavior{rules_of(one.behavior->up), rules_of(one.behavior->down)};
  }
  for (size_t i = 0; i < one.metrics.size(); ++i) {
    autoscaler::SignalSpec signal;
    signal.name = "m" + std::to_string(i);
    signal.kind = autoscaler::SignalSpec::Kind::kQuantity;
    spec.signals.push_back(signal);
    spec.policies.push_back({signal.name, spec_of(one.metrics[i], i)});
  }
  return spec;
}

}  // namespace

Inputs inputs_of(const Case& one) {
  Inputs inputs;
  inputs.now = instant(one.now);
  inputs.spec = spec_of(one);
  inputs.workload.size = static_cast<int32_t>(one.spec_replicas);
  inputs.workload.status_size = static_cast<int32_t>(one.status_replicas);
  for (const Pod& pod : one.pods) {
    inputs.workload.instances.push_back(
        {pod.name, autoscaler::Lifecycle::kInService, facts_of(pod)});
  }
  for (const Metric& metric : one.metrics) inputs.signals.push_back(signal_of(metric, one.now));
  for (const Past& past : one.recommendations) {
    const Instant at = instant(past.at);
    inputs.recent.recommendations.push_back({at, at, static_cast<int32_t>(past.number)});
  }
  for (const Past& event : one.events) {
    inputs.recent.events.push_back({instant(event.at), static_cast<int32_t>(event.number)});
  }
  return inputs;
}

std::string describe(const Case& one) {
  std::ostringstream text;
  text << "size " << one.spec_replicas << " (status " << one.status_replicas << "), bounds "
       << one.min << ".." << one.max << ", tolerance " << one.tolerance << "\n";
  for (const Pod& pod : one.pods) {
    text << "  pod " << pod.name << " " << pod.phase << (pod.is_deleting ? " deleting" : "");
    if (pod.started) text << ", started " << (one.now - *pod.started) << " ms ago";
    if (pod.ready) {
      text << ", Ready " << pod.ready->status << " since " << (one.now - pod.ready->last_transition)
           << " ms";
    }
    for (const Container& container : pod.containers) {
      text << ", " << container.name << (container.is_counted ? "" : " (not counted)");
      for (const auto& [name, milli] : container.requests) text << " " << name << " " << milli;
    }
    for (const auto& [name, milli] : pod.requests) text << ", as a whole " << name << " " << milli;
    text << "\n";
  }
  for (const Metric& metric : one.metrics) {
    text << "  " << metric.source << " " << metric.resource << " " << metric.container << " "
         << metric.target << " " << metric.wanted << (metric.is_failed ? " failed" : "");
    for (const Milli each : metric.series) text << " " << each;
    for (const auto& [pod, sample] : metric.samples) {
      text << "; " << pod << " " << (one.now - sample.at) << " ms ago";
      if (metric.source == "Pods") text << " " << sample.value;
      for (const auto& [name, usage] : sample.containers) {
        text << " " << name << "=" << (usage ? std::to_string(*usage) : "none");
      }
    }
    text << "\n";
  }
  for (const Past& past : one.recommendations) {
    text << "  wanted " << past.number << " " << (one.now - past.at) << " ms ago\n";
  }
  for (const Past& event : one.events) {
    text << "  changed by " << event.number << " " << (one.now - event.at) << " ms ago\n";
  }
  if (!one.behavior) return text.str() + "  no behavior\n";
  for (const Direction* direction : {&one.behavior->up, &one.behavior->down}) {
    text << (direction == &one.behavior->up ? "  up" : "  down") << " window " << direction->window
         << " " << direction->select;
    for (const Rate& rate : direction->rates) {
      text << " " << rate.value << " " << rate.type << "/" << rate.period;
    }
    if (direction->tolerance) text << " tolerance " << *direction->tolerance;
    text << "\n";
  }
  return text.str();
}

}  // namespace reference
