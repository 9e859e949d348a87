#include "controller/kubernetes/campaign.h"

#include "controller/shard.h"

#include <algorithm>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;

LeaseSpec spec_of(LeaseSpec spec, const ApiAccess& access) {
  if (spec.name_space.empty()) spec.name_space = access.name_space;
  return spec;
}

// A renewal without an answer must leave time for the next one, and none waits for a turn: how
// often they are sent is known. A server that asks for a pause has a look's, and not the lead.
ApiSettings settings_of(ApiSettings settings, const LeaseSpec& spec) {
  settings.deadline =
      std::min(settings.deadline, std::chrono::duration_cast<milliseconds>(spec.duration) / 5);
  settings.may_write_for = {};  // it is what the others ask
  settings.longest_pause = std::chrono::duration_cast<milliseconds>(spec.duration) / 10;
  settings.stop = {};  // the last of its calls gives the leases up
  settings.in_flight = std::max(settings.in_flight, spec.shards + 1);
  settings.per_second = std::max(settings.per_second, 100.0 * spec.shards);
  settings.burst = std::max(settings.burst, 100 * spec.shards);
  return settings;
}

}  // namespace

std::string lease_name(const LeaseSpec& spec, int32_t shard) {
  return spec.shards == 1 ? spec.name : spec.name + "-" + std::to_string(shard);
}

Campaign::Campaign(ApiAccess access, ApiSettings settings, LeaseSpec spec,
                   std::function<Lease::Nanoseconds()> elapsed, std::function<Instant()> wall)
    : client_(access, settings_of(std::move(settings), spec), wall) {
  const LeaseSpec all = spec_of(std::move(spec), access);
  const std::string identity = new_identity();
  for (int32_t shard = 0; shard < all.shards; ++shard) {
    LeaseSpec one = all;
    one.name = lease_name(all, shard);
    leases_.push_back(std::make_unique<Lease>(client_, one, identity, elapsed, wall));
  }
  if (all.shards > 1) {
    replicas_.emplace(client_, all, identity, elapsed, wall);
    threads_.emplace_back([this](const std::stop_token& stop) { announce(stop); });
  }
  for (size_t shard = 0; shard < leases_.size(); ++shard) {
    threads_.emplace_back([this, shard](const std::stop_token& stop) { keep(shard, stop); });
  }
}

Lease::Nanoseconds Campaign::lead_left(const WorkloadId& workload) const {
  return leases_[shard_of(workload, leases_.size())]->left();
}

std::vector<Leadership> Campaign::state() const {
  std::vector<Leadership> all;
  const std::optional<Error> silent = replicas_ ? replicas_->error() : std::nullopt;
  for (const auto& lease : leases_) {
    all.push_back(lease->state());
    if (!all.back().error) all.back().error = silent;
  }
  return all;
}

void Campaign::ticked() {
  const std::lock_guard lock(mutex_);
  ++ticks_;
  ticked_.notify_all();
}

void Campaign::keep(size_t shard, const std::stop_token& stop) {
  Lease& lease = *leases_[shard];
  const auto preference = [&] {
    if (!replicas_) return Lease::Preference();
    return replicas_->preference(shard, lease.state().holder, lease.led_since());
  };
  bool has_ticked = false;
  while (!stop.stop_requested()) {
    Lease::Preference now = preference();
    if (!has_ticked) now.hand_to.clear();
    const Lease::Nanoseconds wait = lease.attempt(stop, now);
    std::unique_lock lock(mutex_);
    const uint64_t before = ticks_;
    has_ticked = ticked_.wait_for(lock, stop, wait, [&] {
      return ticks_ != before && lease.holds() && !preference().hand_to.empty();
    });
  }
}

void Campaign::announce(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!ticked_.wait(lock, stop, [this] { return ticks_ > 0; })) return;
  while (!stop.stop_requested()) {
    lock.unlock();
    const Lease::Nanoseconds wait = replicas_->announce(stop);
    lock.lock();
    ticked_.wait_for(lock, stop, wait, [] { return false; });
  }
}

void Campaign::resign() {
  for (std::jthread& thread : threads_) thread.request_stop();
  for (std::jthread& thread : threads_) thread.join();
  if (threads_.empty()) return;
  threads_.clear();
  if (replicas_) replicas_->withdraw();
  for (size_t shard = 0; shard < leases_.size(); ++shard) {
    Lease& lease = *leases_[shard];
    const std::string heir = replicas_ ? replicas_->heir_of(shard, lease.identity()) : "";
    if (!lease.release(heir)) return;  // nor would the others be: their time runs out
  }
}

}  // namespace autoscaler
