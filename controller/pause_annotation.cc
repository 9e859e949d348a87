#include "controller/pause_annotation.h"

#include "metrics/instant.h"

#include <algorithm>

namespace autoscaler {
namespace {

using Direction = Pause::Direction;

bool is_over(const std::optional<Pause>& pause, Instant now) {
  return !pause || (pause->until && *pause->until <= now);
}

// The later end, where no end is the latest.
std::optional<Instant> later(const std::optional<Instant>& a, const std::optional<Instant>& b) {
  if (!a || !b) return std::nullopt;
  return std::max(*a, *b);
}

std::optional<Instant> earlier(const std::optional<Instant>& a, const std::optional<Instant>& b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

}  // namespace

Result<std::optional<Pause>> pause_of_annotations(const std::string& paused,
                                                  const std::string& until) {
  Pause pause;
  if (paused == "in") {
    pause.direction = Direction::kIn;
  } else if (paused == "out") {
    pause.direction = Direction::kOut;
  } else if (paused == "false" || (paused.empty() && until.empty())) {
    return std::optional<Pause>();
  } else if (paused != "true" && !paused.empty()) {
    return Error{Code::kInvalid, std::string("annotation ") + kPausedAnnotation + " is \"" +
                                     paused + "\", and one of true, in, out and false is allowed"};
  }
  if (until.empty()) return std::optional(pause);
  const Result<Instant> end = parse_instant(until);
  if (!end) {
    return Error{Code::kInvalid, std::string("annotation ") + kPausedUntilAnnotation + " is \"" +
                                     until + "\": " + end.error().message};
  }
  pause.until = *end;
  return std::optional(pause);
}

std::optional<Pause> both(const std::optional<Pause>& a, const std::optional<Pause>& b,
                          Instant now) {
  if (is_over(a, now)) return is_over(b, now) ? std::nullopt : b;
  if (is_over(b, now)) return a;
  if (a->direction == b->direction) return Pause{a->direction, later(a->until, b->until)};
  // One that holds all and ends last says it all.
  for (const auto& [all, other] : {std::pair(&*a, &*b), std::pair(&*b, &*a)}) {
    const bool outlasts = !all->until || (other->until && *all->until >= *other->until);
    if (all->direction == Direction::kAll && outlasts) return *all;
  }
  return Pause{Direction::kAll, earlier(a->until, b->until)};
}

}  // namespace autoscaler
