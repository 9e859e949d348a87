#include "controller/kubernetes/policy_watch.h"

#include "controller/kubernetes/kubeconfig.h"

#include <nlohmann/json.hpp>

namespace autoscaler {
namespace {

// A definition that is not installed reads as any other 404.
Error with_remedy(const Error& error) {
  if (error.code != Code::kNotFound) return error;
  return {error.code, error.message +
                          "; is the CustomResourceDefinition installed? autoscaler schema --crd | "
                          "kubectl apply --server-side -f -"};
}

std::string collection_path(const PoliciesSpec& spec) {
  const std::string where = spec.name_space.empty() ? "" : "/namespaces/" + spec.name_space;
  return std::string("/apis/") + kPolicyGroup + "/" + kPolicyVersion + where + "/" + kPolicyPlural;
}

ReflectorSettings reflector_settings(const PoliciesSpec& spec, uint64_t seed) {
  ReflectorSettings settings;
  settings.path = collection_path(spec);
  settings.seed = seed;
  return settings;
}

}  // namespace

std::optional<PolicyDocuments> PolicyCollection::changed() {
  const Instant now = now_();
  const std::lock_guard lock(mutex_);
  if (!is_listed_ || !first_change_) return std::nullopt;
  if (now - last_change_ < kQuiet && now - *first_change_ < kLongest) return std::nullopt;
  first_change_.reset();
  PolicyDocuments documents;
  for (const auto& [key, document] : documents_) documents.push_back(document);
  return documents;
}

std::optional<Error> PolicyCollection::problem() {
  const std::lock_guard lock(mutex_);
  return problem_;
}

bool PolicyCollection::wait_until_told(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return told_.wait_for(lock, patience, [this] { return is_listed_ || problem_.has_value(); });
}

void PolicyCollection::note_change() {
  last_change_ = now_();
  if (!first_change_) first_change_ = last_change_;
}

Status PolicyCollection::list(const nlohmann::json& object) {
  Result<PolicyDocument> document = read_policy_document(object);
  if (!document) return document.error();
  std::pair key{document->object.name_space, document->object.name};
  next_[std::move(key)] = std::make_shared<const PolicyDocument>(*std::move(document));
  return Done{};
}

void PolicyCollection::end_list() {
  const std::lock_guard lock(mutex_);
  Documents listed = std::exchange(next_, {});
  bool is_same = is_listed_ && listed.size() == documents_.size();
  for (auto& [key, document] : listed) {
    const auto known = documents_.find(key);
    const bool stands = known != documents_.end() && known->second->object == document->object;
    if (stands) document = known->second;
    is_same = is_same && stands;
  }
  documents_ = std::move(listed);
  if (!is_same) note_change();
  if (!is_listed_) last_change_ -= kQuiet;  // nobody waits for more
  is_listed_ = true;
  told_.notify_all();
}

void PolicyCollection::put(const nlohmann::json& object) {
  Result<PolicyDocument> document = read_policy_document(object);
  if (!document) return;
  const std::lock_guard lock(mutex_);
  auto& known = documents_[{document->object.name_space, document->object.name}];
  if (known && known->object == document->object) return;
  known = std::make_shared<const PolicyDocument>(*std::move(document));
  note_change();
}

void PolicyCollection::erase(const nlohmann::json& object) {
  const Result<PolicyDocument> document = read_policy_document(object);
  if (!document) return;
  const std::lock_guard lock(mutex_);
  if (documents_.erase({document->object.name_space, document->object.name}) > 0) note_change();
}

void PolicyCollection::heard() {
  const std::lock_guard lock(mutex_);
  problem_.reset();
}

void PolicyCollection::failed(const Error& error) {
  const std::lock_guard lock(mutex_);
  problem_ = with_remedy(error);
  told_.notify_all();
}

Result<std::unique_ptr<PolicyWatch>> PolicyWatch::begin(const KubernetesSpec& spec,
                                                        const std::string& version,
                                                        std::function<Instant()> now,
                                                        uint64_t seed) {
  Result<ApiAccess> access = find_access({.kubeconfig = spec.kubeconfig, .context = spec.context});
  if (!access) return access.error();
  ApiSettings settings;
  settings.per_second = spec.requests_per_second;
  settings.burst = spec.burst;
  settings.deadline = spec.timeout;
  settings.user_agent = "autoscaler/" + version;
  return std::unique_ptr<PolicyWatch>(
      new PolicyWatch(*std::move(access), std::move(settings), *spec.policies, now, seed));
}

PolicyWatch::PolicyWatch(ApiAccess access, ApiSettings settings, const PoliciesSpec& spec,
                         const std::function<Instant()>& now, uint64_t seed)
    : client_(std::move(access), std::move(settings), now),
      objects_(now),
      reflector_(client_, objects_, reflector_settings(spec, seed)) {}

}  // namespace autoscaler
