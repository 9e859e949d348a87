"""ScalingPolicies: what keeps one from another and from the controller's own, broken on purpose. As in mutants.py."""

SET = "controller/config/policy_set.cc"
DOCUMENT = "controller/config/policy_document.cc"
LIVE = "controller/config/live_config.cc"
WATCH = "controller/kubernetes/policy_watch.cc"
SIGNALS = "controller/config/signals_section.cc"


def policies(cases):
    return "scaling_policy_test", "{build}/tests/controller/config/scaling_policy_test --gtest_filter=" + cases


def watch(cases):
    return "policy_watch_test", "{build}/tests/controller/kubernetes/policy_watch_test --gtest_filter=" + cases


SCALING_POLICY_MUTANTS = [
    ("a bad object ends its workload", SET, "had_good = known.good && ", "had_good = false && known.good && ",
     *policies("PolicySetTest.TheLastGoodSpec*")),
    ("an object that was deleted lends its spec to the next of its name", DOCUMENT,
     'uid = text_in(*metadata, "uid")', 'uid = text_in(*metadata, "name")', *policies("PolicySetTest.OneThatIsMadeAnew*")),
    ("two objects size one target", SET, "if (!is_free) return at->second;", "if (false) return at->second;",
     *policies("PolicySetTest.OfTwoOnOneTarget*")),
    ("the name decides who has a target", SET, "std::tie(document.created, document.object.name_space,",
     "std::tie(document.object.uid, document.object.name_space,", *policies("PolicySetTest.OfTwoOnOneTarget*")),
    ("an object sizes what the file sizes", SET, "    targets[target_key(*target)] = ", "    targets[\"\"] = ",
     *policies("PolicySetTest.TheFileComes*")),
    ("a spec of another namespace is taken for its own", "controller/config/kubernetes_section.cc",
     "    to.name_space = policy->name_space;\n    fields.refused(\"namespace\",",
     "    fields.optional(\"namespace\", scalar(to.name_space, name(kNamespace)), \"\");\n    fields.refused(\"no\",",
     *policies("PolicyDocumentTest.AnotherNamespace*")),
    ("a ScalingPolicy has a URL fetched", "controller/config/signal_queries.cc", "  if (policy == nullptr) {\n    fields.optional(\"url\"",
     "  if (policy == nullptr || !policy->name.empty()) {\n    fields.optional(\"url\"", *policies("PolicyDocumentTest.WhatTheController*")),
    ("a ScalingPolicy has any page and file read", SIGNALS, "  if (policy != nullptr) {\n    refuse_for_policy(", "  if (policy != nullptr && policy->name.empty()) {\n    refuse_for_policy(",
     *policies("PolicyDocumentTest.WhatTheController*")),
    ("pods of everybody are shown the token", SIGNALS, "  if (context.policy) check_identity(", "  if (false) check_identity(",
     *policies("PolicyDocumentTest.PodsOfEverybody*")),
    ("a spec may be of any depth", DOCUMENT, "depth > kMaxConfigDepth || ", "", *policies("PolicyDocumentTest.OneThatIsTooLarge*")),
    ("a file that is refused takes the objects with it", LIVE, "    due_ = now;  // without it", "    is_due_ = false;",
     *policies("LiveConfigTest.AFileThatIsRefused*")),
    ("without the section objects run on", LIVE, "wanted ? documents_", "wanted || !wanted ? documents_",
     *policies("LiveConfigTest.WithoutTheSection*")),
    ("every object that comes is a reload", WATCH, "now - last_change_ < kQuiet && ", "false && ", *watch("*ABurst*")),
    ("a burst that does not end is never taken up", WATCH, " && now - *first_change_ < kLongest", "", *watch("*ABurst*")),
    ("a status that is written is a change", WATCH, "  if (known && known->object == document->object) return;\n", "",
     *watch("*AStatus*")),
    ("a list that failed takes all objects away", WATCH, "  problem_ = with_remedy(error);\n",
     "  problem_ = with_remedy(error);\n  documents_.clear();\n  note_change();\n", *watch("*AServerThatIsAway*")),
]
