#pragma once

#include "policies/scene.h"

namespace autoscaler {

// What speaks for a group as a whole: the number, and the policy whose number it is.
struct GroupAnswer {
  int32_t replicas;
  uint16_t policy;
};

// A group moves the size only where all of its policies would, and no further than the most
// cautious of them: the smallest of their numbers where all want more, the largest where all want
// less, otherwise the size that stands.
// A policy that abstains is left out where its signal is missing under `whenMissing: ignore`;
// otherwise it does not want more, and has no say about less. Nobody with a say: no answer.
std::optional<GroupAnswer> group_answer(const WorkloadSpec& spec, size_t group,
                                        const Decision& decision);

}  // namespace autoscaler
