"""What a leader leaves for the next one, and what of it is taken up, broken on purpose. As in mutants.py."""

SERVER = "kubernetes_test", "{build}/tests/controller/kubernetes/kubernetes_test --gtest_filter="
LOOP = "loop_test", "{build}/tests/controller/loop/loop_test --gtest_filter="

KUBERNETES = "controller/kubernetes/kubernetes_succession.cc"
STATUS = "controller/kubernetes/status_writer.cc"
MAP = "controller/kubernetes/state_map.cc"
TAKEN = "controller/restore.cc"

RULES = [
    ("a map is written without a word whose", MAP, "client_.create(collection_, text, stop, workload)", "client_.create(collection_, text, stop)", SERVER, "*OfAWorkloadOfTheFile*/Fake"),
    ("what was left is written over unread in a status", KUBERNETES, "  if (!spoken.left) status.fields", "  if (now < Instant{}) status.fields", SERVER, "*WhatWasLeftStands*/Fake"),
    ("what was left is written over unread", "controller/succession.cc", "fleet.scale && !fleet.past_is_unknown;", "fleet.scale;", LOOP, "SuccessionTest.nothing_is_written_before*"),
    ("a decision of a standby is written", "controller/loop.cc", "if (!tick.workloads[i].leads) {", "if (change_workload(change).empty()) {", LOOP, "SuccessionTest.what_was_decided_as*"),
    ("who stands by writes statuses", KUBERNETES, "    if (workload.leads) {", "    if (true) {", SERVER, "*WhoStandsByWritesNothing/Fake"),
    ("a status is written at rest", KUBERNETES, "  if (!is_due) return;", "  if (!is_due && !config.object) return;", SERVER, "*OneStatusForEachChange*/Fake"),
    ("a status is written over whatever stands", STATUS, '{"metadata", {{"resourceVersion", known.version}}}', '{"metadata", json::object()}', SERVER, "*ASleeperThatWakesUpLate*/Fake"),
    ("a status after a conflict is never written", STATUS, "    case ApiReason::kConflict:\n    case ApiReason::kTransport:", "    case ApiReason::kTransport:", SERVER, "*AfterAConflictTheNextTick*/Fake"),
    ("an order waits behind what people read", STATUS, "  waiting.place = {urgency, ++came_};", "  waiting.place = {std::max(urgency, Urgency::kTold), ++came_};", SERVER, "*WhatWouldBeMissed*"),
    ("what was left is read at every tick", KUBERNETES, "    if (!is_known(heir)) due", "    due", SERVER, "*OfAWorkloadOfTheFile*/Fake"),
    ("the ConfigMap keeps what is gone for ever", MAP, "    if (now - since >= kForgotten) over", "    if (now < since) over", SERVER, "*AKeyThatTheConfig*/Fake"),
    ("the ConfigMap loses what is not named now", MAP, "    if (now - since >= kForgotten) over", "    if (now >= since) over", SERVER, "*AKeyThatTheConfig*/Fake"),
    ("a ConfigMap of somebody else is written", MAP, "  if (!mark.is_string() || version_.empty()) {", "  if (version_.empty()) {", SERVER, "*AConfigMapOfSomebodyElse*/Fake"),
    ("the ConfigMap is written past its size", MAP, "    if (bytes + more > kMostBytes) continue;", "", SERVER, "*TooMuchForAConfigMap*"),
    ("an older cooldown takes the place of a newer one", TAKEN, "  return a && (!b || *a > *b);", "  return a && (!b || *a != *b);", LOOP, "HandOverTest.NothingOlder*"),
    ("an event that both have seen counts twice", TAKEN, "  std::erase_if(own, is_known);", "  if (own.size() > 1000) std::erase_if(own, is_known);", LOOP, "HandOverTest.AnEventThatBoth*"),
    ("an older capacity takes the place of a newer one", "controller/learning.cc", "} else if (state->last_sample_ms > load.state.last_sample_ms) {", "} else {", LOOP, "LearningTest.WhatAnotherHasLearned*"),
    ("a size is written before it is known what was left", "controller/scale.cc", "fleet.past_is_unknown && !may_write", "fleet.past_is_unknown && !may_write && now < Instant()", LOOP, "SuccessionTest.nothing_is_written_before*"),
    ("what a leader may have paused is scaled in", "controller/scale.cc", "fleet.past_is_overdue && decision.to > scale.spec_replicas;", "fleet.past_is_overdue;", LOOP, "SuccessionTest.while_it_is_not_known_for_long*"),
    ("another's wait counts as one's own", "controller/succession.cc", "!all && heirs[i].leads && !ports", "!all && !ports", LOOP, "SuccessionTest.how_long_it_is*"),
    ("who stands by leaves something", "controller/succession.cc", " && tick.workloads[i].leads &&", " &&", LOOP, "SuccessionTest.who_stands_by*"),
    ("who stands by takes orders", "controller/orders.cc", "  if (auto led = led_by_another(*found)) return *std::move(led);\n", "", LOOP, "SuccessionTest.who_stands_by_takes*"),
    ("an order is not left", "controller/orders.cc", "    leave(index, false);\n", "", LOOP, "SuccessionTest.a_pause_that_was_ordered*"),
]

SUCCESSION_MUTANTS = [(name, file, before, after, to[0], to[1] + cases) for name, file, before, after, to, cases in RULES]
