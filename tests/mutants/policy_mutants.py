"""Mutants of the policies and of how they are combined; as in mutants.py."""


def policies(cases):
    return "policies_test", "{build}/tests/policies/policies_test --gtest_filter=" + cases


POLICY_MUTANTS = [
    (
        "a burst lets others scale in",
        "policies/burst.cc",
        "std::max({decision.to, wanted, decision.from})",
        "std::max({decision.to, wanted})",
        *policies("Burst.*"),
    ),
    (
        "a burst is over with the tick",
        "policies/burst.cc",
        "scene.now - *memory.last_burst < burst.hold;",
        "scene.now - *memory.last_burst < Duration{0};",
        *policies("Burst.*"),
    ),
    (
        "a burst does not lift the window",
        "policies/evaluate.cc",
        "    lift_for_burst(scene, decision);\n",
        "",
        *policies("Burst.*"),
    ),
    (
        "in its cooldown a step adds the whole of a larger one",
        "policies/step.cc",
        "within ? memory.added : 0",
        "0",
        *policies("Step.*"),
    ),
    (
        "a step's percentage is rounded up",
        "policies/step.cc",
        "std::floor(part + kRounding)",
        "std::ceil(part)",
        *policies("Step.*"),
    ),
    (
        "the edge belongs to the step before",
        "policies/step.cc",
        "if (distance >= step.from - slack)",
        "if (distance > step.from + slack)",
        *policies("Step.*"),
    ),
    (
        "a group grows by its boldest policy",
        "policies/groups.cc",
        "return GroupAnswer{*least->replicas, least->policy};",
        "return GroupAnswer{*most->replicas, most->policy};",
        *policies("Groups.*"),
    ),
    (
        "a group grows without those that have nothing to say",
        "policies/groups.cc",
        "*least->replicas > size && !declined",
        "*least->replicas > size",
        *policies("Groups.*"),
    ),
    (
        "the policies of a group speak for themselves too",
        "policies/combine.cc",
        "|| spec.policies[proposal.policy].group)",
        ")",
        *policies("Groups.*"),
    ),
    (
        "a division by 0 goes on as an infinity",
        "policies/formula.cc",
        "  if (!std::isfinite(value)) return {};\n",
        "",
        *policies("Formula.*"),
    ),
    (
        "a formula without a value scales in all the same",
        "policies/formula.cc",
        "    proposal.blocks_in = true;\n",
        "",
        *policies("Formula.*"),
    ),
    (
        "an ordered size passes the bounds where the HPA has settled",
        "policies/pause.cc",
        "std::clamp(order->replicas, scene.spec.bounds.min, scene.spec.bounds.max)",
        "order->replicas",
        *policies("OrderedSize.*"),
    ),
    (
        "instances that are silent carry nothing",
        "policies/track.cc",
        "(is_over ? silent : 0)",
        "0 * silent",
        *policies("*TrackWithGaps*"),
    ),
    (
        "new instances that have not spoken yet are taken for loaded ones",
        "policies/silent.cc",
        "      --silent;\n",
        "",
        *policies("Track.SilentInstances*"),
    ),
    (
        "right after a scale-out silent instances are taken for loaded ones",
        "policies/silent.cc",
        "< to_speak + kTwoSamples;",
        "< kTwoSamples - to_speak - kTwoSamples;",
        *policies("Track.SilentInstances*"),
    ),
    (
        "targets of a signal's own are instances",
        "policies/per_instance.h",
        "  return value.expected == 0 || signal.over_targets;",
        "  return value.expected == 0 || (signal.over_targets && value.expected < 0);",
        *policies("Track.TargetsOf*"),
    ),
    (
        "compatibility: hpa leaves track as it is",
        "policies/track.cc",
        "  if (scene.spec.hpa) return propose_as_hpa(track, policy, scene, readings);\n",
        "",
        *policies("HpaTrack.*"),
    ),
    (
        "the HPA leaves a zero that was set by hand",
        "policies/hpa.cc",
        "|| !scene.spec.hpa->starts_from_zero)",
        ")",
        *policies("HpaTrack.*"),
    ),
    (
        "the rule that binds is asked with itself in place",
        "policies/evaluate.cc",
        "  decision.waived = adjustments.back().rule;\n",
        "",
        *policies("Evaluate.*"),
    ),
]
