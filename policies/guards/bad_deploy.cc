#include "policies/counts.h"
#include "policies/guards/guard.h"
#include "policies/threshold.h"
#include "policies/vitals.h"

#include <cmath>

namespace autoscaler {
namespace {

using std::chrono::minutes;

constexpr minutes kRecent(3);                            // what is compared with the time before
constexpr minutes kRemembered(VitalsHistory::kMinutes);  // a deploy, or that latency is up
constexpr size_t kLeastRecent = 2;                       // minutes known
constexpr size_t kLeastBefore = 5;

// Errors have doubled, by a point at least; latency is half as much again. Load of 5 % more is no
// more load: by queueing alone p95 grows by half for it only from 90 % of the capacity upwards
// (p95 = s95 + S / (k (1 - rho)) ln(P_wait / 0.05); with S = 50 ms and 5 workers 281 ms at a
// utilisation of 0.85, 360 ms at 0.89).
constexpr double kErrorsTimes = 2;
constexpr double kErrorsMore = 0.01;
constexpr double kLatencyTimes = 1.5;
constexpr double kLoadTimes = 1.05;

bool are_errors_up(const Vitals& before, const Vitals& after) {
  return before.errors && after.errors && *after.errors >= *before.errors * kErrorsTimes &&
         *after.errors >= *before.errors + kErrorsMore;
}

bool is_latency_up(const Vitals& before, const Vitals& after) {
  return before.latency && after.latency && *after.latency >= *before.latency * kLatencyTimes &&
         *after.latency > *before.latency;
}

bool is_known(VitalNumber number, const Vitals& before, const Vitals& after) {
  return before.*number && after.*number;
}

bool is_more(VitalNumber number, const Vitals& before, const Vitals& after) {
  return is_known(number, before, after) && *(after.*number) > *(before.*number) * kLoadTimes;
}

// What is compared with the time before.
struct Onset {
  Instant since;
  bool is_deploy;  // that is known of
};

Onset onset_of(const Scene& scene) {
  const auto deployed = scene.workload.deployed;
  const bool is_deploy = deployed && scene.now - *deployed <= kRemembered;
  return {is_deploy ? minute_of(*deployed) : minute_of(scene.now) - kRecent, is_deploy};
}

// Load is known and not more. Right after a deploy that is known of requests alone are the load:
// that it takes more work to answer them is what is wrong. Otherwise the work may have changed with
// what users ask for, and more of it is load too.
bool is_load_the_same(const Vitals& before, const Vitals& after, bool is_deploy) {
  const bool knows_load = is_known(&Vitals::load, before, after);
  if (!knows_load && !is_known(&Vitals::work, before, after)) return false;
  const bool is_work_load = !knows_load || !is_deploy;
  if (is_more(&Vitals::load, before, after)) return false;
  return !is_work_load || !is_more(&Vitals::work, before, after);
}

// Of those that carried the load; `size` where requests are not known.
int32_t size_before(const Vitals& before, int32_t size) {
  const bool is_counted = before.total && before.load && *before.load > 0;
  return is_counted ? to_count(std::round(*before.total / *before.load)) : size;
}

// Right after a deploy that is known of, the minute under way speaks too.
Shared<Suspicion> begun(const Scene& scene, int32_t size) {
  const VitalsHistory& history = scene.recent.vitals;
  const auto [since, is_deploy] = onset_of(scene);
  const Instant end = minute_of(scene.now) + minutes(is_deploy ? 1 : 0);
  const Vitals after =
      medians_of(history, std::max(since, end - kRecent), end, is_deploy ? 1 : kLeastRecent);
  if (!after.errors && !after.latency) return std::nullopt;  // nor are they up
  const Vitals before = medians_of(history, Instant::min(), since, kLeastBefore);
  if (!are_errors_up(before, after) && !is_latency_up(before, after)) return std::nullopt;
  if (!is_load_the_same(before, after, is_deploy)) return std::nullopt;
  return Suspicion{since, size_before(before, size), before};
}

// What it is compared with is remembered, so that no clock ends it: errors do, that are known to be
// as before. Latency counts for a while only, since a version may be slower for good, and whether
// more instances help is found out by trying (guard_ineffective). More load ends it where requests
// are not known; where they are, they say how many instances it takes.
bool goes_on(const Suspicion& suspicion, const Vitals& after, Instant now) {
  const Vitals& before = suspicion.before;
  const bool is_young = now - suspicion.since <= kRemembered;
  const bool is_worse = are_errors_up(before, after) || (is_young && is_latency_up(before, after));
  const bool is_blind =
      (before.errors && !after.errors) || (is_young && before.latency && !after.latency);
  return (is_worse || is_blind) && (before.load || !is_more(&Vitals::work, before, after));
}

Vitals latest_of(const Scene& scene, Instant since) {
  const Instant end = minute_of(scene.now) + minutes(1);
  return medians_of(scene.recent.vitals, std::max(since, end - kRecent), end, 1);
}

// As many as carry now, each, what they carried before.
int32_t size_by_requests(const Suspicion& suspicion, const Vitals& after) {
  const auto before = suspicion.before.total;
  if (!before || !after.total || !(*before > 0)) return suspicion.size;
  const double times = *after.total / *before;
  const bool is_same = times <= kLoadTimes && times * kLoadTimes >= 1;
  return is_same ? suspicion.size : ceil_count(suspicion.size * times);
}

// A percentage is rounded down: "at most 20 % more" is meant.
int32_t at_most(const SizeChange& step, int32_t size) {
  const double more =
      step.percent ? std::floor(size * *step.percent / 100 + kRounding) : step.instances;
  return to_count(saturating_add(size, std::max(1, to_count(more))));
}

// Nobody is sure yet, but this tick has errors, and no more load than before: until they are sure
// or one of the two has changed, growth ends where it will end then. Nothing is remembered of it:
// the time before is the same for as long as it takes to be sure. Only by the requests is it known
// what stood before growth began.
void doubt(const Scene& scene, const SizeChange& step, Decision& decision) {
  const Vitals& now = decision.vitals;
  if (!now.load || !now.errors) return;
  const auto [since, is_deploy] = onset_of(scene);
  const Vitals before = medians_of(scene.recent.vitals, Instant::min(), since, kLeastBefore);
  if (!before.load || !are_errors_up(before, now)) return;
  if (!is_load_the_same(before, now, is_deploy)) return;
  const Suspicion doubted{since, size_before(before, decision.from), before};
  never_above(decision, Rule::kBadDeploy, at_most(step, size_by_requests(doubted, now)));
}

}  // namespace

void guard_bad_deploy(const Scene& scene, Decision& decision) {
  decision.suspicion = std::nullopt;
  const auto& step = scene.spec.guards.bad_deploy;
  if (!step) return;
  auto suspicion = scene.recent.suspicion;
  if (!suspicion) suspicion = begun(scene, decision.from);
  if (!suspicion) return doubt(scene, *step, decision);
  const Vitals after = latest_of(scene, suspicion->since);
  if (scene.recent.suspicion && !goes_on(*suspicion, after, scene.now)) return;
  decision.suspicion = suspicion;
  const int32_t most = at_most(*step, size_by_requests(*suspicion, after));
  // Who fails at once looks idle, and some go away for a while. Later fewer requests are less load.
  const bool is_young = scene.now - suspicion->since <= kRemembered;
  never_below(decision, Rule::kBadDeploy, is_young || !after.total ? decision.from : most);
  never_above(decision, Rule::kBadDeploy, most);
}

}  // namespace autoscaler
