#pragma once

#include "controller/backtest/bench_config.h"
#include "controller/backtest/demand.h"
#include "controller/demand_learning.h"
#include "controller/journal/journal.h"

#include <optional>
#include <string>

namespace autoscaler {

// A tick at which two ways to the same size come to different ones.
struct SizesDiffer {
  size_t tick = 0;
  int64_t at_s = 0;    // unix seconds, UTC
  int32_t from = 0;    // the size that stood
  int32_t bench = 0;   // what the bench's own way leads to
  int32_t looped = 0;  // what the whole loop decided
  std::string inputs;  // what both saw, for a person
};

// Runs a policy through the fixed world twice, tick by tick: as the bench does, and through the
// whole loop with its journal. nullopt: every size was the same.
std::optional<SizesDiffer> verify_sizes(const Demand& demand, int64_t lead_s,
                                        const BenchPolicy& policy, GateRule gate,
                                        LoopJournal& journal);

}  // namespace autoscaler
