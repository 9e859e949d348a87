#include "controller/backtest/hard_world.h"

#include "controller/backtest/world_run.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace autoscaler {

using namespace fixed_world;
using namespace hard_world;

namespace {

// Begins at random, this far apart in the mean, and lasts for so many ticks.
std::vector<bool> now_and_then(size_t ticks, double every_s, size_t lasts, Noise& chance) {
  std::vector<bool> marks(ticks, false);
  double at = 0;
  while (true) {
    at -= std::log(chance.uniform()) * every_s / kTickSeconds;
    if (at >= static_cast<double>(ticks)) return marks;
    const auto begin = static_cast<size_t>(at);
    for (size_t i = begin; i < std::min(begin + lasts, ticks); ++i) marks[i] = true;
  }
}

class HardFleet {
 public:
  HardFleet(const Demand& demand, const Hardships& hardships, int64_t lead_s)
      : hardships_(hardships),
        lead_(static_cast<size_t>(lead_s / kTickSeconds)),
        chance_(demand.name + " launches") {
    for (int32_t i = 0; i < first_size(demand); ++i) instances_.push_back({0, spread(), 0});
  }

  // A new version, then what the policy wants: of too many the newest goes first.
  void resize(int32_t size, size_t tick) {
    roll_out(tick);
    const auto wanted = static_cast<size_t>(size);
    while (instances_.size() < wanted) instances_.push_back(launched(tick));
    while (instances_.size() > wanted) {
      end(instances_.back(), tick);
      instances_.pop_back();
    }
  }
  int32_t size() const { return static_cast<int32_t>(instances_.size()); }
  int32_t serving(size_t tick) const {
    const auto ready = [tick](const Instance& each) { return each.ready_at <= tick; };
    return static_cast<int32_t>(std::count_if(instances_.begin(), instances_.end(), ready));
  }
  double capacity(size_t tick) const {
    double sum = 0;
    for (const auto* list : {&instances_, &replacements_}) {
      for (const Instance& each : *list) sum += each.ready_at <= tick ? does(each, tick) : 0;
    }
    return sum;
  }
  size_t paid(size_t tick) {
    return instances_.size() + replacements_.size() +
           std::exchange(draining_[tick % kDrainTicks], 0);
  }
  bool is_seen(size_t tick) const { return hardships_.is_seen(tick); }
  static double comes_again(double gone) { return kRetries * gone; }

 private:
  struct Instance {
    size_t ready_at = 0;
    double share = 1;  // of what an instance should do
    int version = 0;
  };

  double spread() { return std::max(kLeastShare, 1 + kSpread * chance_.normal()); }

  Instance launched(size_t tick) {
    size_t ready_at = tick;
    while (chance_.uniform() < kFailedLaunches) ready_at += kFailedLeads * lead_;
    ready_at += chance_.uniform() < kSlowLaunches ? kSlowTimes * lead_ : lead_;
    return {ready_at, spread(), version_};
  }

  static double does(const Instance& instance, size_t tick) {
    const bool cold = tick < instance.ready_at + kColdSeconds / kTickSeconds;
    return instance.share * (cold && instance.ready_at > 0 ? kColdShare : 1);
  }

  void end(const Instance& instance, size_t tick) {
    if (instance.ready_at > tick) return;
    for (size_t i = 0; i < kDrainTicks; ++i) ++draining_[(tick + i) % kDrainTicks];
  }

  // New before old: a batch is launched beside the others, and takes its places once all of it
  // serves.
  void roll_out(size_t tick) {
    if (hardships_.deploys(tick)) ++version_;
    const auto outdated = [this](const Instance& each) { return each.version != version_; };
    const auto ready = [tick](const Instance& each) { return each.ready_at <= tick; };
    if (!std::all_of(replacements_.begin(), replacements_.end(), ready)) return;
    for (const Instance& each : replacements_) {
      const auto old = std::find_if(instances_.begin(), instances_.end(), outdated);
      if (old == instances_.end()) {
        end(each, tick);  // the size has shrunk meanwhile
        continue;
      }
      end(*old, tick);
      *old = each;
    }
    replacements_.clear();
    const auto left = std::count_if(instances_.begin(), instances_.end(), outdated);
    const auto batch =
        (static_cast<std::ptrdiff_t>(instances_.size()) + kDeployBatches - 1) / kDeployBatches;
    for (std::ptrdiff_t i = 0; i < std::min(left, batch); ++i) {
      replacements_.push_back(launched(tick));
    }
  }

  static constexpr size_t kDrainTicks = kDrainSeconds / kTickSeconds;
  const Hardships& hardships_;
  const size_t lead_;
  Noise chance_;
  int version_ = 0;
  std::vector<Instance> instances_;  // in the order of their launch
  std::vector<Instance> replacements_;
  size_t draining_[kDrainTicks] = {};
};

}  // namespace

Hardships::Hardships(const Demand& demand) {
  Noise chance(demand.name + " hardships");
  const size_t ticks = demand.ticks();
  outage_ = now_and_then(ticks, kOutageEverySeconds,
                         static_cast<size_t>(kOutageSeconds / kTickSeconds), chance);
  deploys_ = now_and_then(ticks, kDeployEverySeconds, 1, chance);
  for (size_t tick = 0; tick < ticks; ++tick) {
    const bool lost = chance.uniform() < kLostSamples;
    seen_.push_back(!lost && !outage_[tick]);
  }
}

Demand Hardships::seen_of(Demand demand) const {
  for (size_t tick = 0; tick < demand.ticks(); ++tick) {
    if (outage_[tick]) demand.in_gap[tick] = true;
  }
  return demand;
}

Score run_hard_world(const Demand& demand, const Hardships& hardships, int64_t lead_s,
                     Contender& contender) {
  HardFleet fleet(demand, hardships, lead_s);
  return run_on(fleet, demand, contender);
}

}  // namespace autoscaler
