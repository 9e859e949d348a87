#include "policies/guards/guard.h"
#include "policies/threshold.h"
#include "policies/vitals.h"

namespace autoscaler {
namespace {

using std::chrono::minutes;

constexpr minutes kRecent(3);       // what is compared with the time before
constexpr size_t kLeastRecent = 2;  // minutes known
constexpr size_t kLeastBefore = 5;

// Errors have doubled, by a point at least; latency is half as much again. Load of 5 % more is no
// more load: by queueing alone p95 grows by half for it only from 90 % of the capacity upwards
// (p95 = s95 + S / (k (1 - rho)) ln(P_wait / 0.05); with S = 50 ms and 5 workers 281 ms at a
// utilisation of 0.85, 360 ms at 0.89).
constexpr double kErrorsTimes = 2;
constexpr double kErrorsMore = 0.01;
constexpr double kLatencyTimes = 1.5;
constexpr double kLoadTimes = 1.05;

// Before and after something changed; times are minutes.
class Comparison {
 public:
  Comparison(const VitalsHistory& history, Instant change, Instant end, size_t at_least)
      : history_(history), change_(change), end_(end), at_least_(at_least) {}

  struct Pair {
    double before;
    double after;
  };
  std::optional<Pair> of(std::optional<double> Vitals::*number) const {
    const Instant begin = std::max(change_, end_ - kRecent);
    const auto before = median_of(history_, number, Instant::min(), change_, kLeastBefore);
    const auto after = median_of(history_, number, begin, end_, at_least_);
    if (!before || !after) return std::nullopt;
    return Pair{*before, *after};
  }
  bool is_up(std::optional<double> Vitals::*number) const {
    const auto pair = of(number);
    return pair && pair->after > pair->before * kLoadTimes;
  }
  bool is_known(std::optional<double> Vitals::*number) const { return of(number).has_value(); }
  bool is_worse() const {
    const auto errors = of(&Vitals::errors);
    const auto latency = of(&Vitals::latency);
    return (errors && errors->after >= errors->before * kErrorsTimes &&
            errors->after >= errors->before + kErrorsMore) ||
           (latency && latency->after >= latency->before * kLatencyTimes &&
            latency->after > latency->before);
  }

 private:
  const VitalsHistory& history_;
  Instant change_;
  Instant end_;
  size_t at_least_;
};

// Right after a deploy that is known of, the minute under way speaks too, and requests alone are
// the load: that it takes more work to answer them is what is wrong. Otherwise the work may have
// changed with what users ask for, and more of it is load too. A suspicion compares with the time
// before it began, and ends when that is forgotten: then the new state is the usual one.
bool is_suspected(const Scene& scene) {
  const Instant minute = minute_of(scene.now);
  const auto deployed = scene.workload.deployed;
  const auto suspicion = scene.recent.suspicion;
  const bool known = deployed && scene.now - *deployed <= minutes(VitalsHistory::kMinutes);
  const Instant change =
      known ? minute_of(*deployed) : minute_of(suspicion ? suspicion->since : scene.now) - kRecent;
  const Comparison compared = known
                                  ? Comparison(scene.recent.vitals, change, minute + minutes(1), 1)
                                  : Comparison(scene.recent.vitals, change, minute, kLeastRecent);
  if (!compared.is_worse()) return false;
  if (compared.is_known(&Vitals::load)) {
    return !compared.is_up(&Vitals::load) && (known || !compared.is_up(&Vitals::work));
  }
  return compared.is_known(&Vitals::work) && !compared.is_up(&Vitals::work);
}

}  // namespace

void guard_bad_deploy(const Scene& scene, Decision& decision) {
  decision.suspected_at.reset();
  const auto& step = scene.spec.guards.bad_deploy;
  if (!step || !is_suspected(scene)) return;
  const auto& suspicion = scene.recent.suspicion;
  const int32_t size = suspicion ? suspicion->size : decision.from;
  decision.suspected_at = size;
  no_scale_in(decision, Rule::kBadDeploy);
  never_above(decision, Rule::kBadDeploy, size + instances_of(*step, size));
}

}  // namespace autoscaler
