#include "controller/kubernetes/kubernetes_reader.h"

#include "base/deadline.h"
#include "base/fan_out.h"
#include "controller/kubernetes/pod_observation.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <unordered_map>

namespace autoscaler {
namespace {

// For so long what was known counts while the API server does not answer.
constexpr std::chrono::seconds kPatience{15};
// And what was known of other autoscalers, which are made by hand and seldom: they alone fail where
// rights are taken away or one part of the server is ill.
constexpr std::chrono::minutes kRivalPatience{10};
constexpr const char* kKeda = "keda.sh/v1alpha1";

// Of all namespaces, or of the one in which all targets are.
std::string collection_path(const std::string& api_version, const std::string& plural,
                            const std::set<std::string>& spaces) {
  const std::string where = spaces.size() == 1 ? "/namespaces/" + *spaces.begin() : "";
  return api_root(api_version) + where + "/" + plural;
}

template <typename Record>
const Record* find(const std::vector<std::shared_ptr<const Record>>& all,
                   const std::string& name_space, const std::string& name) {
  const auto key = std::tie(name_space, name);
  const auto found =
      std::lower_bound(all.begin(), all.end(), key, [](const auto& record, const auto& k) {
        return std::tie(record->name_space, record->name) < k;
      });
  const bool there = found != all.end() && std::tie((*found)->name_space, (*found)->name) == key;
  return there ? found->get() : nullptr;
}

std::string group_of(const std::string& api_version) {
  const size_t slash = api_version.find('/');
  return slash == std::string::npos ? "" : api_version.substr(0, slash);
}

// "ScaledObject shop/web" rather than the HPA that it has made.
std::string rival_text(const RivalRecord& rival, const char* kind) {
  const size_t slash = rival.owner.find('/');
  if (slash == std::string::npos) return kind + (" " + rival.name_space + "/" + rival.name);
  return rival.owner.substr(0, slash) + " " + rival.name_space + rival.owner.substr(slash);
}

}  // namespace

// Who else sizes what.
struct KubernetesReader::Rivals {
  std::map<std::tuple<std::string, std::string, std::string, std::string>, std::string> by_target;
  std::optional<Error> unknown;

  void add(const char* kind,
           const Result<std::shared_ptr<const ObjectCache<RivalRecord>::Objects>>& all) {
    if (!all && !unknown) unknown = all.error();
    if (!all) return;
    for (const auto& rival : **all) {
      by_target.emplace(std::tuple{rival->name_space, rival->target_group, rival->target_kind,
                                   rival->target_name},
                        rival_text(*rival, kind));
    }
  }
  std::string of(const KubernetesTarget& target) const {
    const auto found =
        by_target.find({target.name_space, group_of(target.api_version), target.kind, target.name});
    return found == by_target.end() ? "" : found->second;
  }
};

template <typename Record>
struct KubernetesReader::Followed {
  Followed(ApiClient& client, typename ObjectCache<Record>::Read read,
           const std::function<Instant()>& now, ReflectorSettings settings)
      : cache(read, now), reflector(client, cache, std::move(settings)) {}
  ObjectCache<Record> cache;
  Reflector reflector;  // last: its thread writes to the cache
};

// Pods by namespace and label, so that each workload looks at few.
class KubernetesReader::PodIndex {
 public:
  using Pods = std::vector<std::shared_ptr<const PodRecord>>;

  explicit PodIndex(const Pods& pods) : pods_(pods) {
    for (const auto& pod : pods) {
      for (const auto& [label, value] : pod->labels) {
        by_label_[key(pod->name_space, label, value)].push_back(pod.get());
      }
    }
  }
  std::vector<const PodRecord*> selected(const std::string& name_space,
                                         const LabelSelector& selector) const {
    std::vector<const PodRecord*> found;
    const auto take = [&](const PodRecord* pod) {
      if (pod->name_space == name_space && selector.selects(pod->labels)) found.push_back(pod);
    };
    std::string label;
    if (const std::string* value = selector.only_value(label)) {
      const auto some = by_label_.find(key(name_space, label, *value));
      if (some != by_label_.end()) std::for_each(some->second.begin(), some->second.end(), take);
    } else {
      for (const auto& pod : pods_) take(pod.get());
    }
    return found;  // by name, as all are
  }

 private:
  static std::string key(const std::string& name_space, const std::string& label,
                         const std::string& value) {
    return name_space + "/" + label + "=" + value;
  }

