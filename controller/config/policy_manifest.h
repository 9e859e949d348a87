#pragma once

#include "controller/config/sections.h"

namespace autoscaler {

// A ScalingPolicy as a document of a file that is checked.
bool is_policy_manifest(const Node& document);
// Read beside what the file has of a config; in a file without servers any will do. `to.place`
// becomes that of the spec.
void read_policy_manifest(const Cursor& document, const Config& beside, PlacedWorkload& to);

}  // namespace autoscaler
