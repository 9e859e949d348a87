#include "controller/import/import.h"

#include "controller/config/yaml.h"
#include "controller/import/draft.h"

#include <set>

namespace autoscaler {

void read_target(const ObjectPlace& object, WorkloadDraft& draft) {
  const ObjectPlace metadata = object["metadata"];
  const ObjectPlace target = object["spec"]["scaleTargetRef"];
  draft.name_space = metadata["namespace"].text("default");
  draft.name = metadata["name"].text(target["name"].text());
  draft.origin = object["kind"].text() + " " + draft.name_space + "/" + draft.name;
  draft.api_version = target["apiVersion"].text("apps/v1");
  draft.kind = target["kind"].text("Deployment");
  draft.target = target["name"].text();
}

namespace {

// KEDA makes such an object for each of its own.
bool owned_by_keda(const ObjectPlace& object) {
  for (const ObjectPlace& owner : object["metadata"]["ownerReferences"].items()) {
    if (owner["kind"].text() != "ScaledObject") continue;
    object.remark("belongs to the ScaledObject " + owner["name"].text() +
                  ": left out; import that object");
    return true;
  }
  return false;
}

class Import {
 public:
  void file(const ObjectFile& file) {
    Problems problems(file.name);
    const std::vector<NodePtr> documents = read_yaml(file.text, problems);
    for (const ConfigProblem& problem : problems.take()) {
      done_.remarks.push_back(describe(problem));
      ++done_.refused;
    }
    Remarks remarks(file.name, done_.remarks);
    for (const NodePtr& document : documents) {
      object(ObjectPlace(document.get(), document->mark, "", remarks));
    }
  }

  Imported finish(ImportAs as) {
    done_.workloads = drafts_.size();
    const bool is_config = as == ImportAs::kConfig;
    done_.config = is_config ? config_text(std::move(drafts_), done_.remarks)
                             : policies_text(std::move(drafts_), done_.remarks);
    return std::move(done_);
  }

 private:
  void object(const ObjectPlace& place) {
    const std::string kind = place["kind"].text();
    if (kind == "List" || kind.ends_with("AutoscalerList") || kind == "ScaledObjectList") {
      for (const ObjectPlace& item : place["items"].items()) object(item);
      return;
    }
    const bool hpa = kind == "HorizontalPodAutoscaler";
    if (!hpa && kind != "ScaledObject") return;
    const ObjectPlace metadata = place["metadata"];
    const ObjectPlace named = place.about(kind + " " + metadata["namespace"].text("default") + "/" +
                                          metadata["name"].text());
    if (!metadata["namespace"].given()) {
      named.remark("has no metadata.namespace: 'default' is taken");
    }
    if (hpa && owned_by_keda(named)) return;
    const size_t remarks = done_.remarks.size();
    std::optional<WorkloadDraft> draft = hpa ? draft_hpa(named) : draft_scaled_object(named);
    if (!draft) {
      ++done_.refused;
    } else if (!targets_.insert({draft->name_space, draft->kind, draft->target}).second) {
      done_.remarks.resize(remarks);
      named.remark("sizes " + draft->kind + " " + draft->target +
                   ", as another object before it does: left out; give each target to one");
      ++done_.refused;
    } else {
      drafts_.push_back(std::move(*draft));
    }
  }

  Imported done_;
  std::vector<WorkloadDraft> drafts_;
  std::set<std::vector<std::string>> targets_;
};

}  // namespace

Imported import_objects(std::span<const ObjectFile> files, ImportAs as) {
  Import import;
  for (const ObjectFile& file : files) import.file(file);
  return import.finish(as);
}

}  // namespace autoscaler
