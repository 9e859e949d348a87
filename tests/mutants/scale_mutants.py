"""What is written to a scale, and what is not, broken on purpose. As in mutants.py."""


def loop(cases):
    return "loop_test", "{build}/tests/controller/loop/loop_test --gtest_filter=" + cases


SCALE_MUTANTS = [
    (
        "a target that somebody else sizes is written all the same",
        "controller/scale.cc",
        "  if (!scale.is_free()) return {};\n",
        "  if (scale.others_unknown) return {};\n",
        *loop("ScaleLoopTest.of_a_target_that_somebody_else_sizes*"),
    ),
    (
        "a target is written though nobody can tell who else sizes it",
        "controller/scale.cc",
        "  if (!scale.is_free()) return {};\n",
        "  if (!scale.owned_by_other.empty()) return {};\n",
        *loop("ScaleLoopTest.nothing_is_written_while_nobody_can_tell*"),
    ),
    (
        "a mark of a scale-in to which it did not come stays",
        "controller/scale.cc",
        "    if (std::erase(resize.leaving, pod.instance) == 0) resize.staying.push_back(pod.instance);\n",
        "    std::erase(resize.leaving, pod.instance);\n",
        *loop("PodsTest.a_mark_is_set_once*"),
    ),
    (
        "marks follow the loads and never come to an end",
        "controller/scale.cc",
        "order.emplace_back(!pod.goes_first, ",
        "order.emplace_back(true, ",
        *loop("PodsTest.a_mark_is_set_once*"),
    ),
    (
        "a scale is written though its size stays",
        "controller/scale.cc",
        "  if (decision.to == scale.spec_replicas) return {};\n",
        "",
        *loop("ScaleLoopTest.growth_is_one_write*"),
    ),
    (
        "what another controller wrote starts no cooldown for who follows it",
        "controller/scale.cc",
        "  if (stood_by) (change > 0 ? recent.last_out : recent.last_in) = now;\n",
        "",
        *loop("StandbyTest.what_the_leader_did_first*"),
    ),
    (
        "who leads one shard is held to lead another",
        "controller/loop.cc",
        "    workload.leads = tick->shards[*workload.shard].leads;\n",
        "    workload.leads = tick->shards[0].leads;\n",
        *loop("ShardsTest.*"),
    ),
    (
        "one replica takes all shards",
        "controller/shard.cc",
        "    const bool has_room = count < share || (count == share && larger > 0);\n",
        "    const bool has_room = count <= shards;\n",
        *loop("Shard.replicas_hold_as_many_shards_as_each_other"),
    ),
    (
        "what was left to the leader counts as done though it did nothing",
        "controller/scale.cc",
        "    if (result.skipped) return Resized::kUnknown;\n",
        "    if (result.skipped) return Resized::kNo;\n",
        *loop("StandbyTest.it_decides_and_writes_nothing"),
    ),
    (
        "ending stops pods of a target in Kubernetes",
        "controller/loop.cc",
        "    workload.decision.to = is_scale ? workload.decision.from : 0;\n",
        "    workload.decision.to = 0;\n",
        *loop("ScaleLoopTest.ending_leaves_the_target_alone"),
    ),
    (
        "an annotation that cannot be read is no pause",
        "controller/scale.cc",
        "both(orders.pause, pause ? *pause : Pause{}, now);",
        "both(orders.pause, pause ? *pause : std::optional<Pause>(), now);",
        *loop("ScaleLoopTest.annotations_of_the_target_pause_it"),
    ),
    (
        "a write that was lost starts a cooldown",
        "controller/scale.cc",
        "    forget_resize(memory.unsettled->at, memory.recent.edit());\n",
        "    forget_resize(now, memory.recent.edit());\n",
        *loop("ScaleLoopTest.a_write_that_was_lost*"),
    ),
    (
        "a write whose answer was lost counts as one of somebody else",
        "controller/loop.cc",
        "workload.outcome == Outcome::kFailed && resized != Resized::kUnknown;",
        "workload.outcome == Outcome::kFailed;",
        *loop("ScaleLoopTest.a_write_whose_answer_was_lost*"),
    ),
    (
        "a size that somebody else wrote is not seen",
        "controller/scale.cc",
        "  memory.desired = scale.spec_replicas;\n",
        "",
        *loop("ScaleLoopTest.a_size_that_somebody_else_wrote*"),
    ),
    (
        "what is shared is changed for all who have it",
        "base/shared.h",
        "    if (box_->use_count() > 1) box_",
        "    if (box_->use_count() > 99) box_",
        "shared_test",
        "{build}/tests/base/shared_test",
    ),
    (
        "a pod never warms up while its list is the same",
        "controller/pods.cc",
        " && now < seen.until;",
        ";",
        *loop("PodsTest.what_was_made_of_a_list*"),
    ),
    (
        "what was made of pods stands though the clock was set back",
        "controller/pods.cc",
        " && now >= seen.made",
        "",
        *loop("PodsTest.what_was_made_of_a_list*"),
    ),
    (
        "a record begins with what the one before it in its memory said",
        "controller/record_pool.h",
        "              room.clear();\n",
        "",
        *loop("ScaleLoopTest.a_record_that_somebody_keeps*"),
    ),
    (
        "targets stay those of pods that are no more as they were",
        "controller/read.cc",
        "!pass.targets_of.is_same(fleet.instances)",
        "pass.targets.empty()",
        *loop("ScaleLoopTest.pods_are_asked_at_their_address*"),
    ),
]
