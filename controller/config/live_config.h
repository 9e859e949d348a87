#pragma once

#include "controller/config/config_file.h"
#include "controller/config/policy_set.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace autoscaler {

// The config of a running program: that of its file, and the ScalingPolicies beside it. What is
// wrong with one of them changes nothing for the others, and what is wrong with the file nothing
// for them.
class LiveConfig {
 public:
  // A config that is good, and another than the one that runs.
  struct Next {
    std::shared_ptr<const Config> config;
    ConfigDiff diff;
    bool of_file = false;  // the file has changed, and not only objects
  };

  explicit LiveConfig(std::string path) : file_(std::move(path)) {}

  // At the start: the file alone, and what is wrong with it, or nothing. The first `look` after it
  // has the objects that are known by then.
  std::vector<ConfigProblem> load(Instant now);
  const std::shared_ptr<const Config>& running() const { return running_; }

  // From now on these are the ScalingPolicies.
  void policies(PolicyDocuments documents);

  // Between two ticks, cheap when nothing has changed. To be answered by taken_up or refused.
  std::optional<Next> look(Instant now);
  void taken_up(Instant now);
  // It is offered again after 30 s; what it does not hang on sooner.
  void refused(std::vector<std::string> why, Instant now);

  const ConfigStatus& status() const { return file_.status(); }
  // How the objects stand to what runs, once that was looked at; another pointer where it changed.
  const std::shared_ptr<const PolicyStates>& states() const { return states_; }

 private:
  struct Offer {
    std::shared_ptr<const Config> config;
    NodePtr tree;
    std::vector<NodePtr> policies;
    std::shared_ptr<const PolicyStates> states;
    bool of_file = false;
  };
  Offer compose(std::shared_ptr<const Config> file, const NodePtr& tree, bool of_file);

  ConfigFile file_;
  PolicySet set_;
  PolicyDocuments documents_;
  bool is_due_ = false;  // objects are to be looked at, from then on
  Instant due_;
  std::shared_ptr<const Config> running_;
  std::vector<NodePtr> running_policies_;  // those of the objects that run beside the file
  std::shared_ptr<const PolicyStates> states_ = std::make_shared<const PolicyStates>();
  std::optional<Offer> offer_;
};

}  // namespace autoscaler
