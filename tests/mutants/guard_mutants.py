"""Guards: each made not to see what it is there for."""


def policies(cases):
    return "policies_test", "{build}/tests/policies/policies_test --gtest_filter=" + cases


GUARD_MUTANTS = [
    (
        "an instance that never warms blocks for ever",
        "policies/warming.h",
        "return !instance.ordered || scene.now - *instance.ordered <= deadline;",
        "return deadline >= Duration{0};",
        *policies("Warmup.*"),
    ),
    (
        "a step is added again while the last one warms up",
        "policies/threshold.cc",
        "std::max(0, size - count_awaited(scene))",
        "size",
        *policies("Warmup.AStep*"),
    ),
    (
        "a bad deploy grows with each step",
        "policies/guards/bad_deploy.cc",
        "const int32_t most = at_most(*step, size_by_requests(*suspicion, after));",
        "const int32_t most = at_most(*step, decision.from + 0 * size_by_requests(*suspicion, after));",
        *policies("BadDeploy.*"),
    ),
    (
        "a bad deploy is forgotten by the clock",
        "policies/guards/bad_deploy.cc",
        "const bool is_worse = are_errors_up(before, after) ||",
        "const bool is_worse = (is_young && are_errors_up(before, after)) ||",
        *policies("BadDeploy.EndsWhen*"),
    ),
    (
        "errors that cannot be read are gone",
        "policies/guards/bad_deploy.cc",
        "(before.errors && !after.errors) ||",
        "(before.errors && !after.errors && is_young) ||",
        *policies("BadDeploy.ErrorsThat*"),
    ),
    (
        "under suspicion requests count for nothing",
        "policies/guards/bad_deploy.cc",
        "return is_same ? suspicion.size : ceil_count(suspicion.size * times);",
        "return is_same || times > 0 ? suspicion.size : ceil_count(suspicion.size * times);",
        *policies("BadDeploy.Requests*"),
    ),
    (
        "who fails at once is taken for idle",
        "policies/guards/bad_deploy.cc",
        "is_young || !after.total ? decision.from : most);",
        "(is_young && most < 0) || !after.total ? decision.from : most);",
        *policies("BadDeploy.RequestsThatFall*"),
    ),
    (
        "load that grows is taken for a bad deploy",
        "policies/guards/bad_deploy.cc",
        "  if (is_more(&Vitals::load, before, after)) return false;\n",
        "",
        *policies("BadDeploy.*"),
    ),
    (
        "a bad deploy grows until the guard is sure",
        "policies/guards/bad_deploy.cc",
        "at_most(step, size_by_requests(doubted, now)));",
        "at_most(step, size_by_requests(doubted, now)) + decision.to);",
        *policies("BadDeploy.BeforeItIsSure*"),
    ),
    (
        "load that grows is doubted where there are errors",
        "policies/guards/bad_deploy.cc",
        "if (!is_load_the_same(before, now, is_deploy)) return;",
        "if (!is_load_the_same(before, now, is_deploy) && decision.to < 0) return;",
        *policies("BadDeploy.ADoubtHolds*"),
    ),
    (
        "a scale-out that did not help is repeated",
        "policies/trial.h",
        "memory.useless_until && now < *memory.useless_until;",
        "memory.useless_until && now < *memory.useless_until && memory.useless_trials == 0;",
        *policies("Trial.*"),
    ),
    (
        "load that grows with the service counts as no effect",
        "policies/trial.cc",
        "if (!load || *load > trial.load * kRelieved) return;",
        "if (!load) return;",
        *policies("Trial.*"),
    ),
    (
        "what never gets ready is ordered in numbers",
        "policies/guards/ineffective.cc",
        "scene.workload.launch_failures >= kGivenUp",
        "scene.workload.launch_failures < 0",
        *policies("Trial.What*"),
    ),
    (
        "errors are no brake",
        "policies/guards/errors.cc",
        "if (value && *value > *scene.spec.guards.errors) return true;",
        "if (value && *value > 100) return true;",
        *policies("ErrorsGuard.*"),
    ),
    (
        "errors are a reason to scale out",
        "policies/guards/errors.cc",
        "return meaning == Meaning::kErrors || (",
        "return (",
        *policies("ErrorsGuard.*"),
    ),
    (
        "a guard signal that is missing blocks nothing",
        "policies/guards/external.cc",
        "is_past(mark, scene, decision) || is_held_by_a_missing(mark, scene, decision);",
        "is_past(mark, scene, decision) && !is_held_by_a_missing(mark, scene, decision);",
        *policies("ExternalGuard.*"),
    ),
    (
        "turns are never forgotten",
        "policies/guards/flap_budget.cc",
        "return at > scene.now - std::chrono::hours(1);",
        "return at <= scene.now;",
        *policies("FlapBudget.*"),
    ),
    (
        "what starts already does not count into the surge",
        "policies/guards/surge.cc",
        "std::max(0, most - starting)",
        "std::max(0, most - starting / 1000)",
        *policies("Surge.*"),
    ),
]
