#pragma once

#include "controller/config/policy_document.h"
#include "controller/config/policy_state.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace autoscaler {

// Which ScalingPolicies run beside a config file, and what is wrong with the others. One that is
// bad never harms another: the last spec of it that was good goes on. Of those with one target the
// oldest has it, and the file comes before them all. Of more than may run (PoliciesSpec) the oldest
// do, good or bad.
class PolicySet {
 public:
  struct Chosen {
    std::vector<WorkloadConfig> workloads;  // by name
    std::vector<NodePtr> trees;             // in the same order
    PolicyStates states;                    // by namespace and name
  };

  // Only what is new is read: a spec, or all of them where the file is another one.
  Chosen choose(const PolicyDocuments& documents, const std::shared_ptr<const Config>& file);

 private:
  struct Reading {
    std::shared_ptr<const PolicyDocument> document;
    WorkloadResult result;
  };
  // What is known of one object, by its uid: one that is made again begins anew.
  struct Known {
    std::shared_ptr<const Reading> latest;
    std::shared_ptr<const Reading> good;  // nullptr: none was yet
  };
  using Targets = std::map<std::string, std::string>;  // by target_key: whose it is

  void read(Known& known, const std::shared_ptr<const PolicyDocument>& document,
            const std::shared_ptr<const Config>& file) const;

  std::shared_ptr<const Config> file_;  // by which all of them were read
  std::map<std::string, Known> known_;
};

}  // namespace autoscaler
