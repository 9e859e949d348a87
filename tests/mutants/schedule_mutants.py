"""The rules of schedules, pauses and ordered sizes, each broken on purpose."""


def policies(cases):
    return "policies_test", "{build}/tests/policies/policies_test --gtest_filter=" + cases


def web(cases):
    return "web_test", "{build}/tests/controller/web/web_test --gtest_filter=" + cases


def schedule(cases):
    return "schedule_test", "{build}/tests/controller/schedule/schedule_test --gtest_filter=" + cases


SCHEDULE_MUTANTS = [
    (
        "the end of a window cuts: what it held is not remembered",
        "policies/combine.cc",
        "  if (active.min_by) {",
        "  if (false && active.min_by) {",
        *policies("Schedule.*"),
    ),
    (
        "max wins where the min and the max of schedules cross",
        "policies/schedule_policy.cc",
        "  active.bounds.max = std::max(active.bounds.max, active.bounds.min);",
        "  active.bounds.min = std::min(active.bounds.max, active.bounds.min);",
        *policies("Schedule.*"),
    ),
    (
        "a window that begins early takes instances away",
        "policies/schedule_policy.cc",
        "    if (scene.now < window.opens) continue;\n",
        "",
        *policies("Schedule.*"),
    ),
    (
        "a window stays open at the moment of its end",
        "policies/windows.cc",
        "    if (opens + length > after)",
        "    if (opens + length >= after)",
        *policies("Windows.*"),
    ),
    (
        "a window within a skipped hour lasts until the next day's end",
        "policies/windows.cc",
        "    if (span.opens < span.closes && span.closes > after) return span;",
        "    if (span.opens <= span.closes && span.closes >= after) return span;",
        *policies("Windows.*"),
    ),
    (
        "excepted days open all the same",
        "policies/windows.cc",
        "    if (is_excepted(times, *local)) continue;",
        "    if (is_excepted(times, *local) && i > 99) continue;",
        *policies("Windows.*"),
    ),
    (
        "a day of the month and a day of the week must both match",
        "policies/cron_match.cc",
        "  return by_day || by_weekday;",
        "  return by_day && by_weekday;",
        *policies("Cron.*"),
    ),
    (
        "a window that began early closes again when the lead becomes shorter",
        "controller/schedule/open_windows.cc",
        "    schedule.begun = schedule.begun ||",
        "    schedule.begun =",
        *schedule("OpenWindows.*"),
    ),
    (
        "a pause in one direction holds both",
        "policies/pause.cc",
        "pause->direction == Direction::kAll || pause->direction == direction;",
        "true || pause->direction == direction;",
        *policies("Pause.*"),
    ),
    (
        "a pause never ends",
        "policies/pause.cc",
        "(pause->until && now >= *pause->until)",
        "(pause->until && now < *pause->until && false)",
        *policies("Pause.*"),
    ),
    (
        "a size that was ordered takes instances away without a journal",
        "policies/pause.cc",
        "may_remove ? *size : std::max(*size, decision.from)",
        "may_remove ? *size : *size",
        *policies("SizeOrder.*"),
    ),
    (
        "whoever sends the beginning of the token may write",
        "controller/web/orders.cc",
        "  unsigned difference = given.size() == secret.size() ? 0 : 1;",
        "  unsigned difference = given.size() <= secret.size() ? 0 : 1;",
        *web("OrdersApi.*:SameSecret.*"),
    ),
]
