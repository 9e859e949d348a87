#include "policies/inputs.h"

#include <algorithm>

namespace autoscaler {
namespace {

class Collector {
 public:
  void operator()(const TrackSpec& track) {
    add(track.signal);
    if (track.queue) add(*track.queue);
    if (track.burst) add(track.burst->signal);
  }
  void operator()(const HpaMetricSpec& metric) { add(metric.signal); }
  void operator()(const ThresholdSpec& threshold) {
    add_rule(threshold.out);
    if (!only_out) add_rule(threshold.in);
  }
  void operator()(const StepSpec& step) {
    if (step.out) add(step.out->mark.signal);
    if (step.in && !only_out) add(step.in->mark.signal);
  }
  void operator()(const FormulaSpec& formula) {
    for (const FormulaOp& op : formula.code) {
      if (op.code == FormulaOp::Code::kSignal) add(op.signal);
    }
  }

  void operator()(const ScheduleSpec&) {}
  // What is forecast of a load is no sign of the first request.
  void operator()(const PredictSpec& predict) {
    if (!only_out) add(predict.signal);
  }

  bool only_out = false;
  SignalIndices found;

 private:
  void add_rule(const std::optional<ThresholdSpec::Rule>& rule) {
    if (!rule) return;
    for (const Mark& mark : rule->marks) add(mark.signal);
  }
  void add(size_t signal) {
    const auto index = static_cast<uint16_t>(signal);
    if (std::find(found.begin(), found.end(), index) == found.end()) found.push_back(index);
  }
};

SignalIndices collect(const PolicyRule& rule, bool only_out) {
  Collector collector;
  collector.only_out = only_out;
  std::visit([&collector](const auto& each) { collector(each); }, rule);
  return collector.found;
}

}  // namespace

SignalIndices signals_of(const PolicyRule& rule) {
  return collect(rule, false);
}

SignalIndices signals_to_grow_by(const PolicyRule& rule) {
  return collect(rule, true);
}

}  // namespace autoscaler
