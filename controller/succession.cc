#include "controller/succession.h"

#include "controller/loop.h"
#include "controller/restore.h"

// The loop's side of it: what is taken up before a decision, and what is left after it.
namespace autoscaler {
namespace {

constexpr Duration kHeartbeat = std::chrono::minutes(5);
// So long no size is written for want of what was left: as long as caches are believed.
constexpr Duration kPatience = std::chrono::seconds(15);

// Whether anything can be left of it: in its own object, or beside the lease of its shard. Under
// none there is nobody to leave it to.
bool has_place(const WorkloadTick& workload) {
  return workload.config->object || workload.shard;
}

// How often we began or ceased to lead the workload's shard.
uint64_t term_of(const TickRecord& tick, const WorkloadTick& workload) {
  return workload.shard ? tick.shards[*workload.shard].transitions : 0;
}

}  // namespace

void Loop::inherit(TickRecord& tick) {
  if (ports_.succession == nullptr || dry_run_) return;
  std::vector<Succession::Heir> heirs;
  std::vector<size_t> indices;  // of the heirs
  for (size_t i = 0; i < tick.workloads.size(); ++i) {
    const WorkloadTick& workload = tick.workloads[i];
    const WorkloadConfig& config = *workload.config;
    // One that cannot be seen is not decided on: there is time.
    if (config.kubernetes() == nullptr || !passes_[i].fleet.scale) continue;
    if (!has_place(workload)) continue;
    heirs.push_back({&config, workload.leads, term_of(tick, workload)});
    indices.push_back(i);
  }
  Result<std::vector<Succession::Left>> all = ports_.succession->left(heirs);
  for (size_t i = 0; i < heirs.size(); ++i) {
    FleetWorkload& fleet = passes_[indices[i]].fleet;
    std::optional<Instant>& since = unknown_since_[indices[i]];
    fleet.past_is_unknown = !all && heirs[i].leads && !ports_.succession->is_known(heirs[i]);
    if (!fleet.past_is_unknown) {
      since.reset();
      continue;
    }
    since = since.value_or(tick.now);
    fleet.past_is_overdue = tick.now - *since >= kPatience;
    fleet.past_errors.push_back(
        {all.error().code, std::string("what the leader before has left cannot be read, so that ") +
                               (fleet.past_is_overdue ? "nothing is scaled in, for it may be paused"
                                                      : "sizes are not written yet") +
                               ": " + all.error().message});
  }
  if (!all) return;
  for (Succession::Left& left : *all) {
    const size_t i = indices[left.heir];
    const WorkloadSpec& spec = config_->workloads[i].spec;
    WorkloadMemory& memory = memories_[i];
    if (!memory.recent->first_seen) memory.recent = first_sight(spec, memory.desired, tick.now);
    take_over(left.hand_over, config_->controller.interval, tick.now, memory);
    take_over(left.experience.ready_times, memory);
    for (const std::string& part :
         learning_.take_over(i, std::move(left.experience.learned), tick.now)) {
      passes_[i].fleet.past_errors.push_back(
          {Code::kInvalid, "what was learned of " + part +
                               " cannot be read from what was left, and is learned again"});
    }
  }
}

void Loop::leave(TickRecord& tick) {
  if (ports_.succession == nullptr || dry_run_) return;
  tick.leave_errors = ports_.succession->failures();
  const bool is_due = !experience_left_ || tick.now - *experience_left_ >= kHeartbeat;
  if (is_due) experience_left_ = tick.now;
  for (size_t i = 0; i < led_.size(); ++i) {
    if (!has_place(tick.workloads[i])) continue;
    // What was left is not written over before it has been read.
    const FleetWorkload& fleet = passes_[i].fleet;
    led_[i] = config_->workloads[i].kubernetes() != nullptr && tick.workloads[i].leads &&
              fleet.scale && !fleet.past_is_unknown;
    if (led_[i]) leave(i, is_due);
  }
}

void Loop::leave(size_t index, bool experience) {
  const WorkloadConfig& config = config_->workloads[index];
  const WorkloadMemory& memory = memories_[index];
  if (!memory.recent->first_seen) return;
  ports_.succession->leave(config, hand_over_of(config.spec, memory));
  if (!experience) return;
  ports_.succession->leave(config, Experience{memory.ready_times, learning_.left(index)});
}

}  // namespace autoscaler
