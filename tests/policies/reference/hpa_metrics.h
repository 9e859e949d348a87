#pragma once

#include "tests/policies/reference/hpa_model.h"

namespace reference {

Proposal propose(const Case& one, const Metric& metric);

}  // namespace reference
