#include "controller/config/scalars.h"
#include "controller/config/sections.h"

namespace autoscaler {
namespace {

using std::chrono::hours;

// What hangs on the signal's unit, or on the step beside it, waits for the whole rule.
struct WrittenStep {
  StepSpec::Step step;
  std::optional<Cursor> from, to;
  Cursor place;
};

struct WrittenRule {
  StepSpec::Rule rule;
  std::optional<size_t> signal;
  std::optional<Cursor> at_least, at_most;
  std::vector<std::shared_ptr<WrittenStep>> steps;
};

Shape step_shape(std::vector<std::shared_ptr<WrittenStep>>& all, const char* change_key,
                 const char* change_help) {
  struct Parts {
    std::optional<Cursor> from, to;
    std::optional<SizeChange> change;
    std::optional<int32_t> minimum, size;
  };
  return mapping([&all, change_key, change_help](Fields& fields) {
    auto parts = std::make_shared<Parts>();
    fields.optional("from", later(parts->from, kInUnitSchema),
                    "how far past the mark it begins, in the signal's unit; 0 for the first step");
    fields.optional("to", later(parts->to, kInUnitSchema),
                    "where it ends: where the next begins, and nowhere for the last");
    fields.optional(change_key, scalar(parts->change, size_change()), change_help);
    fields.only_with({change_key}, "minimum", scalar(parts->minimum, integer(1, 10'000)),
                     "instances that a percentage means at least");
    fields.optional("size", scalar(parts->size, integer(0, 10'000)), "exactly so many instances");
    fields.exactly_one({change_key, "size"});
    fields.check([&all, parts](const Cursor& cursor) {
      StepSpec::Step step;
      if (parts->change) step.change = *parts->change;
      step.minimum = parts->minimum.value_or(step.minimum);
      step.size = parts->size;
      if (parts->minimum && parts->change && !parts->change->percent) {
        cursor.problem_at_key("minimum",
                              "has no meaning beside a number of instances: it is the "
                              "least that a percentage means");
      }
      all.push_back(
          std::make_shared<WrittenStep>(WrittenStep{step, parts->from, parts->to, cursor}));
    });
  });
}

// Each step begins where the one before it ends: no value is in two steps, or in none.
void chain(const WrittenRule& written, const SignalDraft& signal, StepSpec::Rule& rule) {
  std::optional<double> end;
  for (size_t i = 0; i < written.steps.size(); ++i) {
    const WrittenStep& each = *written.steps[i];
    StepSpec::Step step = each.step;
    const auto from = each.from ? read_in_unit(*each.from, signal, false) : std::nullopt;
    const double begins = from.value_or(0);
    if (i > 0) step.from = begins;
    const auto to = each.to ? read_in_unit(*each.to, signal, true) : std::nullopt;
    const bool last = i + 1 == written.steps.size();
    if (i == 0) {
      if (begins > 0) {
        each.from->problem(
            "leaves a gap between the mark and the first step: write 0, or leave "
            "it out");
      }
    } else if (!each.from) {
      each.place.problem_under("from",
                               "missing, and only the first step begins at the mark: say "
                               "how far past it this one begins");
    } else if (from) {
      if (begins <= rule.steps.back().from) {
        each.from->problem("overlaps the step before: steps stand in ascending order");
      } else if (end && *end != begins) {
        each.from->problem(*end < begins ? "leaves a gap after the step before: begin where it ends"
                                         : "overlaps the step before: begin where it ends");
      }
    }
    if (last && each.to) {
      each.to->problem("leaves a gap behind the last step: leave it out, it has no end");
    }
    end = to;
    rule.steps.push_back(step);
  }
}

Shape rule_shape(std::optional<StepSpec::Rule>& to, const char* change_key, const char* change_help,
                 const std::vector<SignalDraft>& signals, const ReadContext& context) {
  return mapping([&to, change_key, change_help, &signals, context](Fields& fields) {
    auto written = std::make_shared<WrittenRule>();
    fields.required("signal", signal_reference(written->signal, signals), "name of a signal");
    fields.optional("atLeast", later(written->at_least, kInUnitSchema),
                    "the mark, past from this value up, in the signal's unit");
    fields.optional("atMost", later(written->at_most, kInUnitSchema),
                    "the mark, past from this value down, in the signal's unit");
    fields.exactly_one({"atLeast", "atMost"});
    fields.required(
        "steps",
        list_of(1, [written, change_key,
                    change_help] { return step_shape(written->steps, change_key, change_help); }),
        "what a breach is answered with, by how far it is past the mark");
    fields.optional("for", samples_section(written->rule.samples, context),
                    "consecutive samples it must be past");
    fields.optional("cooldown", scalar(written->rule.cooldown, duration(Duration{0}, hours(24))),
                    "after such a change; out: only a larger step adds to it");
    fields.check([&to, &signals, written](const Cursor&) {
      StepSpec::Rule& rule = written->rule;
      if (written->signal && (written->at_least || written->at_most)) {
        const SignalDraft& signal = signals[*written->signal];
        const Cursor& value = written->at_least ? *written->at_least : *written->at_most;
        rule.mark.signal = *written->signal;
        rule.mark.above = written->at_least.has_value();
        rule.mark.value = read_in_unit(value, signal, false).value_or(0);
        chain(*written, signal, rule);
      }
      if (rule.steps.empty()) rule.steps.emplace_back();
      to = rule;
    });
  });
}

// At the marks themselves both would be past.
bool overlap(const Mark& out, const Mark& in) {
  if (out.signal != in.signal) return false;
  if (out.above == in.above) return true;
  return out.above ? out.value <= in.value : in.value <= out.value;
}

}  // namespace

Shape step_section(StepSpec& to, const std::vector<SignalDraft>& signals,
                   const ReadContext& context) {
  return mapping([&to, &signals, context](Fields& fields) {
    auto cooldown = std::make_shared<Duration>(StepSpec::Rule{}.cooldown);
    fields.optional("out",
                    rule_shape(to.out, "add", "instances, or percent of the size (cut off), to add",
                               signals, context),
                    "when to add, and how much");
    fields.optional(
        "in",
        rule_shape(to.in, "remove", "instances, or percent of the size (cut off), to remove",
                   signals, context),
        "when to remove; without it this policy never asks for less");
    fields.at_least_one({"out", "in"});
    fields.optional("cooldown", scalar(*cooldown, duration(Duration{0}, hours(24))),
                    "cooldown of the rules that give none of their own");
    fields.check([&to, cooldown](const Cursor& cursor) {
      const auto own_cooldown = [&cursor](const char* rule) {
        return cursor.child(rule).has("cooldown");
      };
      if (to.out && !own_cooldown("out")) to.out->cooldown = *cooldown;
      if (to.in && !own_cooldown("in")) to.in->cooldown = *cooldown;
    });
    fields.check_sound([&to, &signals](const Cursor& cursor) {
      if (!to.out || !to.in || !overlap(to.out->mark, to.in->mark)) return;
      cursor.problem_at_key("in", "contradicts out: values of '" +
                                      signals[to.out->mark.signal].spec.name +
                                      "' exist at which both are past. Leave a gap between the "
                                      "mark of out and the mark of in");
    });
  });
}

}  // namespace autoscaler
