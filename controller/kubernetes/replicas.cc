#include "controller/kubernetes/replicas.h"

#include "controller/kubernetes/micro_time.h"
#include "controller/shard.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace autoscaler {
namespace {

using nlohmann::json;
using Nanoseconds = Replicas::Nanoseconds;

constexpr std::string_view kPrefix = "autoscaler.io/replica-";
// An annotation that has not changed for so many durations is deleted by whoever sees it.
constexpr int kForgotten = 20;

std::string key_of(const std::string& identity) {
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx",
                static_cast<unsigned long long>(fnv1a(identity)));
  return std::string(kPrefix) + digits.data();
}

}  // namespace

Replicas::Replicas(ApiClient& client, const LeaseSpec& spec, std::string identity,
                   std::function<Nanoseconds()> elapsed, std::function<Instant()> wall)
    : client_(client),
      spec_(spec),
      collection_("/apis/coordination.k8s.io/v1/namespaces/" + spec.name_space + "/leases"),
      name_(spec.name + "-replicas"),
      identity_(std::move(identity)),
      key_(key_of(identity_)),
      elapsed_(std::move(elapsed)),
      wall_(std::move(wall)),
      owners_(static_cast<size_t>(spec.shards)) {}

Nanoseconds Replicas::announce(const std::stop_token& stop) {
  const auto error = write(identity_ + " " + micro_time(wall_()), stop);
  const std::lock_guard lock(mutex_);
  error_ = error ? std::optional(error->error) : std::nullopt;
  return error ? Nanoseconds(spec_.duration) / 10 : Nanoseconds(spec_.renew);
}

std::optional<Error> Replicas::error() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

void Replicas::withdraw() {
  if (known_.contains(key_)) write("", {});
}

// No resourceVersion: each writes its own annotation alone.
std::optional<ApiError> Replicas::write(const std::string& text, const std::stop_token& stop) {
  json annotations = json::object();
  for (const auto& [key, replica] : known_) {
    if (elapsed_() - replica.seen > kForgotten * Nanoseconds(spec_.duration)) {
      annotations[key] = nullptr;
    }
  }
  annotations[key_] = text.empty() ? json(nullptr) : json(text);
  json lease{{"apiVersion", "coordination.k8s.io/v1"},
             {"kind", "Lease"},
             {"metadata", {{"name", name_}, {"annotations", annotations}}}};
  ApiAnswer answer = client_.merge_patch(collection_ + "/" + name_, lease.dump(), stop);
  if (!answer.ok() && answer.error->reason == ApiReason::kNotFound && !text.empty()) {
    lease["metadata"]["annotations"] = {{key_, text}};
    answer = client_.create(collection_, lease.dump(), stop);
  }
  if (answer.ok()) take_in(answer.body);
  return answer.error;
}

void Replicas::take_in(const std::string& body) {
  const json lease = json::parse(body, nullptr, false);
  const json::json_pointer where("/metadata/annotations");
  if (!lease.is_object()) return;
  const json annotations = lease.contains(where) ? lease.at(where) : json::object();
  const Nanoseconds now = elapsed_();
  std::map<std::string, Replica> known;
  std::vector<std::string> there;
  std::map<std::string, Nanoseconds> heard;
  for (const auto& [key, value] : annotations.items()) {
    if (!key.starts_with(kPrefix) || !value.is_string()) continue;
    Replica replica{value, now};
    const auto before = known_.find(key);
    if (before != known_.end() && before->second.text == replica.text) replica = before->second;
    const std::string identity = replica.text.substr(0, replica.text.find(' '));
    if (now - replica.seen < 2 * Nanoseconds(spec_.duration)) there.push_back(identity);
    heard[identity] = replica.seen;
    known.emplace(key, std::move(replica));
  }
  known_ = std::move(known);
  std::sort(there.begin(), there.end());
  const std::lock_guard lock(mutex_);
  heard_ = std::move(heard);
  if (there == there_) return;
  since_ = now;
  owners_ = owners_of(owners_.size(), there);
  there_ = std::move(there);
}

Lease::Preference Replicas::preference(size_t shard, const std::string& holder,
                                       Nanoseconds led_since) const {
  const bool is_heir = holder == identity_ || heir_of(shard, holder) == identity_;
  const std::lock_guard lock(mutex_);
  const std::string& owner = owners_[shard];
  const bool settled = elapsed_() - since_ >= 2 * Nanoseconds(spec_.duration);
  const auto heard = heard_.find(owner);
  const bool lives = heard != heard_.end() && heard->second - led_since > spec_.renew;
  return {.is_first = owner == identity_,
          .is_heir = is_heir,
          .awaits = settled && owner == identity_ && holder != identity_,
          .hand_to = settled && lives && owner != identity_ ? owner : ""};
}

std::string Replicas::heir_of(size_t shard, const std::string& without) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> others = there_;
  if (std::erase(others, without) == 0) return owners_[shard];
  return owners_of(owners_.size(), others)[shard];
}

}  // namespace autoscaler
