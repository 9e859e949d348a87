#include "controller/kubernetes/kubernetes_reader.h"

#include "controller/kubernetes/pod_observation.h"

#include <algorithm>
#include <unordered_map>

namespace autoscaler {
namespace {

constexpr const char* kKeda = "keda.sh/v1alpha1";
constexpr const char* kApps = "apps/v1";

// Of all namespaces, or of the one in which all targets are.
std::string collection_path(const std::string& api_version, const std::string& plural,
                            const std::set<std::string>& spaces) {
  const std::string where = spaces.size() == 1 ? "/namespaces/" + *spaces.begin() : "";
  return api_root(api_version) + where + "/" + plural;
}

// nullptr: there is none.
template <typename Record>
std::shared_ptr<const Record> find(const std::vector<std::shared_ptr<const Record>>& all,
                                   const std::string& name_space, const std::string& name) {
  const std::pair<std::string_view, std::string_view> key(name_space, name);
  const auto found = std::lower_bound(
      all.begin(), all.end(), key,
      [](const auto& record, const auto& k) { return namespaced_name(*record) < k; });
  const bool there = found != all.end() && namespaced_name(**found) == key;
  return there ? *found : nullptr;
}

// Pods of the namespace with that value of that label.
void label_key(std::string_view name_space, std::string_view label, std::string_view value,
               std::string& key) {
  key.assign(name_space);
  ((key += '/') += label) += '=';
  key += value;
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
  bool are_none() const { return by_target.empty() && !unknown; }
  std::string of(const KubernetesTarget& target) const {
    if (by_target.empty()) return "";
    const auto found =
        by_target.find({target.name_space, group_of(target.api_version), target.kind, target.name});
    return found == by_target.end() ? "" : found->second;
  }
};

Result<std::shared_ptr<const MetadataRecord>> KubernetesReader::Target::told_within(
    Duration patience) const {
  const auto all = described->cache.objects(patience);
  if (!all) return all.error();
  auto found = find(**all, target->name_space, target->name);
  if (!found) return Error{Code::kUnavailable, "the list of its kind does not have it yet"};
  return found;
}

KubernetesReader::KubernetesReader(const Config& config, ApiClient& client, ResourceNames& names,
                                   WrittenScales& written, FollowedCollections& collections,
                                   uint64_t seed, std::chrono::milliseconds budget)
    : client_(client),
      names_(names),
      written_(written),
      collections_(collections),
      seed_(seed),
      budget_(budget) {
  for (const WorkloadConfig& workload : config.workloads) {
    if (workload.kubernetes() == nullptr) continue;
    targets_.push_back({workload.spec.name, std::get<Shared<KubernetesTarget>>(workload.target)});
    spaces_.insert(workload.kubernetes()->name_space);
  }
  std::sort(targets_.begin(), targets_.end(),
            [](const Target& a, const Target& b) { return a.workload < b.workload; });
  if (targets_.empty()) return;
  pods_ = collections.follow<PodRecord>(read_pod, settings_of("v1", "pods"));
  hpas_ = collections.follow<RivalRecord>(
      read_rival, settings_of("autoscaling/v2", "horizontalpodautoscalers"));
  ReflectorSettings keda = settings_of(kKeda, "scaledobjects");
  keda.served_at = api_root(kKeda);
  scaled_objects_ = collections.follow<RivalRecord>(read_rival, std::move(keda));
  for (Target& each : targets_) {
    const std::string& version = each.target->api_version;
    const auto plural = names_.known_plural(version, each.target->kind);
    if (!plural) continue;
    if (version != kApps) {  // a custom resource, known by a reader before
      describe(each, *plural);
      continue;
    }
    auto& kind = kinds_[*plural];
    if (!kind) kind = collections.follow<ScaleRecord>(read_scalable, settings_of(kApps, *plural));
    each.followed = kind;
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
  for (auto& [plural, kind] : kinds_) wait(kind);
  for (Target& each : targets_) {
    if (each.described) wait(each.described);
  }
}

ReflectorSettings KubernetesReader::settings_of(const std::string& api_version,
                                                const std::string& plural) {
  ReflectorSettings made;
  made.path = collection_path(api_version, plural, spaces_);
  made.seed = ++seed_;
  return made;
}

Result<ClusterObservation> KubernetesReader::observe(Instant) {
  ClusterObservation all;
  if (targets_.empty()) return all;
  const auto pods = pods_->cache.objects(kPatience);
  if (!pods) return pods.error();
  Rivals rivals;
  rivals.add("HorizontalPodAutoscaler", hpas_->cache.objects(kLongPatience));
  rivals.add("ScaledObject", scaled_objects_->cache.objects(kLongPatience));
  read_scales();
  select_pods(*pods);
  all.scales.reserve(targets_.size());
  for (Target& each : targets_) {
    const Status seen = observe_one(each, rivals, all);
    if (seen) continue;
    all.unreadable.emplace_back(
        each.workload,
        Error{seen.error().code, target_text(*each.target) + ": " + seen.error().message});
  }
  return all;
}

void KubernetesReader::read_scales() {
  const Deadline whole(budget_);
  std::map<const void*, Result<std::shared_ptr<const ObjectCache<ScaleRecord>::Objects>>> listed;
  for (const auto& [plural, kind] : kinds_) {
    listed.emplace(kind.get(), kind->cache.objects(kPatience));
  }
  std::vector<Target*> custom;
  for (Target& each : targets_) {
    each.unseen.reset();
    if (!each.followed) {
      custom.push_back(&each);
      continue;
    }
    const auto& list = listed.at(each.followed.get());
    if (!list) {
      each.unseen = list.error();
    } else {
      if (each.listed_in != *list) {
        each.listed_in = *list;
        each.scale = find(**list, each.target->name_space, each.target->name);
      }
      if (!each.scale) each.unseen = Error{Code::kNotFound, "there is none of this name"};
    }
  }
  ask_for_lost(whole);  // few, and before a kind that hangs takes all the time
  if (!custom.empty()) read_custom(custom, whole);
}

// Gives each target the pods that its selector selects, and looks again at those that have changed.
void KubernetesReader::select_pods(const std::shared_ptr<const Pods>& pods) {
  bool is_same = pods == selected_from_;
  for (Target& each : targets_) {
    if (each.unseen && each.unseen->code == Code::kNotFound && each.selector) {
      each.selector.reset();  // what is gone shares no pods with others
      is_same = false;
    }
    if (each.unseen || (each.selector && each.seen_of == each.scale)) continue;
    if (each.selector && each.selector_text == each.scale->selector) continue;
    each.selector_text = each.scale->selector;
    each.selector = LabelSelector::parse(each.selector_text);
    is_same = false;
  }
  if (is_same) return;
  selected_from_ = pods;

  // Most selectors ask for one value of one label, so that each pod is looked at by few.
  std::unordered_map<std::string, std::vector<size_t>> by_label;
  std::set<std::string> labels;
  std::vector<size_t> others;
  std::string key;
  for (size_t i = 0; i < targets_.size(); ++i) {
    if (!targets_[i].selector || !*targets_[i].selector) continue;
    std::string label;
    const std::string* value = (*targets_[i].selector)->only_value(label);
    if (value == nullptr) {
      others.push_back(i);
      continue;
    }
    label_key(targets_[i].target->name_space, label, *value, key);
    by_label[key].push_back(i);
    labels.insert(label);
  }
  std::vector<Pods> selected(targets_.size());
  std::vector<std::optional<size_t>> shared(targets_.size());  // with which
  std::optional<size_t> taker;                                 // of this pod, so far
  const auto offer = [&](const std::shared_ptr<const PodRecord>& pod,
                         const std::vector<size_t>& to) {
    for (const size_t i : to) {
      const bool is_here = pod->name_space == targets_[i].target->name_space;
      if (!is_here || !(*targets_[i].selector)->selects(*pod->labels)) continue;
      selected[i].push_back(pod);
      if (taker) {
        shared[i] = taker;
        shared[*taker] = i;
      }
      taker = i;
    }
  };
  for (const auto& pod : *pods) {
    taker.reset();
    offer(pod, others);
    for (const auto& [label, value] : *pod->labels) {
      if (!labels.contains(label)) continue;
      label_key(pod->name_space, label, value, key);
      if (const auto to = by_label.find(key); to != by_label.end()) offer(pod, to->second);
    }
  }
  for (size_t i = 0; i < targets_.size(); ++i) {
    Target& each = targets_[i];
    each.shares_pods_with = shared[i] ? targets_[*shared[i]].workload : "";
    if (selected[i] == each.pods) continue;
    each.pods = std::move(selected[i]);
    std::vector<InstanceObservation> seen;
    seen.reserve(each.pods.size());
    for (const auto& pod : each.pods) seen.push_back(observe_pod(*pod, *each.target));
    each.instances = std::move(seen);
  }
}

Status KubernetesReader::observe_one(Target& target, const Rivals& rivals,
                                     ClusterObservation& into) const {
  if (target.unseen) return *target.unseen;
  const ScaleRecord& scale = *target.scale;
  if (!*target.selector) return target.selector->error();
  if (!target.shares_pods_with.empty()) {
    return Error{Code::kConflict, "its selector '" + target.selector_text +
                                      "' selects pods that the target of the workload " +
                                      target.shares_pods_with +
                                      " selects too, so that whose load is whose cannot be told: "
                                      "give the pods of each a label of their own"};
  }
  const bool stands = target.seen_of == target.scale && target.seen->pods.is_same(target.instances);
  if (!stands || !rivals.are_none() || !target.seen->is_free()) {
    target.seen = ScaleObservation{
        target.workload, scale.spec_replicas, scale.status_replicas, scale.resource_version,
        scale.selector,  scale.paused,        scale.paused_until,    rivals.of(*target.target),
        rivals.unknown,  target.instances};
    target.seen_of = target.scale;
  }
  Shared<ScaleObservation> seen = target.seen;
  written_.correct(target.workload, seen);
  into.scales.push_back(std::move(seen));
  return Done{};
}

}  // namespace autoscaler
