"""Each rule of the HPA, broken on purpose: a case of the reference test must then differ.

(name, file, what stands there, what stands there in the mutant); see mutants.py.
"""

TEST = "hpa_reference_test"
COMMAND = "{build}/tests/policies/hpa_reference_test --gtest_filter=*/0"

RULES = {
    "policies/hpa.cc": [
        ("size 0 does not switch it off", "if (size == 0 && (bounds.min != 0 ||", "if (size == 0 && (bounds.min > 1 ||"),
        ("above max metrics are asked", "} else if (size > bounds.max) {", "} else if (size > bounds.max + 1) {"),
        ("below min metrics are asked", "} else if (size < bounds.min) {", "} else if (size + 1 < bounds.min) {"),
        ("one tolerance for both directions, out", "tolerance.out = spec.behavior->up.tolerance", "tolerance.out = spec.behavior->down.tolerance"),
        ("one tolerance for both directions, in", "tolerance.in = spec.behavior->down.tolerance", "tolerance.in = spec.behavior->up.tolerance"),
        ("only the last series counts", "total = saturating_add(total, milli);", "total = milli;"),
    ],
    "policies/hpa_pods.cc": [
        ("a container without the resource is left out of the sum", "    if (!milli) return std::nullopt;", "    if (!milli) continue;"),
        ("a metric of one container sums all", "if (one && name != metric.container) continue;", "if (one && name.empty()) continue;"),
        ("the initialisation period ends late", "flags.cpu_initialization_period > now", "flags.cpu_initialization_period >= now"),
        ("a pod not ready is believed while it starts", "return says_not_ready || sample.at", "return sample.at"),
        ("a sample from before it was ready is believed", "sample.at < changed + sample.window;", "sample.at < changed;"),
        ("one that was ready once is left out for ever", "return says_not_ready && *pod.started + flags.initial_readiness_delay > changed;", "return says_not_ready;"),
        ("the readiness delay has its edge in", "initial_readiness_delay > changed", "initial_readiness_delay >= changed"),
        ("a pod without a Ready condition is believed", "if ((!pod.ready && !pod.ready_unknown) || !pod.started)", "if (!pod.started)"),
        ("a pod being deleted counts", "pod->deleting || pod->phase == PodFacts::Phase::kFailed", "pod->phase == PodFacts::Phase::kFailed"),
        ("a failed pod counts", "pod->deleting || pod->phase == PodFacts::Phase::kFailed", "pod->deleting"),
        ("a pending pod is one like others", "pod->phase == PodFacts::Phase::kPending", "pod->deleting"),
        ("a pod without a sample is no pod", "  if (!sample) return PodClass::kMissing;", "  if (!sample) return PodClass::kIgnored;"),
        ("memory too is disbelieved while a pod starts", 'metric.resource == "cpu";', "!metric.resource.empty();"),
        ("init containers that end have requests", "if (!container.counts_for_requests || (one", "if ((one"),
        ("a request of the pod as a whole is not looked at", "  if (!one) {\n", "  if (one) {\n"),
        ("a missing request is one of 0", "    if (!request) return std::nullopt;", "    if (!request) continue;"),
        ("ready pods count though they do not run", "return pod->phase == PodFacts::Phase::kRunning && pod->ready", "return pod->ready"),
    ],
    "policies/hpa_replicas.h": [
        ("the tolerance has its lower edge out", "ratio >= 1 - in", "ratio > 1 - in"),
        ("the tolerance has its upper edge out", "ratio <= 1 + out", "ratio < 1 + out"),
    ],
    "policies/hpa_replicas.cc": [
        ("percent are rounded to the nearest", "return hundredfold / request;", "return (hundredfold + request / 2) / request;"),
        ("missing pods are on target on the way up", "  if (ratio > 1) {\n", "  if (ratio > 1e9) {\n"),
        ("missing pods use their request on the way down, whatever the target", "std::max<int64_t>(100, metric.target)", "int64_t{100}"),
        ("missing pods are on target on the way down", "std::max<int64_t>(100, metric.target)", "metric.target"),
        ("missing pods use nothing on the way down", "  } else if (ratio < 1) {\n", "  } else if (ratio < 0) {\n"),
        ("unready pods are counted on the way down too", "kUnready) > 0 && first->ratio > 1;", "kUnready) > 0;"),
        ("unready pods are left out on the way up", "  if (unready_up) fill(", "  if (size < 0) fill("),
        ("the ratio is of the size, not of ready pods", "hpa_ceil(first->ratio * as_double(ready))", "hpa_ceil(first->ratio * as_double(size))"),
        ("a turned direction is followed", "covers(second->ratio) || turned)", "covers(second->ratio) || (turned && size < 0))"),
        ("no tolerance once pods are filled in", "if (tolerance.covers(second->ratio) || turned)", "if (turned)"),
        ("a number against its ratio is followed", "  if (!against) answer.replicas", "  if (!against || size >= 0) answer.replicas"),
        ("samples of pods not listed are no samples", "  usage.samples += pods.strangers.size();\n", ""),
        ("from size 0 a Value asks for pods", "  if (workload.size == 0) {\n", "  if (workload.size < 0) {\n"),
        ("a Value is multiplied with the size", "hpa_ceil(ratio * running_and_ready(workload))", "hpa_ceil(ratio * workload.size)"),
        ("a Value has no tolerance", "} else if (tolerance.covers(ratio)) {", "} else if (ratio == 1 && tolerance.covers(ratio)) {"),
        ("an AverageValue has no tolerance", "  if (!tolerance.covers(ratio)) answer.replicas = hpa_ceil(as_double(total)",
         "  if (ratio >= 0 || !tolerance.covers(ratio)) answer.replicas = hpa_ceil(as_double(total)"),
        ("the average of an AverageValue is rounded down", "std::ceil(as_double(total) / status_size)", "std::floor(as_double(total) / status_size)"),
    ],
    "policies/combine.cc": [
        ("the smallest metric wins", "other.replicas > answer.replicas ||", "other.replicas < answer.replicas ||"),
        ("a failed metric blocks no scale-in", "blocked = blocked || proposal.blocks_in;", "blocked = false;"),
        ("what failing metrics held is remembered", "!spec.hpa || (largest.found && !held);", "!spec.hpa || largest.found;"),
    ],
    "policies/stabilize.cc": [
        ("without behavior the window has its edge out", "edge_in{1}", "edge_in{0}"),
        ("with behavior the window has its edge in", "if (run.last > now - window)", "if (run.last >= now - window)"),
    ],
    "policies/rate_limit.cc": [
        ("without behavior a size triples", "int64_t{2} * size, 4", "int64_t{3} * size, 4"),
        ("without behavior a small size grows to 5", "int64_t{2} * size, 4", "int64_t{2} * size, 5"),
        ("the period of a rate has its edge in", "if (event.at > now - period)", "if (event.at >= now - period)"),
        ("what was removed in the period is not put back", "start -= event.change;", "start -= std::max(0, event.change);"),
        ("percent up are rounded down", "return std::ceil(static_cast<double>(start)", "return std::floor(static_cast<double>(start)"),
        ("percent down are rounded up", "return std::trunc(static_cast<double>(start)", "return std::ceil(static_cast<double>(start)"),
        ("Disabled limits nothing", "  if (rules.select == Select::kDisabled) return selected;\n", ""),
        ("the strictest rate up counts as the most generous", "rules.select == Select::kMax, highest_of", "rules.select != Select::kMax, highest_of"),
        ("the strictest rate down counts as the most generous", "rules.select == Select::kMin, lowest_of", "rules.select != Select::kMin, lowest_of"),
        ("a limit up goes below the size", "std::max(size, to_count(*limit))", "to_count(*limit)"),
        ("a limit down goes above the size", "std::min(size, to_count(*limit))", "to_count(*limit)"),
    ],
}

HPA_MUTANTS = [
    ("hpa: " + name, file, original, replacement, TEST, COMMAND)
    for file, rules in RULES.items()
    for name, original, replacement in rules
]
