#include "controller/kubernetes/campaign.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;

// A renewal without an answer must leave time for the next one.
ApiSettings settings_of(ApiSettings settings, const LeaseSpec& spec) {
  settings.deadline =
      std::min(settings.deadline, std::chrono::duration_cast<milliseconds>(spec.duration) / 5);
  settings.may_write = {};  // it is what the others ask
  return settings;
}

LeaseSpec spec_of(LeaseSpec spec, const ApiAccess& access) {
  if (spec.name_space.empty()) spec.name_space = access.name_space;
  return spec;
}

}  // namespace

Campaign::Campaign(ApiAccess access, ApiSettings settings, LeaseSpec spec,
                   std::function<Lease::Nanoseconds()> elapsed, std::function<Instant()> wall)
    : client_(access, settings_of(std::move(settings), spec), wall),
      lease_(client_, spec_of(spec, access), new_identity(), std::move(elapsed), wall),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void Campaign::run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  while (!stop.stop_requested()) {
    const Lease::Nanoseconds wait = lease_.attempt(stop);
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, wait, [] { return false; });
  }
}

void Campaign::resign() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  lease_.release();
}

}  // namespace autoscaler