  const Pods& pods_;
  std::unordered_map<std::string, std::vector<const PodRecord*>> by_label_;
};

KubernetesReader::KubernetesReader(const Config& config, ApiClient& client, ResourceNames& names,
                                   WrittenScales& written, std::function<Instant()> now,
                                   uint64_t seed)
    : client_(client), names_(names), written_(written) {
  std::set<std::string> spaces;
  for (const WorkloadConfig& workload : config.workloads) {
    const KubernetesTarget* target = workload.kubernetes();
    if (target == nullptr) continue;
    targets_.push_back({workload.spec.name, *target});
    spaces.insert(target->name_space);
  }
  std::sort(targets_.begin(), targets_.end(),
            [](const Target& a, const Target& b) { return a.workload < b.workload; });
  if (targets_.empty()) return;
  const auto settings = [&](const std::string& api_version, const std::string& plural) {
    ReflectorSettings made;
    made.path = collection_path(api_version, plural, spaces);
    made.seed = ++seed;
    return made;
  };
  pods_ = std::make_unique<Followed<PodRecord>>(client, read_pod, now, settings("v1", "pods"));
  hpas_ = std::make_unique<Followed<RivalRecord>>(
      client, read_rival, now, settings("autoscaling/v2", "horizontalpodautoscalers"));
  ReflectorSettings keda = settings(kKeda, "scaledobjects");
  keda.served_at = api_root(kKeda);
  scaled_objects_ =
      std::make_unique<Followed<RivalRecord>>(client, read_rival, now, std::move(keda));
  const std::map<std::string, std::string> followed{{"Deployment", "deployments"},
                                                    {"ReplicaSet", "replicasets"},
                                                    {"StatefulSet", "statefulsets"}};
  for (const Target& each : targets_) {
    const Kind kind{each.target.api_version, each.target.kind};
    const auto plural = followed.find(kind.second);
    if (kind.first != "apps/v1" || plural == followed.end() || kinds_.count(kind) != 0) continue;
    kinds_[kind] = std::make_unique<Followed<ScaleRecord>>(client, read_scalable, now,
                                                           settings(kind.first, plural->second));
  }
}

KubernetesReader::~KubernetesReader() = default;

void KubernetesReader::wait_until_known(std::chrono::milliseconds patience) {
  const Deadline deadline(patience);
  const auto wait = [&](auto& followed) {
    followed->cache.wait_until_told(std::max(deadline.left(), std::chrono::milliseconds(0)));
  };
  if (targets_.empty()) return;
  wait(pods_);
  wait(hpas_);
  wait(scaled_objects_);
  for (auto& [kind, followed] : kinds_) wait(followed);
}

Result<ClusterObservation> KubernetesReader::observe(Instant) {
  ClusterObservation all;
  if (targets_.empty()) return all;
  const auto pods = pods_->cache.objects(kPatience);
  if (!pods) return pods.error();
  Rivals rivals;
  rivals.add("HorizontalPodAutoscaler", hpas_->cache.objects(kRivalPatience));
  rivals.add("ScaledObject", scaled_objects_->cache.objects(kRivalPatience));

  const PodIndex index(**pods);
  const auto scales = read_scales();
  for (size_t i = 0; i < targets_.size(); ++i) {
    const Target& each = targets_[i];
    const KubernetesTarget& target = each.target;
    Status seen = Done{};
    if (!scales[i]->ok()) {
      seen = scales[i]->error();
    } else {
      seen = observe_one(each, **scales[i], index, rivals, all);
    }
    if (!seen) {
      all.unreadable.emplace_back(
          each.workload,
          Error{seen.error().code, target_text(target) + ": " + seen.error().message});
    }
  }
  return all;
}

std::vector<std::optional<Result<ScaleRecord>>> KubernetesReader::read_scales() {
  std::map<Kind, Result<std::shared_ptr<const ObjectCache<ScaleRecord>::Objects>>> listed;
  for (auto& [kind, followed] : kinds_) listed.emplace(kind, followed->cache.objects(kPatience));
  std::vector<std::optional<Result<ScaleRecord>>> scales(targets_.size());
  std::vector<size_t> custom;
  for (size_t i = 0; i < targets_.size(); ++i) {
    const KubernetesTarget& target = targets_[i].target;
    const auto kind = listed.find({target.api_version, target.kind});
    if (kind == listed.end()) {
      custom.push_back(i);
      continue;
    }
    if (!kind->second) {
      scales[i].emplace(kind->second.error());
      continue;
    }
    const ScaleRecord* found = find(**kind->second, target.name_space, target.name);
    if (found == nullptr) {
      scales[i].emplace(Error{Code::kNotFound, "there is none of this name"});
    } else {
      scales[i].emplace(*found);
    }
  }
  fan_out(custom.size(),
          [&](size_t i) { scales[custom[i]].emplace(read_custom(targets_[custom[i]].target)); });
  return scales;
}

Result<ScaleRecord> KubernetesReader::read_custom(const KubernetesTarget& target) {
  const Result<std::string> path =
      names_.path_of(target.api_version, target.kind, target.name_space, target.name);
  if (!path) return path.error();
  const ApiAnswer answer = client_.get(*path + "/scale");
  if (!answer.ok()) return answer.error->error;
  return read_scale(nlohmann::json::parse(answer.body, nullptr, false));
}

Status KubernetesReader::observe_one(const Target& target, ScaleRecord scale, const PodIndex& pods,
                                     const Rivals& rivals, ClusterObservation& into) const {
  const Result<LabelSelector> selector = LabelSelector::parse(scale.selector);
  if (!selector) return selector.error();
  written_.correct(target.workload, scale);
  into.scales.push_back({target.workload, scale.spec_replicas, scale.status_replicas,
                         scale.resource_version, scale.selector, scale.paused, scale.paused_until,
                         rivals.of(target.target), rivals.unknown});
  for (const PodRecord* pod : pods.selected(target.target.name_space, *selector)) {
    into.instances.push_back(observe_pod(*pod, target.workload, target.target));
  }
  return Done{};
}

}  // namespace autoscaler
