#include "controller/config/scalars.h"
#include "controller/config/sections.h"

#include <algorithm>

namespace autoscaler {
namespace {

using Response = SignalDraft::Response;

// Could the ratio of value and target be a ratio of sizes? A latency is not: it may stay where it
// is at any size, and then the size runs away to the maximum.
bool check_trackable(const Cursor& cursor, const SignalDraft& signal) {
  if (signal.response != Response::kUnknown) return true;
  const char* mark = signal.unit == Unit::kRatio ? "5%" : "300ms";
  cursor.problem("'" + signal.spec.name +
                 "' cannot be tracked: it does not fall in proportion to the instances that are "
                 "added, so the size would run away. Write threshold: {out: {any: [{signal: " +
                 signal.spec.name + ", above: " + mark + "}], add: 1}}");
  return false;
}

struct WrittenTrack {
  std::optional<size_t> signal, queue;
  std::optional<Cursor> target, per_instance;
  std::optional<double> tolerance_out, tolerance_in;
};

bool is_learned(const Cursor& per_instance) {
  return per_instance.node().kind == Node::Kind::kScalar && per_instance.node().text == "learned";
}

// What waits is worked off by rate.
void check_queue(const Cursor& cursor, const WrittenTrack& written,
                 const std::vector<SignalDraft>& signals, TrackSpec& to) {
  if (!written.queue) return;
  if (signals[to.signal].unit != Unit::kPerSecond) {
    cursor.problem_at_key("queue", "goes with a signal of requests per second, and '" +
                                       signals[to.signal].spec.name + "' is none");
    return;
  }
  const SignalDraft& queue = signals[*written.queue];
  if (queue.sound && queue.unit != Unit::kNumber) {
    cursor.child("queue").problem("'" + queue.spec.name +
                                  "' is no number of requests: name one that counts what waits, "
                                  "such as source: balancer, value: queue");
    return;
  }
  to.queue = written.queue;
}

void build_target(const WrittenTrack& written, const SignalDraft& signal, TrackSpec& to) {
  const bool ratio = signal.unit == Unit::kRatio;
  if (written.per_instance) {
    to.kind = TrackSpec::Target::kPerInstance;
    if (ratio) {
      written.per_instance->problem("'" + signal.spec.name +
                                    "' is a ratio, not an amount to share: write target: 65%");
      return;
    }
    if (is_learned(*written.per_instance)) {
      to.kind = TrackSpec::Target::kLearned;
      return;
    }
    to.target = read_in_unit(*written.per_instance, signal, true).value_or(1);
    return;
  }
  to.kind = ratio ? TrackSpec::Target::kUtilization : TrackSpec::Target::kValue;
  if (signal.response == Response::kTotal) {
    written.target->problem("'" + signal.spec.name +
                            "' is a total, which stays the same when instances are added: write "
                            "perInstance instead of target");
    return;
  }
  to.target = read_in_unit(*written.target, signal, true).value_or(1);
}

Shape tolerance(WrittenTrack& written) {
  std::optional<double>& out = written.tolerance_out;
  std::optional<double>& in = written.tolerance_in;
  Shape single = scalar(out, ratio(0, 1));
  single.read = [&out, &in, read = single.read](const Cursor& cursor) {
    read(cursor);
    in = out;
  };
  single.initial = [] { return json_text("10%"); };
  return either(std::move(single), mapping([&out, &in](Fields& fields) {
                  fields.optional("out", scalar(out, ratio(0, 1)), "above the target");
                  fields.optional("in", scalar(in, ratio(0, 1)), "below the target");
                }));
}

struct WrittenBurst {
  TrackSpec::Burst burst;
  std::optional<size_t> signal;
};

Shape burst(std::optional<WrittenBurst>& to, const std::vector<SignalDraft>& signals) {
  return mapping([&to, &signals](Fields& fields) {
    auto written = std::make_shared<WrittenBurst>();
    fields.required("signal", signal_reference(written->signal, signals),
                    "the same load over a shorter window, a signal of its own");
    ScalarRule<double> times = positive_quantity();
    times.expected = "a number from 1 to 1000, such as 2";
    times.parse = [parse = times.parse](const Node& node) -> Result<double> {
      Result<double> value = parse(node);
      if (!value.ok() || (*value >= 1 && *value <= 1000)) return value;
      return Error{Code::kInvalid, "it is not from 1 to 1000"};
    };
    fields.optional("times", scalar(written->burst.ratio, std::move(times)),
                    "a burst is a load for so many times the instances in service");
    fields.optional(
        "hold",
        scalar(written->burst.hold, duration(std::chrono::seconds(1), std::chrono::hours(1))),
        "it ends once the load has been below that for so long");
    fields.check([&to, written](const Cursor&) { to = *written; });
  });
}

// Both are held against one target, so they must speak of the same thing.
void build_burst(const Cursor& cursor, const WrittenBurst& written,
                 const std::vector<SignalDraft>& signals, TrackSpec& to) {
  if (!written.signal) return;
  const SignalDraft& slow = signals[to.signal];
  const SignalDraft& fast = signals[*written.signal];
  if (!fast.sound) return;
  if (*written.signal == to.signal) {
    cursor.problem(
        "found the signal that is tracked: a burst needs a second one of the same "
        "source with a shorter window");
  } else if (fast.unit != slow.unit || fast.response != slow.response) {
    cursor.problem("'" + fast.spec.name + "' is not the same load as '" + slow.spec.name +
                   "': both are held against one target, and must have its unit");
  }
  to.burst = written.burst;
  to.burst->signal = *written.signal;
}

Shape track(TrackSpec& to, const std::vector<SignalDraft>& signals,
            const std::optional<Behavior>& behavior) {
  return mapping([&to, &signals, &behavior](Fields& fields) {
    auto written = std::make_shared<WrittenTrack>();
    fields.required("signal", signal_reference(written->signal, signals), "name of a signal");
    fields.optional("target", later(written->target, kInUnitSchema),
                    "what one instance should be at, in the signal's unit: 65%");
    fields.optional("perInstance", later(written->per_instance, kInUnitSchema),
                    "each instance's share of a total, in the signal's unit: 120/s; learned: what "
                    "an instance carries within the slo");
    fields.only_with({"perInstance"}, "queue", signal_reference(written->queue, signals),
                     "name of the signal that counts what waits: sized so that it is gone within a "
                     "minute");
    fields.exactly_one({"target", "perInstance"});
    fields.optional("tolerance", tolerance(*written),
                    "no change while the signal is this near to its target");
    auto written_burst = std::make_shared<std::optional<WrittenBurst>>();
    fields.optional("burst", burst(*written_burst, signals),
                    "answers a sudden load at once: no scale-out window, and no scale-in while it "
                    "lasts");
    fields.check([&to, &signals, &behavior, written, written_burst](const Cursor& cursor) {
      to.tolerance_out = written->tolerance_out;
      to.tolerance_in = written->tolerance_in;
      if (behavior && !to.tolerance_out) to.tolerance_out = behavior->up.tolerance;
      if (behavior && !to.tolerance_in) to.tolerance_in = behavior->down.tolerance;
      // Past a learned capacity the SLO ends: there is nothing to tolerate.
      const bool learned = written->per_instance && is_learned(*written->per_instance);
      if (learned && !to.tolerance_out) to.tolerance_out = 0;
      if (!written->signal) return;
      to.signal = *written->signal;
      const SignalDraft& signal = signals[to.signal];
      if (!signal.sound || !check_trackable(cursor.child("signal"), signal)) return;
      const bool one = written->target.has_value() != written->per_instance.has_value();
      if (one) build_target(*written, signal, to);
      if (*written_burst) {
        build_burst(cursor.child("burst").near("signal"), **written_burst, signals, to);
      }
      check_queue(cursor, *written, signals, to);
    });
  });
}

std::string default_name(const PolicySpec& policy, const std::vector<SignalDraft>& signals,
                         const std::vector<PolicySpec>& all) {
  if (const auto* track = std::get_if<TrackSpec>(&policy.rule)) {
    return track->signal < signals.size() ? "track-" + signals[track->signal].spec.name : "track";
  }
  if (const auto* predict = std::get_if<PredictSpec>(&policy.rule)) {
    return predict->signal < signals.size() ? "predict-" + signals[predict->signal].spec.name
                                            : "predict";
  }
  const char* kind = std::holds_alternative<StepSpec>(policy.rule)       ? "step-"
                     : std::holds_alternative<FormulaSpec>(policy.rule)  ? "formula-"
                     : std::holds_alternative<ScheduleSpec>(policy.rule) ? "schedule-"
                                                                         : "threshold-";
  const auto same = std::count_if(all.begin(), all.end(), [&](const PolicySpec& other) {
    return other.rule.index() == policy.rule.index();
  });
  return kind + std::to_string(same);
}

Shape policy(std::vector<PolicySpec>& all, const std::vector<SignalDraft>& signals,
             const std::optional<Behavior>& behavior, const std::optional<Bounds>& bounds,
             const ReadContext& context) {
  return mapping([&all, &signals, &behavior, &bounds, context](Fields& fields) {
    auto given_name = std::make_shared<std::optional<std::string>>();
    auto track_spec = std::make_shared<TrackSpec>();
    auto threshold_spec = std::make_shared<ThresholdSpec>();
    auto step_spec = std::make_shared<StepSpec>();
    auto formula_spec = std::make_shared<FormulaSpec>();
    auto schedule_spec = std::make_shared<ScheduleSpec>();
    auto predict_spec = std::make_shared<PredictSpec>();
    fields.optional("name", scalar(*given_name, name(kLocalName)),
                    "unique within the workload; track-<signal>, predict-<signal>, <kind>-<number> "
                    "if not given");
    fields.optional("track", track(*track_spec, signals, behavior),
                    "keeps a signal at its target, with the HPA's ratio");
    fields.optional("threshold", threshold_section(*threshold_spec, signals, context),
                    "adds when any of several signals is past its mark, removes when all are low");
    fields.optional("step", step_section(*step_spec, signals, context),
                    "the further past its mark a signal is, the more is added or removed");
    fields.optional("formula", formula_section(*formula_spec, signals),
                    "the number of instances, computed from signals");
    fields.optional("schedule", schedule_section(*schedule_spec, bounds),
                    "bounds or a size while a window of time is open");
    fields.optional("predict", predict_section(*predict_spec, signals, context),
                    "instances that the load will need by the time that they serve");
    fields.exactly_one({"track", "threshold", "step", "formula", "schedule", "predict"});
    fields.check([&all, &signals, given_name, track_spec, threshold_spec, step_spec, formula_spec,
                  schedule_spec, predict_spec](const Cursor& cursor) {
      PolicySpec& policy = all.back();
      if (cursor.has("track"))
        policy.rule = *track_spec;
      else if (cursor.has("step"))
        policy.rule = *step_spec;
      else if (cursor.has("formula"))
        policy.rule = *formula_spec;
      else if (cursor.has("schedule"))
        policy.rule = *schedule_spec;
      else if (cursor.has("predict"))
        policy.rule = *predict_spec;
      else
        policy.rule = *threshold_spec;
      policy.name = given_name->value_or(default_name(policy, signals, all));
      const bool taken = std::any_of(all.begin(), all.end() - 1, [&](const PolicySpec& other) {
        return other.name == policy.name;
      });
      if (!taken) return;
      cursor.near("name").problem("two policies are called '" + policy.name +
                                  "': give one of them another name");
    });
  });
}

}  // namespace

Shape policies_section(std::vector<PolicySpec>& to, const std::vector<SignalDraft>& signals,
                       const std::optional<Behavior>& behavior, const std::optional<Bounds>& bounds,
                       const ReadContext& context) {
  return list_of(0, [&to, &signals, &behavior, &bounds, context] {
    to.emplace_back();
    return policy(to, signals, behavior, bounds, context);
  });
}

}  // namespace autoscaler
