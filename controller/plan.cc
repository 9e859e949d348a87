#include "controller/plan.h"

#include "base/check.h"
#include "controller/lifecycle.h"

#include <algorithm>

namespace autoscaler {
namespace {

class Planner {
 public:
  Planner(const FleetWorkload& fleet, const PlanLimits& limits, Instant now, WorkloadMemory& memory)
      : fleet_(fleet), config_(*fleet.config), limits_(limits), now_(now), memory_(memory) {}

  std::vector<Change> run(int32_t target) {
    if (!fleet_.cluster_known) return {};
    for (const FleetInstance& instance : fleet_.instances) {
      if (counts_as_capacity(instance.lifecycle)) live_.push_back(&instance);
    }
    replacing_works_ = is_replacing_proved();
    target += surge_for_replacement(target);
    const auto live = static_cast<int32_t>(live_.size());
    if (live < target) grow(target - live);
    if (live > target && limits_.may_remove) shrink(live - target);
    for (const FleetInstance& instance : fleet_.instances) advance(instance);
    std::stable_sort(changes_.begin(), changes_.end(),
                     [](const Change& a, const Change& b) { return rank(a) < rank(b); });
    return std::move(changes_);
  }

 private:
  static int rank(const Change& change) {
    if (std::holds_alternative<Attach>(change)) return 0;
    if (std::holds_alternative<Launch>(change)) return 1;
    if (std::holds_alternative<Drain>(change)) return 2;
    if (std::holds_alternative<Detach>(change)) return 3;
    return 4;
  }

  InstanceMemory& memory_of(const FleetInstance& instance) const {
    const auto it = std::find_if(memory_.instances.begin(), memory_.instances.end(),
                                 [&](const auto& m) { return m.instance == instance.instance; });
    CHECK(it != memory_.instances.end());
    return *it;
  }

  // Nothing that serves is given up for a command that may not work: not while launches fail, nor
  // before one instance with the new command has been stable.
  bool is_replacing_proved() const {
    return memory_.backoff.failures == 0 &&
           std::any_of(live_.begin(), live_.end(),
                       [](const FleetInstance* i) { return !i->outdated && i->is_stable; });
  }

  // A changed command replaces instances one at a time, new before old: one more than wanted while
  // an outdated one serves, until the extra one is in service and replacing is proved to work; then
  // `shrink` takes the outdated one.
  int32_t surge_for_replacement(int32_t target) const {
    const bool outdated =
        std::any_of(live_.begin(), live_.end(), [](const FleetInstance* i) { return i->outdated; });
    if (!outdated) return 0;
    const bool all_serving = std::all_of(live_.begin(), live_.end(), [](const FleetInstance* i) {
      return i->lifecycle == Lifecycle::kInService;
    });
    const bool extra = static_cast<int32_t>(live_.size()) > target;
    return extra && all_serving && replacing_works_ ? 0 : 1;
  }

  void grow(int32_t missing) {
    for (const FleetInstance& instance : fleet_.instances) {
      if (missing == 0) return;
      if (instance.lifecycle != Lifecycle::kDraining || !instance.exists || instance.outdated) {
        continue;
      }
      if (!fleet_.balancer_known) continue;
      InstanceMemory& memory = memory_of(instance);
      memory.draining.reset();  // load returned before it had gone
      memory.detached.reset();
      attach(instance);
      --missing;
    }
    const LaunchBackoff& backoff = memory_.backoff;
    if (backoff.until && now_ < *backoff.until) return;
    if (backoff.failures > 0) missing = std::min(missing, launches_after_failure());
    for (; missing > 0; --missing) {
      InstanceMemory requested{.instance = instance_id(config_.spec.name, memory_.next_instance++),
                               .requested = now_};
      changes_.push_back(Launch{config_.spec.name, requested.instance});
      memory_.instances.push_back(std::move(requested));
    }
  }

  // After a failure one at first, and then as many at a time as have become ready since: 1, 1, 2,
  // 4 ... until one of them has been stable.
  int32_t launches_after_failure() const {
    int32_t trying = 0;
    int32_t ready = 0;
    for (const FleetInstance* instance : live_) {
      const bool is_starting = instance->lifecycle == Lifecycle::kRequested ||
                               instance->lifecycle == Lifecycle::kLaunching;
      trying += is_starting;
      ready += !is_starting && memory_.backoff.until &&
               memory_of(*instance).requested >= *memory_.backoff.until;
    }
    return std::max(0, std::max(1, ready) - trying);
  }

