#include "controller/config/lint_rules.h"
#include "controller/schedule/time_zone.h"
#include "controller/schedule/transitions.h"

namespace autoscaler {
namespace {

// So many openings and closings of each schedule are compared: a month of daily windows.
constexpr size_t kCompared = 64;

struct Dated {
  size_t policy;
  const ScheduleSpec* spec;
  std::unique_ptr<ZoneClock> zone;
  std::vector<TimeSpan> windows;  // from now on
};

std::vector<TimeSpan> windows_of(const Dated& schedule, Instant now) {
  std::vector<TimeSpan> windows;
  Instant opens = now;
  for (const Transition& each :
       next_transitions(schedule.spec->times, *schedule.zone, now, kCompared)) {
    if (each.opens)
      opens = each.at;
    else
      windows.push_back({opens, each.at});
  }
  return windows;
}

std::optional<Instant> first_overlap(const std::vector<TimeSpan>& a,
                                     const std::vector<TimeSpan>& b) {
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const Instant begin = std::max(a[i].opens, b[j].opens);
    if (begin < std::min(a[i].closes, b[j].closes)) return begin;
    a[i].closes < b[j].closes ? ++i : ++j;
  }
  return std::nullopt;
}

// What the two say against each other, and which of them holds.
std::optional<std::string> contradiction(const ScheduleSpec& a, const ScheduleSpec& b) {
  const auto differ = [](const auto& x, const auto& y) { return x && y && *x != *y; };
  const auto cross = [](const auto& min, const auto& max) { return min && max && *min > *max; };
  if (cross(a.min, b.max) || cross(b.min, a.max)) return "min holds against max";
  if (differ(a.min, b.min)) return "the largest min holds";
  if (differ(a.max, b.max)) return "the smallest max holds";
  if (differ(a.size, b.size)) return "the largest size holds";
  return std::nullopt;
}

void lint_pair(const Linted& linted, const Dated& a, const Dated& b) {
  const auto rule = contradiction(*a.spec, *b.spec);
  if (!rule) return;
  const auto overlap = first_overlap(a.windows, b.windows);
  if (!overlap) return;
  linted.policy(b.policy)
      .child("schedule")
      .problem("overlaps '" + linted.workload.spec.policies[a.policy].name + "', first at " +
               local_text(*b.zone, *overlap) + ": " + *rule);
}

void lint_one(const Linted& linted, const Dated& schedule) {
  const Cursor place = linted.policy(schedule.policy).child("schedule");
  const auto window = first_window(schedule.spec->times, *schedule.zone, linted.now);
  if (!window) {
    place.problem("is over: no window will open any more; remove it");
    return;
  }
  const auto* recurring = std::get_if<ScheduleTimes::Recurring>(&schedule.spec->times.when);
  if (!recurring) return;
  const Cron& cron = recurring->begin;
  const bool by_day = cron.days != 0 || cron.last_day;
  if (by_day && !cron.every_day && !cron.every_weekday) {
    place.child("cron").problem(
        "has a day of the month and a day of the week: as in every cron, one of the two is "
        "enough");
  }
  if (!std::holds_alternative<Duration>(recurring->end)) return;
  // A week of daily windows: some days may be left out.
  constexpr int kLookedAt = 8;
  std::optional<TimeSpan> before = window;
  for (int i = 0; i < kLookedAt && before; ++i) {
    const auto next = first_window(schedule.spec->times, *schedule.zone, before->closes);
    if (next && next->opens < before->closes) {
      place.child("for").problem(
          "is longer than from one opening to the next: the window hardly closes");
      return;
    }
    before = next;
  }
}

}  // namespace

void lint_schedules(const Linted& linted) {
  const WorkloadSpec& spec = linted.workload.spec;
  std::vector<Dated> schedules;
  for (size_t i = 0; i < spec.policies.size(); ++i) {
    const auto* schedule = std::get_if<ScheduleSpec>(&spec.policies[i].rule);
    if (!schedule) continue;
    Dated dated{i, schedule, find_zone(schedule->times.zone).value(), {}};
    dated.windows = windows_of(dated, linted.now);
    lint_one(linted, dated);
    for (const Dated& other : schedules) lint_pair(linted, other, dated);
    schedules.push_back(std::move(dated));
  }
  if (spec.pause && spec.pause->until && *spec.pause->until <= linted.now) {
    linted.place.child("pause").near("until").problem("is over: remove the pause");
  }
}

}  // namespace autoscaler
