#include "controller/kubernetes/lease.h"

#include "controller/kubernetes/micro_time.h"
#include "controller/kubernetes/objects.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <random>
#include <unistd.h>
#include <utility>

namespace autoscaler {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using Nanoseconds = Lease::Nanoseconds;

// Only these say for certain that the lease is no longer as we know it.
bool is_lost(ApiReason reason) {
  return reason == ApiReason::kConflict || reason == ApiReason::kAlreadyExists ||
         reason == ApiReason::kNotFound;
}

}  // namespace

std::string new_identity() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  std::random_device random;
  std::array<char, 32> run{};
  std::snprintf(run.data(), run.size(), "_%08x%08x", random(), random());
  return std::string(host.data()) + run.data();
}

Lease::Lease(ApiClient& client, const LeaseSpec& spec, std::string identity,
             std::function<Nanoseconds()> elapsed, std::function<Instant()> wall)
    : client_(client),
      spec_(spec),
      collection_("/apis/coordination.k8s.io/v1/namespaces/" + spec.name_space + "/leases"),
      path_(collection_ + "/" + spec.name),
      identity_(std::move(identity)),
      elapsed_(std::move(elapsed)),
      wall_(std::move(wall)) {
  state_.lease = spec.name_space + "/" + spec.name;
  state_.identity = identity_;
}

Nanoseconds Lease::left() const {
  const Nanoseconds until = until_.load();
  return std::max(Nanoseconds{0}, until - elapsed_());
}

Leadership Lease::state() const {
  const bool leads = holds();
  const std::lock_guard lock(mutex_);
  Leadership state = state_;
  state.leads = leads;
  return state;
}

Nanoseconds Lease::attempt(const std::stop_token& stop, const Preference& preference) {
  const Nanoseconds look = Nanoseconds(spec_.duration) / 10;
  std::optional<ApiError> error;
  if (is_stale_ || holder_ != identity_) error = read(stop);
  const bool gives = !error && gives_way(preference);
  const bool renews = !error && !gives && due_in(preference) <= Nanoseconds{0};
  if (gives) error = hand_over(preference.hand_to, stop);
  if (renews) error = write(stop);

  const bool leads = holds();
  const std::lock_guard lock(mutex_);
  state_.transitions += leads != led_ ? 1 : 0;
  led_ = leads;
  state_.holder = holder_;
  state_.error = error ? std::optional(error->error) : std::nullopt;
  if (renews && !error) return spec_.renew;
  const Nanoseconds due = due_in(preference);
  const Nanoseconds next = preference.awaits ? look / 3 : look;
  return due > Nanoseconds{0} ? std::min(next, due) : next;
}

std::optional<ApiError> Lease::read(const std::stop_token& stop) {
  const ApiAnswer answer = client_.get(path_, stop);
  if (answer.ok()) {
    take_in(answer.body);
    if (holder_ != identity_) step_down();
    return std::nullopt;
  }
  if (answer.error->reason != ApiReason::kNotFound) return answer.error;
  if (is_stale_ || !version_.empty()) seen_ = elapsed_();
  version_.clear();
  // One who was deleted from under its holder: that one does not know it yet, and its time goes on.
  if (holder_ == identity_) {
    step_down();
    holder_.clear();
  }
  is_stale_ = false;
  return std::nullopt;
}

// How long until it is ours to write: at once where it is ours or nobody's, else when its holder
// has not renewed it for its time. 0 or less: it is.
Nanoseconds Lease::due_in(const Preference& preference) const {
  if (holder_ == identity_) return Nanoseconds{0};
  const Nanoseconds unchanged = elapsed_() - seen_;
  if (!holder_.empty()) return duration_ * (preference.is_heir ? 17 : 18) / 20 - unchanged;
  if (preference.is_first) return Nanoseconds{0};
  return Nanoseconds(spec_.duration) * 3 / 10 - unchanged;
}

std::optional<ApiError> Lease::write(const std::stop_token& stop) {
  const Nanoseconds sent = elapsed_();
  const ApiAnswer answer = version_.empty() ? client_.create(collection_, body(identity_), stop)
                                            : client_.merge_patch(path_, body(identity_), stop);
  if (answer.ok()) {
    take_in(answer.body);
    if (!holds()) led_since_ = sent;
    until_ = sent + Nanoseconds(spec_.duration) * 4 / 5;
    return std::nullopt;
  }
  is_stale_ = true;  // where no answer came it may have been written
  if (is_lost(answer.error->reason)) step_down();
  return answer.error;
}

void Lease::take_in(const std::string& text) {
  const json lease = json::parse(text, nullptr, false);
  const std::string version = lease.is_object() ? resource_version_of(lease) : "";
  is_stale_ = version.empty();
  if (version.empty()) return;
  const json none = json::object();
  const json& spec = lease.contains("spec") && lease["spec"].is_object() ? lease["spec"] : none;
  const auto number = [&](const char* key, int64_t absent) {
    return spec.contains(key) && spec[key].is_number_integer() ? spec[key].get<int64_t>() : absent;
  };
  if (version != version_) seen_ = elapsed_();
  version_ = version;
  holder_ = spec.contains("holderIdentity") && spec["holderIdentity"].is_string()
                ? spec["holderIdentity"].get<std::string>()
                : "";
  duration_ = seconds(number("leaseDurationSeconds", spec_.duration / seconds(1)));
  times_taken_ = number("leaseTransitions", 0);
}

std::string Lease::body(const std::string& holder) const {
  const std::string now = micro_time(wall_());
  json lease{{"apiVersion", "coordination.k8s.io/v1"},
             {"kind", "Lease"},
             {"metadata", {{"name", spec_.name}}},
             {"spec",
              {{"holderIdentity", nullptr},
               {"leaseDurationSeconds", spec_.duration / seconds(1)},
               {"renewTime", now}}}};
  if (!version_.empty()) lease["metadata"]["resourceVersion"] = version_;
  if (!holder.empty()) lease["spec"]["holderIdentity"] = holder;
  if (!holder.empty() && holder != holder_) {
    lease["spec"]["acquireTime"] = now;
    lease["spec"]["leaseTransitions"] = times_taken_ + (version_.empty() ? 0 : 1);
  }
  return lease.dump();
}

bool Lease::gives_way(const Preference& preference) const {
  if (preference.hand_to.empty() || !holds()) return false;
  return !handed_over_ || elapsed_() - *handed_over_ >= 10 * Nanoseconds(spec_.duration);
}

std::optional<ApiError> Lease::hand_over(const std::string& to, const std::stop_token& stop) {
  step_down();
  handed_over_ = elapsed_();
  const ApiAnswer answer = client_.merge_patch(path_, body(to), stop);
  is_stale_ = true;
  if (answer.ok()) take_in(answer.body);
  return answer.error;
}

bool Lease::release(const std::string& heir) {
  const bool led = holds();
  step_down();
  return !led || holder_ != identity_ || is_stale_ || !hand_over(heir, {});
}

}  // namespace autoscaler
