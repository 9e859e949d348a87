"""Each safety check, broken on purpose: the test named beside it must then fail.

(name, file, what stands there, what stands there in the mutant, build target, command)
`{build}` is the mutant's build tree.
"""

MUTANTS = [
    (
        "no drain: an instance is stopped while the balancer still sends it work",
        "controller/plan.cc",
        "        memory.draining = now_;",
        "        memory.terminating = now_;\n"
        "        changes_.push_back(Terminate{config_.spec.name, victim->instance});",
        "autoscaler",
        "e2e",
    ),
]
