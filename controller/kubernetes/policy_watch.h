#pragma once

#include "controller/config/policy_document.h"
#include "controller/kubernetes/api_client.h"
#include "controller/kubernetes/collection.h"
#include "controller/kubernetes/reflector.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace autoscaler {

// ScalingPolicies as they were told. A change of anything but the spec is none: statuses are
// written all the time.
class PolicyCollection final : public Collection {
 public:
  // A burst of changes is one: it is over when none came for kQuiet, or after kLongest.
  static constexpr Duration kQuiet = std::chrono::seconds(1);
  static constexpr Duration kLongest = std::chrono::seconds(10);

  explicit PolicyCollection(std::function<Instant()> now) : now_(std::move(now)) {}

  // By namespace and name; nullopt: nothing has changed since the last time, or a burst is going
  // on. What was listed once stays while the server is away.
  std::optional<PolicyDocuments> changed();
  // The last failure, where nothing has been heard since.
  std::optional<Error> problem();
  // Until it was listed once, or could not be; for `patience` at most.
  bool wait_until_told(std::chrono::milliseconds patience);

  void begin_list() override { next_.clear(); }
  Status list(const nlohmann::json& object) override;
  void end_list() override;
  void put(const nlohmann::json& object) override;
  void erase(const nlohmann::json& object) override;
  void heard() override;
  void failed(const Error& error) override;

 private:
  using Documents = std::map<std::pair<std::string, std::string>,
                             std::shared_ptr<const PolicyDocument>>;  // by namespace and name

  void note_change();

  const std::function<Instant()> now_;
  Documents next_;    // of the list under way, by its thread alone
  std::mutex mutex_;  // guards what follows
  std::condition_variable told_;
  Documents documents_;
  bool is_listed_ = false;
  std::optional<Instant> first_change_;  // of those that were not taken yet
  Instant last_change_{};
  std::optional<Error> problem_;
};

// Follows the ScalingPolicies of a cluster, or of one namespace. Needs get, list and watch on
// scalingpolicies in autoscaler.io.
class PolicyWatch {
 public:
  // `spec.policies` is given. Begins at once. Errors: those of find_access.
  static Result<std::unique_ptr<PolicyWatch>> begin(const KubernetesSpec& spec,
                                                    const std::string& version,
                                                    std::function<Instant()> now, uint64_t seed);

  PolicyCollection& objects() { return objects_; }

 private:
  PolicyWatch(ApiAccess access, ApiSettings settings, const PoliciesSpec& spec,
              const std::function<Instant()>& now, uint64_t seed);

  ApiClient client_;
  PolicyCollection objects_;
  Reflector reflector_;  // last: its thread writes to the objects
};

}  // namespace autoscaler
