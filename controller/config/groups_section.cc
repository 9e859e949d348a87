#include "controller/config/nearest.h"
#include "controller/config/scalars.h"
#include "controller/config/sections.h"

#include <algorithm>

namespace autoscaler {
namespace {

// The name of a policy that no group has yet.
Shape member(std::vector<PolicySpec>& policies, size_t group) {
  return Shape{[&policies, group](const Cursor& cursor) {
                 if (!is_scalar(cursor, "the name of a policy")) return;
                 std::vector<std::string> names;
                 for (const PolicySpec& policy : policies) names.push_back(policy.name);
                 const auto found = std::find(names.begin(), names.end(), cursor.node().text);
                 if (found == names.end()) {
                   const std::string near = did_you_mean(cursor.node().text, names);
                   cursor.problem("found the unknown policy " + describe_node(cursor.node()) +
                                  (near.empty() ? "." : "; " + near) +
                                  " Policies of this workload: " + one_of_these(names));
                   return;
                 }
                 auto& taken = policies[static_cast<size_t>(found - names.begin())].group;
                 if (taken) {
                   cursor.problem("'" + *found + "' is in a group already, and in one only");
                   return;
                 }
                 if (std::holds_alternative<PredictSpec>(
                         policies[static_cast<size_t>(found - names.begin())].rule)) {
                   cursor.problem("'" + *found +
                                  "' predicts: it is a floor under what the others want, and "
                                  "agrees with nobody. Take it out of the group");
                   return;
                 }
                 taken = static_cast<uint16_t>(group);
               },
               [] { return std::string(R"({"type":"string"})"); }};
}

Shape group(std::vector<GroupSpec>& all, std::vector<PolicySpec>& policies) {
  return mapping([&all, &policies](Fields& fields) {
    const size_t index = all.empty() ? 0 : all.size() - 1;
    auto given_name = std::make_shared<std::string>();
    fields.required("name", scalar(*given_name, name(kLocalName)), "unique within the workload");
    fields.required("all", list_of(2, [&policies, index] { return member(policies, index); }),
                    "names of policies: the size moves only where all of them would move it, and "
                    "by the least that one of them wants");
    fields.check([&all, given_name](const Cursor& cursor) {
      const bool taken = std::any_of(all.begin(), all.end() - 1, [&](const GroupSpec& other) {
        return other.name == *given_name;
      });
      all.back().name = *given_name;
      if (taken && !given_name->empty()) {
        cursor.child("name").problem("two groups are called '" + *given_name +
                                     "': give one of them another name");
      }
    });
  });
}

}  // namespace

Shape groups_section(std::vector<GroupSpec>& to, std::vector<PolicySpec>& policies) {
  return list_of(0, [&to, &policies] {
    to.emplace_back();
    return group(to, policies);
  });
}

}  // namespace autoscaler
