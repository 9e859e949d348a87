#include "controller/config/live_config.h"

#include <algorithm>
#include <utility>

namespace autoscaler {
namespace {

// The tree of a file with the objects among its workloads.
NodePtr with_policies(const NodePtr& file, const std::vector<NodePtr>& policies) {
  if (policies.empty()) return file;
  auto root = std::make_shared<Node>(*file);
  for (Entry& entry : root->entries) {
    if (entry.key != "workloads") continue;
    auto workloads = std::make_shared<Node>(*entry.value);
    workloads->items.insert(workloads->items.end(), policies.begin(), policies.end());
    entry.value = std::move(workloads);
  }
  return root;
}

}  // namespace

std::vector<ConfigProblem> LiveConfig::load(Instant now) {
  std::vector<ConfigProblem> problems = file_.load(now);
  running_ = file_.running();
  return problems;
}

void LiveConfig::policies(PolicyDocuments documents) {
  documents_ = std::move(documents);
  is_due_ = true;
  due_ = Instant::min();
}

LiveConfig::Offer LiveConfig::compose(std::shared_ptr<const Config> file, const NodePtr& tree,
                                      bool of_file) {
  const bool wanted = file->controller.kubernetes.policies.has_value();
  PolicySet::Chosen chosen = set_.choose(wanted ? documents_ : PolicyDocuments{}, file);
  auto states = std::make_shared<const PolicyStates>(std::move(chosen.states));
  if (chosen.workloads.empty()) return {std::move(file), tree, {}, std::move(states), of_file};
  auto config = std::make_shared<Config>(*file);
  std::ranges::move(chosen.workloads, std::back_inserter(config->workloads));
  std::ranges::stable_sort(config->workloads, {},
                           [](const WorkloadConfig& workload) { return workload.spec.name; });
  NodePtr whole = with_policies(tree, chosen.trees);
  return {std::move(config), std::move(whole), std::move(chosen.trees), std::move(states), of_file};
}

std::optional<LiveConfig::Next> LiveConfig::look(Instant now) {
  const auto next = file_.look(now);
  if (!next && !(is_due_ && now >= due_)) return std::nullopt;
  const NodePtr running = file_.running_tree();
  offer_ =
      next ? compose(next->config, next->tree, true) : compose(file_.running(), running, false);
  is_due_ = false;
  ConfigDiff diff = compare_configs(*with_policies(running, running_policies_), *offer_->tree);
  if (diff.changes.empty() && !offer_->of_file) {
    states_ = offer_->states;
    offer_.reset();
    return std::nullopt;
  }
  return Next{offer_->config, std::move(diff), offer_->of_file};
}

void LiveConfig::taken_up(Instant now) {
  if (offer_->of_file) file_.taken_up(now);
  running_ = std::move(offer_->config);
  running_policies_ = std::move(offer_->policies);
  states_ = std::move(offer_->states);
  offer_.reset();
}

void LiveConfig::refused(std::vector<std::string> why, Instant now) {
  is_due_ = true;
  if (offer_->of_file) {
    file_.refused(std::move(why), now);
    due_ = now;  // without it
  } else {
    due_ = now + kOfferedAgain;
  }
  offer_.reset();
}

}  // namespace autoscaler
