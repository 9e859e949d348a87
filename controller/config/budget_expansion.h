#pragma once

#include "controller/config/sections.h"

#include <string>
#include <vector>

namespace autoscaler {

// What an error budget means where the user writes no policies: the load is tracked at what an
// instance was learned to carry, and forecast; and as long as that is not learned, a p95 past the
// SLO adds instances. Nothing is added where there is no load to track, which is a problem of the
// config.
void expand_budget(const Cursor& workload, const std::vector<SignalDraft>& signals,
                   WorkloadSpec& to);

// The same as lines of YAML, of a workload that was expanded; empty: it was not.
std::vector<std::string> expansion_of(const WorkloadConfig& workload);

}  // namespace autoscaler
