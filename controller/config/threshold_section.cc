#include "controller/config/scalars.h"
#include "controller/config/sections.h"

#include <algorithm>
#include <limits>
#include <map>

namespace autoscaler {
namespace {

using std::chrono::hours;

Shape rule_shape(std::optional<ThresholdSpec::Rule>& to, const char* change_key,
                 const char* change_help, const std::vector<SignalDraft>& signals,
                 const ReadContext& context) {
  return mapping([&to, change_key, change_help, &signals, context](Fields& fields) {
    auto rule = std::make_shared<ThresholdSpec::Rule>();
    const auto marks = [rule, &signals] {
      return list_of(1, [rule, &signals] {
        rule->marks.emplace_back();
        return mark_section(rule->marks.back(), signals);
      });
    };
    fields.optional("any", marks(), "past when one of these marks is");
    fields.optional("all", marks(), "past when all of these marks are");
    fields.exactly_one({"any", "all"});
    fields.optional("for", samples_section(rule->samples, context),
                    "consecutive samples it must be past");
    fields.required(change_key, scalar(rule->change, size_change()), change_help);
    fields.optional("cooldown", scalar(rule->cooldown, duration(Duration{0}, hours(24))),
                    "time after such a change in which this rule waits");
    fields.check([&to, rule](const Cursor& cursor) {
      rule->all = cursor.has("all");
      to = *rule;
    });
  });
}

// What a set of marks says of one signal: it is within (low, high).
struct Interval {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

std::vector<std::vector<Mark>> ways_to_be_past(const ThresholdSpec::Rule& rule) {
  if (rule.all) return {rule.marks};
  std::vector<std::vector<Mark>> ways;
  for (const Mark& mark : rule.marks) ways.push_back({mark});
  return ways;
}

// The signal on which both rules speak and which lets both be past at once: out above 60 %, in
// below 70 %. Rules that share no signal are left alone: out comes first there.
std::optional<size_t> both_past(const std::vector<Mark>& out, const std::vector<Mark>& in) {
  std::map<size_t, Interval> intervals;
  for (const auto* marks : {&out, &in}) {
    for (const Mark& mark : *marks) {
      Interval& interval = intervals[mark.signal];
      if (mark.above)
        interval.low = std::max(interval.low, mark.value);
      else
        interval.high = std::min(interval.high, mark.value);
    }
  }
  for (const auto& [signal, interval] : intervals) {
    if (interval.low >= interval.high) return std::nullopt;
  }
  for (const Mark& mark : out) {
    for (const Mark& other : in) {
      if (other.signal == mark.signal) return mark.signal;
    }
  }
  return std::nullopt;
}

void check_overlap(const Cursor& cursor, const ThresholdSpec& spec,
                   const std::vector<SignalDraft>& signals) {
  for (const auto* rule : {&*spec.out, &*spec.in}) {
    for (const Mark& mark : rule->marks) {
      if (!signals[mark.signal].sound) return;
    }
  }
  for (const auto& out : ways_to_be_past(*spec.out)) {
    for (const auto& in : ways_to_be_past(*spec.in)) {
      const auto signal = both_past(out, in);
      if (!signal) continue;
      cursor.problem_at_key("in", "contradicts out: values of '" + signals[*signal].spec.name +
                                      "' exist at which both are past. Leave a gap between the "
                                      "mark of out and the mark of in");
      return;
    }
  }
}

}  // namespace

Shape samples_section(int32_t& to, const ReadContext& context) {
  ScalarRule<int32_t> rule = integer(1, 1000);
  rule.expected += " (samples)";
  rule.parse = [parse = rule.parse, context](const Node& node) -> Result<int32_t> {
    const auto time = parse_duration(node.text);
    if (!time.ok() || node.text == "0") return parse(node);
    const auto count =
        std::max<int64_t>(1, (*time + context.interval - Duration{1}) / context.interval);
    return Error{Code::kInvalid, "it is a time, and `for` counts samples: at controller.interval " +
                                     format_duration(context.interval) + " that is " +
                                     std::to_string(count)};
  };
  return scalar(to, std::move(rule));
}

Shape mark_section(Mark& to, const std::vector<SignalDraft>& signals) {
  return mapping([&to, &signals](Fields& fields) {
    struct Written {
      std::optional<size_t> signal;
      std::optional<Cursor> above, below;
    };
    auto written = std::make_shared<Written>();
    fields.required("signal", signal_reference(written->signal, signals), "name of a signal");
    fields.optional("above", later(written->above, kInUnitSchema),
                    "past when the signal is above this, in its unit");
    fields.optional("below", later(written->below, kInUnitSchema),
                    "past when the signal is below this, in its unit");
    fields.exactly_one({"above", "below"});
    fields.check([&to, &signals, written](const Cursor&) {
      if (!written->signal || (!written->above && !written->below)) return;
      to.signal = *written->signal;
      to.above = written->above.has_value();
      const Cursor& value = to.above ? *written->above : *written->below;
      to.value = read_in_unit(value, signals[to.signal], !to.above).value_or(0);
    });
  });
}

Shape threshold_section(ThresholdSpec& to, const std::vector<SignalDraft>& signals,
                        const ReadContext& context) {
  return mapping([&to, &signals, context](Fields& fields) {
    auto cooldown = std::make_shared<Duration>(ThresholdSpec::Rule{}.cooldown);
    fields.optional(
        "out",
        rule_shape(to.out, "add", "instances, or percent of the size, to add", signals, context),
        "when to add");
    fields.optional("in",
                    rule_shape(to.in, "remove", "instances, or percent of the size, to remove",
                               signals, context),
                    "when to remove; without it this policy never asks for less");
    fields.at_least_one({"out", "in"});
    fields.optional("cooldown", scalar(*cooldown, duration(Duration{0}, hours(24))),
                    "cooldown of the rules that give none of their own");
    fields.check([&to, &signals, cooldown](const Cursor& cursor) {
      const auto own_cooldown = [&cursor](const char* rule) {
        return cursor.child(rule).has("cooldown");
      };
      if (to.out && !own_cooldown("out")) to.out->cooldown = *cooldown;
      if (to.in && !own_cooldown("in")) to.in->cooldown = *cooldown;
    });
    fields.check_sound([&to, &signals](const Cursor& cursor) {
      if (to.out && to.in) check_overlap(cursor, to, signals);
    });
  });
}

}  // namespace autoscaler
