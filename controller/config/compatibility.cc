#include "controller/config/sections.h"

#include <cmath>

namespace autoscaler {
namespace {

constexpr const char* kNoMeaning = "has no meaning under compatibility: hpa";

void check_track(const Cursor& place, const TrackSpec& track) {
  if (track.burst) {
    place.problem_at_key("burst", std::string(kNoMeaning) + ": the HPA knows no burst");
  }
  if (track.kind == TrackSpec::Target::kLearned) {
    place.child("perInstance")
        .problem("found learned, which " + std::string(kNoMeaning) + ": write a number");
  }
  const double percent = track.target * 100;
  const bool whole = std::abs(percent - std::round(percent)) < 1e-9;
  if (track.kind == TrackSpec::Target::kUtilization && !whole) {
    place.child("target").problem("the HPA has whole percent: write " +
                                  std::to_string(std::lround(percent)) + "%");
  }
}

// What it does with a metric that is missing, and how it takes pods together, is laid down.
void check_signal(const Cursor& place, const SignalSpec& signal) {
  if (signal.when_missing.kind != WhenMissing::Kind::kHold) {
    place.problem_at_key("whenMissing", std::string(kNoMeaning) +
                                            " for a tracked signal: a metric without a value "
                                            "blocks scale-in there, and nothing else");
  }
  const bool averaged =
      signal.aggregation == Aggregation::kMean || signal.aggregation == Aggregation::kSum;
  if (!averaged && !signal.over_targets && place.has("aggregate")) {
    place.problem_at_key("aggregate", std::string(kNoMeaning) +
                                          " for a tracked signal: it is averaged over the "
                                          "instances there");
  }
}

}  // namespace

void check_compatibility(const Cursor& workload, const WorkloadSpec& spec,
                         const std::vector<SignalDraft>& signals) {
  if (!spec.groups.empty()) {
    workload.problem_at_key("groups",
                            std::string(kNoMeaning) + ": there the largest proposal wins");
  }
  for (size_t i = 0; i < spec.policies.size(); ++i) {
    if (std::holds_alternative<PredictSpec>(spec.policies[i].rule)) {
      workload.child("policies")
          .item(i)
          .problem_at_key("predict", std::string(kNoMeaning) + ": the HPA does not look ahead");
    }
    const auto* track = std::get_if<TrackSpec>(&spec.policies[i].rule);
    if (!track || track->signal >= signals.size() || !signals[track->signal].sound) continue;
    const Cursor policy = workload.child("policies").item(i);
    if (!policy.has("track")) continue;  // it was reported
    check_track(policy.child("track"), *track);
    const SignalSpec& signal = signals[track->signal].spec;
    check_signal(workload.child("signals").child(signal.name), signal);
  }
}

}  // namespace autoscaler
