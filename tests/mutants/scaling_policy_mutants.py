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


def metrics(cases):
    return "metrics_test", "{build}/tests/metrics/metrics_test --gtest_filter=" + cases


def prometheus(cases):
    return "prometheus_test", "{build}/tests/metrics/prometheus_test --gtest_filter=" + cases


def pool(cases):
    return "base_worker_pool_test", "{build}/tests/base/base_worker_pool_test --gtest_filter=" + cases


SCALING_POLICY_MUTANTS = [
    ("one tenant has all threads", "base/worker_pool.cc", "name.empty() || owner.running < most_of_one_", "true",
     *pool("WorkerPoolTest.OneOwner*")),
    ("who has many jobs has all turns", "base/worker_pool.cc", "  turns_.push_back(name);", "  turns_.push_front(name);",
     *pool("WorkerPoolTest.OwnersTakeTurns*")),
    ("a tenant's sick metric takes the others their API", "metrics/kubernetes_source.cc", ".of(ask.tenant);", ".of(\"\");",
     *metrics("KubernetesSourceTest.WhatATenantAsks*")),
    ("a tenant's query may take as long as it likes", "metrics/prometheus_source.cc",
     "key.tenant.empty() ? left : std::min(left, kTenantTimeout)", "left", *prometheus("PrometheusSource.ATenantsQuery*")),
    ("a tenant's metric may take as long as it likes", "metrics/kubernetes_source.cc",
     "ask.tenant.empty() ? left : std::min(left, kTenantTimeout)", "left", *metrics("KubernetesSourceTest.ATenantsQuestion*")),
    ("the probe of a sick API is always the same question", "metrics/asks.h", "count == 0 ? 0 : round_ % count", "count * 0",
     *metrics("KubernetesSourceTest.AfterAFailure*")),
    ("a question that is refused closes the API to all", "metrics/kubernetes_source.cc",
     "    case Code::kDenied:\n    case Code::kInvalid: return Verdict::kWell;",
     "    case Code::kInvalid: return Verdict::kWell;\n    case Code::kDenied: return Verdict::kSick;", *metrics("KubernetesSourceTest.AnApiThatFails*")),
    ("what a ScalingPolicy asks is the config's question", "controller/config/workload_section.cc",
     "    if (context.policy != nullptr) signal.query.tenant", "    if (false) signal.query.tenant",
     *policies("PolicyDocumentTest.WhatItAsks*")),
    ("one team takes the places of all", SET, "here >= spec_.most_per_namespace", "false", *policies("PolicySetTest.OfMoreThan*")),
    ("there may be any number of objects", SET, "all_ >= spec_.most", "false", *policies("PolicySetTest.OfMoreThan*")),
    ("a pattern may mean megabytes", "controller/config/metric_names.cc", "    options.set_max_mem(kMostPatternBytes);\n", "",
     *policies("PolicyDocumentTest.APattern*")),
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
