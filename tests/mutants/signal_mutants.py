"""How far signals are trusted, broken on purpose. As in mutants.py."""

QUALITY = "policies_test", "{build}/tests/policies/policies_test --gtest_filter="
OUTAGE = "outage_test", "{build}/tests/metrics/outage_test --gtest_filter="
READING = "metrics_test", "{build}/tests/metrics/metrics_test --gtest_filter="


def by(target, cases):
    return target[0], target[1] + cases


# Each outage that leaves readings missing, alone.
OUTAGES = [
    "NoMetricsAtAll",
    "PagesWithoutTheSeries",
    "HalfTheInstancesSilent",
    "AFifthOfTheInstancesSilent",
    "TimestampsStandStill",
    "TimestampsOfHalfStandStill",
    "CountersStandStillWhileTheBalancerShowsLoad",
    "CountersStandStillWhilePeersShowLoad",
    "ZerosWhileTheBalancerShowsLoad",
    "ClocksJump",
    "ClocksJumpByLittle",
]

SIGNAL_MUTANTS = [
    (
        "what is missing is read as 0: " + outage,
        "policies/tally.cc",
        "  tally.usable.erase(kept, tally.usable.end());\n",
        "  tally.usable.erase(kept, tally.usable.end());\n"
        "  static const Measured zero{0.0, Instant{}, Duration{0}};\n"
        "  while (spec.kind == SignalSpec::Kind::kNumber &&\n"
        "         static_cast<int32_t>(tally.usable.size()) < std::max(tally.expected, 1)) {\n"
        "    tally.usable.push_back(&zero);\n"
        "  }\n",
        *by(OUTAGE, "*/" + outage),
    )
    for outage in OUTAGES
] + [
    (
        "a counter that wrapped is taken at its word",
        "policies/quality.cc",
        "  if (measured.restarted) return Doubt::kRestarted;\n",
        "",
        *by(OUTAGE, "*/CountersWrap"),
    ),
    (
        "a window half full is as good as a full one",
        "policies/quality.cc",
        "  if (measured.completeness < kComplete) return Doubt::kIncomplete;\n",
        "",
        *by(QUALITY, "Doubts.*"),
    ),
    (
        "no data-quality guard",
        "policies/guards/data_quality.cc",
        "  if (decision.to < decision.from && is_in_doubt(scene, decision)) {\n",
        "  if (decision.to < decision.from && is_in_doubt(scene, decision) && false) {\n",
        *by(QUALITY, "Doubts.HoldAScaleInAndNothingElse"),
    ),
    (
        "an outage is forgotten when the query answers again",
        "policies/quality.cc",
        "  memory.outage_ended = now;\n",
        "",
        *by(QUALITY, "Doubts.OfAQueryThatLooksBack*"),
    ),
    (
        "a quantile of one observation",
        "policies/aggregate.cc",
        "observed < spec.min_observations - 0.5",
        "observed < 0",
        *by(QUALITY, "Aggregate.AQuantileOfFewObservationsIsMissing"),
    ),
    (
        "a series that stands still hides behind those that move",
        "metrics/window.cc",
        "  at = std::min(at, other.at);\n",
        "  at = std::max(at, other.at);\n",
        *by(READING, "SignalReader.*"),
    ),
    (
        "what is missing in a sum counts as 0",
        "controller/config/signal_quality.cc",
        "spec.aggregation == Aggregation::kSum ? 1 : kDefaultCoverageIn",
        "spec.aggregation == Aggregation::kSum ? kDefaultCoverageIn : kDefaultCoverageIn",
        "config_test",
        "{build}/tests/controller/config/config_test --gtest_filter=Quality.*",
    ),
    (
        "targets that are no instances are taken for them",
        "policies/per_instance.h",
        "  return value.expected == 0 || signal.over_targets;\n",
        "  return value.expected == 0 || (signal.over_targets && false);\n",
        *by(QUALITY, "Track.*"),
    ),
    (
        "the clock of a target is never set",
        "metrics/target_clock.cc",
        "  return set;\n",
        "  return set && false;\n",
        *by(READING, "TargetClock.*"),
    ),
    (
        "quantiles of a summary are added up",
        "metrics/gauge_reader.cc",
        "is_quantile(sample) && !(may_be_quantile_ && seen_.empty())",
        "is_quantile(sample) && false",
        *by(READING, "Signals.QuantilesOfASummaryAreNeverAddedUp"),
    ),
    (
        "the system's authorities are trusted beside those of a file",
        "base/identity.cc",
        "  if (!tls.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);  // no others beside\n",
        "",
        "scrape_test",
        "{build}/tests/metrics/scrape_test --gtest_filter=JsonIdentity.WhereAFile*",
    ),
    (
        "any answer is the same answer",
        "metrics/kubernetes_reading.cc",
        "return digest_of(body) == digest_;",
        "return digest_of(body) != 0;",
        *by(READING, "KubernetesSourceTest.WhatIsSaidAgain*"),
    ),
    (
        "what was made for other pods stands",
        "metrics/kubernetes_source.cc",
        " && last.targets.is_same(query.targets)",
        "",
        *by(READING, "KubernetesSourceTest.WhatIsSaidAgain*"),
    ),
    (
        "a sample without a timestamp is for ever as old as when it was first read",
        "metrics/kubernetes_source.cc",
        " && usages->is_dated()",
        "",
        *by(READING, "KubernetesSourceTest.ASampleWithoutATimestamp*"),
    ),
]