  // Victims: outdated before current where the current command is proved to work, the other way
  // round where it is not; then whoever carries least: not yet existing, launching, ready, warming,
  // in service; among equals the youngest (the highest number).
  // Not while the balancer is unknown: who leaves must be drained, and could not be taken back.
  void shrink(int32_t surplus) {
    if (config_.balancer && !fleet_.balancer_known) return;
    std::vector<const FleetInstance*> victims = live_;
    std::sort(victims.begin(), victims.end(), [&](const FleetInstance* a, const FleetInstance* b) {
      if (a->outdated != b->outdated) return a->outdated == replacing_works_;
      if (a->lifecycle != b->lifecycle) return a->lifecycle < b->lifecycle;
      return instance_number(a->instance) > instance_number(b->instance);
    });
    for (const FleetInstance* victim : victims) {
      if (surplus-- == 0) return;
      InstanceMemory& memory = memory_of(*victim);
      if (config_.balancer && (victim->registered || memory.attached)) {
        memory.draining = now_;
      } else {
        memory.terminating = now_;
      }
    }
  }

  void attach(const FleetInstance& instance) {
    if (config_.balancer) {
      changes_.push_back(Attach{config_.spec.name, instance.instance, instance.address});
    }
  }
  void terminate(const FleetInstance& instance) {
    InstanceMemory& memory = memory_of(instance);
    if (!memory.terminating) memory.terminating = now_;
    changes_.push_back(Terminate{config_.spec.name, instance.instance});
  }

  // The next step in the life of one instance. Launching ones wait for their health check.
  void advance(const FleetInstance& instance) {
    const InstanceMemory& memory = memory_of(instance);
    if (memory.terminating || memory.failed) return leave(instance);
    if (memory.draining) return drain(instance);
    switch (instance.lifecycle) {
      case Lifecycle::kRequested:
        // Intended before a crash, and never begun.
        if (!instance.exists) changes_.push_back(Launch{config_.spec.name, instance.instance});
        return;
      case Lifecycle::kReady:
      case Lifecycle::kWarming:
      case Lifecycle::kInService:
        if (fleet_.balancer_known && !instance.serving && instance.exists) attach(instance);
        return;
      default: return;
    }
  }

  // Out of the balancer when it has nothing left to do or its time is up, and then stopped. One
  // that a reload took out is given its time too: the old HAProxy may still wait for its answers.
  void drain(const FleetInstance& instance) {
    if (!fleet_.balancer_known) return;
    InstanceMemory& memory = memory_of(instance);
    const bool overdue = now_ - *memory.draining >= config_.drain_deadline;
    if (!instance.registered) {
      if (memory.detached || overdue) terminate(instance);
      return;
    }
    memory.detached.reset();
    if (instance.serving) {
      changes_.push_back(Drain{config_.spec.name, instance.instance});
    } else if (instance.in_flight == 0 || overdue) {
      memory.detached = now_;
      changes_.push_back(Detach{config_.spec.name, instance.instance});
    }
  }

  // Failed or terminating: out of the balancer first, then stopped. One that the balancer still
  // sends work to is not stopped in between: it may be answering.
  void leave(const FleetInstance& instance) {
    if (is_left_alone(instance)) return;
    if (instance.registered) {
      changes_.push_back(Detach{config_.spec.name, instance.instance});
    } else if (instance.exists && (fleet_.balancer_known || !config_.balancer)) {
      terminate(instance);
    }
  }

  const FleetWorkload& fleet_;
  const WorkloadConfig& config_;
  const PlanLimits limits_;
  const Instant now_;
  WorkloadMemory& memory_;
  bool replacing_works_ = false;
  std::vector<const FleetInstance*> live_;
  std::vector<Change> changes_;
};

}  // namespace

bool is_left_alone(const FleetInstance& instance) {
  return instance.lifecycle == Lifecycle::kFailed && !instance.exists && instance.answers;
}

std::vector<Change> plan(const FleetWorkload& fleet, int32_t target, const PlanLimits& limits,
                         Instant now, WorkloadMemory& memory) {
  return Planner(fleet, limits, now, memory).run(target);
}

}  // namespace autoscaler
