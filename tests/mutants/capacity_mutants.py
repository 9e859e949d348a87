"""Each rule of the learned capacity, broken on purpose: a test of policies_test must then fail.

(name, file, what stands there, what stands there in the mutant, cases); see mutants.py.
"""

TARGET = "policies_test"
COMMAND = "{build}/tests/policies/policies_test --gtest_filter="

LEARNER = "policies/capacity_learner.cc"
CURVE = "policies/capacity_curve.cc"
SAMPLER = "policies/capacity_sampler.cc"

RULES = [
    ("a slow dependency is learned as a matter of load", LEARNER, "constexpr double kFarOff = 1.5;", "constexpr double kFarOff = 1e9;", "CapacityLearner.ASlow*"),
    ("what lasts never ends what was known", LEARNER, "constexpr int kPersistent = 20;", "constexpr int kPersistent = 20000;", "CapacityLearner.WhatLasts*"),
    ("bad samples of an incident stay after it", LEARNER, "  if (sample.p95 <= slo) forget_worse(", "  if (sample.p95 > slo) forget_worse(", "CapacityLearner.WhatLasts*"),
    ("a deploy is no reason for caution", LEARNER, "    if (cautious) *capacity.per_instance *= kCaution;", "    if (cautious) *capacity.per_instance *= 1;", "CapacityLearner.AfterADeploy*"),
    ("a deploy halves nothing", LEARNER, "    for (LoadBin& bin : state.bins) halve(bin);", "    halve(state.bins[0]);", "CapacityLearner.AfterADeploy*"),
    ("a slow deploy is probed without end", LEARNER, "std::max(state.before_deploy / 2.0,", "std::max(state.before_deploy / 200.0,", "CapacityLearner.ADeployThatIsSlow*"),
    ("what was seen once is known for ever", LEARNER, "int64_t{14} * 24", "int64_t{1400} * 24", "CapacityLearner.WhatWasNotSeen*"),
    ("any latency is a matter of load", CURVE, "  if (!rises(points)) {", "  if (!rises(points) && slo < 0) {", "CapacityLearner.SaysWhenLatency*"),
    ("a CPU at its end is not looked at", CURVE, "  if (saturation > highest) widest", "  if (saturation > 1e9 * highest) widest", "CapacityLearner.ACpu*"),
    ("an SLO met nowhere is met at the lowest load", CURVE, "  if (uppers[0] > slo) {", "  if (false) {", "CapacityLearner.SaysWhenTheSlo*:CapacityLearner.WhatLasts*"),
    ("the curve is drawn on without end", CURVE, "constexpr double kFurthest = 1.3;", "constexpr double kFurthest = 1e9;", "CapacityCurve.*"),
    ("the likeliest curve counts, and not the first that ends", CURVE, "    if (candidate.misfit <= allowed) drawn.lowest", "    if (candidate.misfit <= std::min(allowed, best.misfit)) drawn.lowest", "CapacityCurve.OfAll*"),
    ("windows that overlap are samples of their own", SAMPLER, "now - instant_of(state.last_sample_ms) < window", "now < instant_of(state.last_sample_ms)", "CapacitySampler.TakesOne*"),
    ("a window in which instances came and went is a sample", SAMPLER, "  if (in_service != state.in_service || mixed) {", "  if (state.in_service == 0 || mixed) {", "CapacitySampler.LeavesOutAWindow*"),
    ("warming and draining instances have no part in a total", SAMPLER, "  const bool whole = is_of_service(spec.signals[signal], load) ||\n                     is_of_service(spec.signals[spec.slo->signal], latency);", "  const bool whole = false;", "CapacitySampler.LeavesOutWarming*"),
    ("failing fast is carrying the load", SAMPLER, "value.value.value_or(0) > kFewErrors", "value.value.value_or(0) > 1", "CapacitySampler.LeavesOutErrors*"),
    ("errors that nobody sees are none", SAMPLER, "return value.missing || value", "return value", "CapacitySampler.LeavesOutErrors*"),
    ("instances are filled past their capacity", "policies/learned_target.h", "kFill = 0.97;", "kFill = 1.1;", "LearnedTarget.*"),
    ("an unknown capacity is an endless one", "policies/learned_target.cc", "  proposal.abstain = unknown_capacity(capacity.evidence);\n  return std::nullopt;", "  proposal.abstain = unknown_capacity(capacity.evidence);\n  return 1e9;", "LearnedTarget.Abstains*"),
    ("what waits is not looked at", "policies/learned_target.cc", "  return std::max(0.0, waiting.value_or(0)) / seconds;", "  return seconds < 0 ? waiting.value_or(0) : 0;", "LearnedTarget.WhatWaits*"),
    ("nobody waits for a busy worker", "policies/queueing.cc", "  return blocked / (1 - utilisation * (1 - blocked));", "  return blocked;", "Queueing.*"),
]

CAPACITY_MUTANTS = [(name, file, before, after, TARGET, COMMAND + cases) for name, file, before, after, cases in RULES]
