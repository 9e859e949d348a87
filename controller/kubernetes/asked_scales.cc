#include "base/fan_out.h"
#include "controller/kubernetes/kubernetes_reader.h"

#include <nlohmann/json.hpp>

#include <algorithm>

// The scales of KubernetesReader that are asked for and not followed.
namespace autoscaler {

// Asks for the scales of those that have changed since, or of which nobody tells whether they have.
void KubernetesReader::read_custom(const std::vector<Target*>& custom, const Deadline& whole) {
  describe(custom, whole);
  std::vector<Target*> asked;
  for (Target* each : custom) {
    if (each->unseen) continue;
    const auto told = each->told_within(kPatience);
    const bool stands =
        told && each->scale && (*told)->resource_version == each->scale->resource_version;
    if (!stands) asked.push_back(each);
  }
  fan_out(asked.size(), [&](size_t i) {
    Target& each = *asked[i];
    Result<ScaleRecord> scale = ask_for_scale(each, whole);
    if (scale) {
      each.scale = std::make_shared<const ScaleRecord>(*std::move(scale));
    } else {
      each.unseen = scale.error();
    }
  });
  for (Target* each : custom) {
    if (!each->unseen) annotate(*each);
  }
}

// Follows the metadata of kinds that are new here, and waits for their first lists. Each kind is
// asked for once, whether the server knows it or not.
void KubernetesReader::describe(const std::vector<Target*>& custom, const Deadline& whole) {
  const auto left = [&] { return std::max(whole.left(), std::chrono::milliseconds(0)); };
  std::map<std::pair<std::string, std::string>, Result<std::string>> plurals;
  for (Target* each : custom) {
    if (each->described) continue;
    const std::pair kind(each->target->api_version, each->target->kind);
    auto plural = plurals.find(kind);
    if (plural == plurals.end()) {
      const auto most = std::clamp(left(), std::chrono::milliseconds(1), client_.deadline());
      plural = plurals.emplace(kind, names_.plural_of(kind.first, kind.second, most)).first;
    }
    if (plural->second) {
      describe(*each, *plural->second);
      each->described->cache.wait_until_told(left());
    } else {
      each->unseen = plural->second.error();
    }
  }
}

void KubernetesReader::describe(Target& target, const std::string& plural) {
  ReflectorSettings settings = settings_of(target.target->api_version, plural);
  settings.metadata_only = true;
  target.described = collections_.follow<MetadataRecord>(read_metadata, std::move(settings));
}

// One whose annotations may be known, and are not, may be paused. Where they may not be listed
// nobody expects them to count.
void KubernetesReader::annotate(Target& target) {
  const auto is_for_good = [](Code code) {
    return code == Code::kDenied || code == Code::kInvalid || code == Code::kNotFound;
  };
  const auto told = target.told_within(kLongPatience);
  if (!told) {
    if (!is_for_good(told.error().code)) {
      target.unseen =
          Error{told.error().code, "its annotations are not known: " + told.error().message};
    }
    return;
  }
  const MetadataRecord& metadata = **told;
  const ScaleRecord& scale = *target.scale;
  if (metadata.paused == scale.paused && metadata.paused_until == scale.paused_until) return;
  ScaleRecord annotated = scale;
  annotated.paused = metadata.paused;
  annotated.paused_until = metadata.paused_until;
  target.scale = std::make_shared<const ScaleRecord>(std::move(annotated));
}

// Of targets whose last write was not answered: what the cache shows may be from before it, for as
// long as the server is silent.
void KubernetesReader::ask_for_lost(const Deadline& whole) {
  const std::set<WorkloadId> lost = written_.lost();
  if (lost.empty()) return;
  std::vector<Target*> asked;
  for (Target& each : targets_) {
    if (!each.unseen && lost.contains(each.workload)) asked.push_back(&each);
  }
  fan_out(asked.size(), [&](size_t i) {
    Target& each = *asked[i];
    Result<ScaleRecord> scale = ask_for_scale(each, whole);
    if (scale) {
      written_.found(each.workload, *std::move(scale));
    } else {
      each.unseen = Error{scale.error().code, "whether its last size was written is not known: " +
                                                  scale.error().message};
    }
  });
}

// Of what is followed the object itself, which is what may be read; an object of another kind says
// nothing of its size.
Result<ScaleRecord> KubernetesReader::ask_for_scale(const Target& asked, const Deadline& whole) {
  const KubernetesTarget& target = *asked.target;
  const auto left = [&] { return std::min(whole.left(), client_.deadline()); };
  if (left().count() <= 0) {
    return Error{Code::kExhausted, "not asked for: the " + std::to_string(budget_.count()) +
                                       " ms of a tick for its questions are over"};
  }
  const Result<std::string> path =
      names_.path_of(target.api_version, target.kind, target.name_space, target.name, left());
  if (!path) return path.error();
  const ApiAnswer answer = client_.get(asked.followed ? *path : *path + "/scale", {},
                                       std::max(left(), std::chrono::milliseconds(1)));
  if (!answer.ok()) return answer.error->error;
  const auto object = nlohmann::json::parse(answer.body, nullptr, false);
  return asked.followed ? read_scalable(object) : read_scale(object);
}

}  // namespace autoscaler
