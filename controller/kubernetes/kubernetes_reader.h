#pragma once

#include "base/deadline.h"
#include "controller/cluster.h"
#include "controller/config/config.h"
#include "controller/kubernetes/followed.h"
#include "controller/kubernetes/resource_names.h"
#include "controller/kubernetes/written_scales.h"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace autoscaler {

// Reads scales and their pods from caches that threads beneath keep up to date: a tick asks the API
// server nothing, but for the scale of a custom resource that has changed, and of a target whose
// last write was not answered. It writes nothing: a dry-run has this and no writer. Needs get, list
// and watch on pods, horizontalpodautoscalers and the kinds of the targets, and on scaledobjects
// where the server has them (KEDA); get on the scale of those that are custom resources, which,
// where they may not be listed and watched, is asked for in each tick, and their annotations are
// not known.
class KubernetesReader : public ClusterReader {
 public:
  // Without workloads in Kubernetes it does nothing. `written` is the writer's. Waits grow and
  // watches end at times scattered by `seed`. `budget`: for all questions of one `observe`.
  KubernetesReader(const Config& config, ApiClient& client, ResourceNames& names,
                   WrittenScales& written, FollowedCollections& collections, uint64_t seed,
                   std::chrono::milliseconds budget);
  ~KubernetesReader() override;

  // Waits for the first lists, so that the first tick sees something.
  void wait_until_known(std::chrono::milliseconds patience);

  // Lists pods that the selectors of the scales select. Unreadable: a target that is not there, of
  // a kind that cannot be listed or has not been heard of for 15 s, whose selector selects all or
  // nothing, or pods that another's selects too (kConflict). Errors: the same of pods. Other
  // autoscalers are known for 10 minutes after they were last heard of.
  Result<ClusterObservation> observe(Instant now) override;

 private:
  // For so long what was known counts while the API server does not answer.
  static constexpr std::chrono::seconds kPatience{15};
  // And what was known of other autoscalers and of the annotations of custom resources, which are
  // made by hand and seldom: they alone fail where rights are taken away or one part of the server
  // is ill.
  static constexpr std::chrono::minutes kLongPatience{10};

  using Pods = std::vector<std::shared_ptr<const PodRecord>>;
  struct Target {
    WorkloadId workload;
    Shared<KubernetesTarget> target;
    // Where its scale is read; nullptr: of a custom resource, whose scale is asked for.
    std::shared_ptr<Followed<ScaleRecord>> followed = nullptr;
    // Of a custom resource; nullptr until it is known what the API server calls its kind.
    std::shared_ptr<Followed<MetadataRecord>> described = nullptr;
    // What was told of it, where the server has been heard of within `patience`.
    Result<std::shared_ptr<const MetadataRecord>> told_within(Duration patience) const;
    // As of the last tick. What is made of these is made anew where they have changed: at rest they
    // are the same objects.
    // The list in which `scale` was found; kept, so that no later one is at its address.
    std::shared_ptr<const void> listed_in = nullptr;
    std::shared_ptr<const ScaleRecord> scale = nullptr;
    std::optional<Error> unseen = std::nullopt;  // why there is none, or none of now
    std::string selector_text = {};
    std::optional<Result<LabelSelector>> selector = std::nullopt;
    Pods pods = {};  // by name
    // One of those whose selectors select one of them too; empty: none does.
    WorkloadId shares_pods_with = {};
    SharedList<InstanceObservation> instances = {};
    // What was shown of it last, and of which scale.
    Shared<ScaleObservation> seen = {};
    std::shared_ptr<const ScaleRecord> seen_of = nullptr;
  };
  struct Rivals;

  void read_scales();
  void read_custom(const std::vector<Target*>& custom, const Deadline& whole);
  void ask_for_lost(const Deadline& whole);
  void describe(const std::vector<Target*>& custom, const Deadline& whole);
  void describe(Target& target, const std::string& plural);
  static void annotate(Target& target);
  Result<ScaleRecord> ask_for_scale(const Target& target, const Deadline& whole);
  ReflectorSettings settings_of(const std::string& api_version, const std::string& plural);
  void select_pods(const std::shared_ptr<const Pods>& pods);
  Status observe_one(Target& target, const Rivals& rivals, ClusterObservation& into) const;

  ApiClient& client_;
  ResourceNames& names_;
  WrittenScales& written_;
  FollowedCollections& collections_;
  uint64_t seed_;
  const std::chrono::milliseconds budget_;
  std::set<std::string> spaces_;  // of the targets
  std::vector<Target> targets_;   // ordered by workload
  std::shared_ptr<Followed<PodRecord>> pods_;
  std::shared_ptr<Followed<RivalRecord>> hpas_;
  std::shared_ptr<Followed<RivalRecord>> scaled_objects_;
  std::map<std::string, std::shared_ptr<Followed<ScaleRecord>>> kinds_;  // by plural
  std::shared_ptr<const Pods> selected_from_;  // of which each target has its own
};

}  // namespace autoscaler
