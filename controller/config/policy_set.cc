#include "controller/config/policy_set.h"

#include "controller/config/sections.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace autoscaler {
namespace {

// Who is first where several want one target.
std::vector<const std::shared_ptr<const PolicyDocument>*> by_age(const PolicyDocuments& documents) {
  std::vector<const std::shared_ptr<const PolicyDocument>*> order;
  for (const auto& document : documents) order.push_back(&document);
  std::ranges::sort(order, [](const auto* a, const auto* b) {
    const auto key = [](const PolicyDocument& document) {
      return std::tie(document.created, document.object.name_space, document.object.name);
    };
    return key(**a) < key(**b);
  });
  return order;
}

ConfigProblem taken(const WorkloadConfig& workload, const std::string& owner) {
  return {"ScalingPolicy " + workload.spec.name, 0, 0, "spec.target",
          "found " + target_text(*workload.kubernetes()) + ", which " + owner +
              " sizes: give each target to one policy, and let that have several rules"};
}

// The places that a config has for objects, taken by the oldest first.
class Places {
 public:
  explicit Places(const PoliciesSpec& spec) : spec_(spec) {}

  // Why there is none; nullopt: it has taken one.
  std::optional<ConfigProblem> take(const PolicyObject& object) {
    int32_t& here = by_namespace_[object.name_space];
    if (here >= spec_.most_per_namespace) {
      return full(object, "the namespace has more than " + std::to_string(here) +
                              " ScalingPolicies (controller.kubernetes.policies.maxPerNamespace)");
    }
    if (all_ >= spec_.most) {
      return full(object, "there are more than " + std::to_string(all_) +
                              " ScalingPolicies (controller.kubernetes.policies.max)");
    }
    ++here;
    ++all_;
    return std::nullopt;
  }

 private:
  static ConfigProblem full(const PolicyObject& object, const std::string& limit) {
    return {"ScalingPolicy " + workload_of(object), 0, 0, "metadata",
            limit +
                ", and this one is younger: delete one that is not needed, or have who runs the "
                "controller raise the limit"};
  }

  const PoliciesSpec spec_;
  std::map<std::string, int32_t> by_namespace_;
  int32_t all_ = 0;
};

}  // namespace

void PolicySet::read(Known& known, const std::shared_ptr<const PolicyDocument>& document,
                     const std::shared_ptr<const Config>& file) const {
  const auto anew = [&](const std::shared_ptr<const PolicyDocument>& what) {
    return std::make_shared<const Reading>(Reading{what, parse_policy(*what, *file)});
  };
  const bool is_other_file = file != file_;
  if (known.good && is_other_file) known.good = anew(known.good->document);
  if (!known.latest || known.latest->document != document || is_other_file) {
    known.latest = anew(document);
  }
}

PolicySet::Chosen PolicySet::choose(const PolicyDocuments& documents,
                                    const std::shared_ptr<const Config>& file) {
  std::map<std::string, Known> next;
  Targets targets;
  for (const WorkloadConfig& workload : file->workloads) {
    const KubernetesTarget* target = workload.kubernetes();
    if (target == nullptr) continue;
    targets[target_key(*target)] = "the workload '" + workload.spec.name + "' of the config file";
  }
  std::map<std::string, std::shared_ptr<const Reading>> runs;  // by the name of the workload
  Chosen chosen;
  Places places(file->controller.kubernetes.policies.value_or(PoliciesSpec{}));
  for (const auto* document : by_age(documents)) {
    const PolicyObject& object = (*document)->object;
    if (auto why = places.take(object)) {
      chosen.states.push_back(
          {object, workload_of(object), PolicyState::Standing::kTooMany, {*std::move(why)}, false});
      continue;
    }
    Known known = known_[object.uid];
    read(known, *document, file);
    // Takes the target, or says whose it is.
    const auto take = [&](const std::shared_ptr<const Reading>& reading) -> std::string {
      const auto [at, is_free] =
          targets.emplace(target_key(*reading->result.workload->kubernetes()),
                          "the ScalingPolicy " + object.name + ", which is older,");
      if (!is_free) return at->second;
      runs[workload_of(object)] = reading;
      return "";
    };
    PolicyState state{object, workload_of(object), PolicyState::Standing::kRuns, {}, false};
    if (known.latest->result.workload) {
      const std::string owner = take(known.latest);
      if (owner.empty()) {
        known.good = known.latest;
      } else {
        state.standing = PolicyState::Standing::kTargetTaken;
        state.problems = {taken(*known.latest->result.workload, owner)};
      }
    } else {
      state.standing = PolicyState::Standing::kInvalid;
      state.problems = known.latest->result.problems;
    }
    const bool had_good = known.good && known.good->result.workload;
    if (state.standing != PolicyState::Standing::kRuns && had_good) {
      state.last_good_runs = take(known.good).empty();
    }
    next[object.uid] = std::move(known);
    chosen.states.push_back(std::move(state));
  }
  known_ = std::move(next);
  file_ = file;
  for (const auto& [name, reading] : runs) {
    chosen.workloads.push_back(*reading->result.workload);
    chosen.trees.push_back(policy_tree(*reading->document));
  }
  std::ranges::sort(chosen.states, {}, &PolicyState::workload);
  return chosen;
}

}  // namespace autoscaler
