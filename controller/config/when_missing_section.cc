#include "controller/config/scalars.h"
#include "controller/config/sections.h"

namespace autoscaler {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using Kind = WhenMissing::Kind;

struct Written {
  std::optional<Duration> hold_last_for;
  std::optional<int32_t> replicas;
  std::optional<int32_t> step;
  std::optional<Duration> every;
};

// Each key has one meaning and belongs to some of the answers.
void check_arguments(const Cursor& cursor, Kind kind, const Written& written) {
  const auto check = [&](const char* key, bool given, bool wanted, const char* meaning) {
    if (wanted && !given) {
      cursor.problem_under(key, std::string("missing, and it is required here: ") + meaning);
    }
    if (!wanted && cursor.has(key)) {
      cursor.problem_at_key(key, std::string("has no meaning here: it is ") + meaning);
    }
  };
  check("for", written.hold_last_for.has_value() || cursor.has("for"), kind == Kind::kLast,
        "how old the last good value may be, with `do: last`");
  check("replicas", written.replicas.has_value() || cursor.has("replicas"),
        kind == Kind::kFloor || kind == Kind::kSize, "the size, with `do: floor` or `do: size`");
  check("step", written.step.has_value() || cursor.has("step"), kind == Kind::kTowardsMax,
        "the instances added at a time, with `do: towardsMax`");
  check("every", written.every.has_value() || cursor.has("every"), kind == Kind::kTowardsMax,
        "the time between two steps, with `do: towardsMax`");
}

void check_bounds(const Cursor& cursor, Kind kind, int32_t replicas,
                  const std::optional<Bounds>& bounds) {
  if (!bounds || !cursor.has("replicas")) return;
  if ((kind == Kind::kFloor || kind == Kind::kSize) && replicas > bounds->max) {
    cursor.child("replicas")
        .problem("found " + std::to_string(replicas) + ", which replicas.max (" +
                 std::to_string(bounds->max) + ") never lets happen: at most " +
                 std::to_string(bounds->max));
  }
  if (kind == Kind::kSize && replicas < bounds->min) {
    cursor.child("replicas")
        .problem("found " + std::to_string(replicas) + ", which replicas.min (" +
                 std::to_string(bounds->min) + ") never lets happen: at least " +
                 std::to_string(bounds->min));
  }
}

Shape long_form(WhenMissing& to, const std::optional<Bounds>& bounds) {
  return mapping([&to, &bounds](Fields& fields) {
    auto written = std::make_shared<Written>();
    to = WhenMissing{};
    fields.required("do",
                    choice(to.kind, {"hold", "ignore", "last", "floor", "size", "towardsMax"}),
                    "what to do while the signal is missing");
    fields.optional("after", scalar(to.after, duration(Duration{0}, hours(24))),
                    "how long it must have been missing; until then: hold");
    fields.optional("for", scalar(written->hold_last_for, duration(seconds(1), hours(24))),
                    "last: how old the last good value may be");
    fields.optional("replicas", scalar(written->replicas, integer(0, 100'000)),
                    "floor: at least so many instances; size: exactly so many");
    fields.optional("step", scalar(written->step, integer(1, 100'000)),
                    "towardsMax: instances added at a time");
    fields.optional("every", scalar(written->every, duration(seconds(1), hours(24))),
                    "towardsMax: time between two steps");
    fields.check([&to, &bounds, written](const Cursor& cursor) {
      check_arguments(cursor, to.kind, *written);
      to.hold_last_for = written->hold_last_for.value_or(Duration{0});
      to.every = written->every.value_or(Duration{0});
      to.replicas =
          to.kind == Kind::kTowardsMax ? written->step.value_or(1) : written->replicas.value_or(0);
      check_bounds(cursor, to.kind, to.replicas, bounds);
    });
  });
}

}  // namespace

Shape when_missing_section(WhenMissing& to, const std::optional<Bounds>& bounds) {
  Shape word = choice(to.kind, {"hold", "ignore"},
                      ", or a mapping with do: hold, ignore, last, floor, size or towardsMax");
  word.read = [&to, read = word.read](const Cursor& cursor) {
    to = WhenMissing{};
    read(cursor);
  };
  return either(std::move(word), long_form(to, bounds));
}

}  // namespace autoscaler
