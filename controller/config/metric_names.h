#pragma once

#include "controller/config/scalars.h"
#include "metrics/query.h"

#include <string>
#include <vector>

namespace autoscaler {

// Names as they stand on a page of metrics, without labels; a histogram's without _bucket.
ScalarRule<std::string> metric_name();
ScalarRule<std::string> family_name();
// Labels that must match, as patterns, are added to `to`.
Shape label_matchers(std::vector<LabelMatcher>& to);

}  // namespace autoscaler
