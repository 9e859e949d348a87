#include "controller/config/budget_expansion.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace autoscaler {
namespace {

constexpr double kAddPercent = 25;
// Longer than it takes to judge what was added, where it starts within half a minute: two minutes
// and `warmup` after it is there (policies/trial.h). What starts slowly holds the next one back
// itself.
constexpr std::chrono::minutes kCooldown(3);

// `rps` if there is one, else the first by name that is a load.
std::optional<size_t> load_of(const std::vector<SignalDraft>& signals) {
  std::optional<size_t> best;
  for (size_t i = 0; i < signals.size(); ++i) {
    const SignalDraft& signal = signals[i];
    const bool is_load = signal.sound && signal.spec.meaning == SignalSpec::Meaning::kLoad &&
                         signal.unit == Unit::kPerSecond &&
                         signal.response != SignalDraft::Response::kUnknown;
    if (!is_load) continue;
    const bool better =
        !best || signal.spec.name == "rps" ||
        (signals[*best].spec.name != "rps" && signal.spec.name < signals[*best].spec.name);
    if (better) best = i;
  }
  return best;
}

ThresholdSpec until_it_is_learned(const Slo& slo) {
  ThresholdSpec threshold;
  threshold.out = ThresholdSpec::Rule{.marks = {{slo.signal, true, slo.p95}},
                                      .samples = 3,
                                      .change = {0, kAddPercent},
                                      .cooldown = kCooldown};
  return threshold;
}

}  // namespace

void expand_budget(const Cursor& workload, const std::vector<SignalDraft>& signals,
                   WorkloadSpec& to) {
  if (!to.slo || !to.slo->budget || !to.policies.empty()) return;
  const auto load = load_of(signals);
  if (!load) {
    workload.child("slo").near("budget").problem(
        "without policies it needs a load to keep: add a signal of requests per second, such as "
        "rps: {source: balancer, value: requestRate}, or write policies");
    return;
  }
  const std::string& name = signals[*load].spec.name;
  TrackSpec track;
  track.signal = *load;
  track.kind = TrackSpec::Target::kLearned;
  track.tolerance_out = 0;
  PredictSpec predict;
  predict.signal = *load;
  predict.mode = PredictSpec::Mode::kFull;
  to.policies.push_back({"track-" + name, track});
  to.policies.push_back({"predict-" + name, predict});
  to.policies.push_back({"threshold-1", until_it_is_learned(*to.slo)});
}

std::vector<std::string> expansion_of(const WorkloadConfig& workload) {
  const WorkloadSpec& spec = workload.spec;
  if (!spec.slo || !spec.slo->budget) return {};
  const auto written = nlohmann::json::parse(workload.json, nullptr, false);
  if (written.contains("policies") && !written["policies"].empty()) return {};
  const auto* track =
      spec.policies.empty() ? nullptr : std::get_if<TrackSpec>(&spec.policies.front().rule);
  if (!track) return {};
  const std::string& load = spec.signals[track->signal].name;
  const std::string p95 = written["slo"]["p95"].get<std::string>();
  return {"policies:", "  - track: {signal: " + load + ", perInstance: learned}",
          "  - predict: {signal: " + load + ", mode: full}",
          "  - threshold: {out: {any: [{signal: " + spec.signals[spec.slo->signal].name +
              ", above: " + p95 + "}], for: 3, add: 25%, cooldown: 3m}}"};
}

}  // namespace autoscaler
