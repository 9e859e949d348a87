#pragma once

#include "controller/backtest/bench_config.h"
#include "controller/backtest/world.h"
#include "controller/demand_learning.h"
#include "controller/journal/journal.h"

#include <memory>

namespace autoscaler {

// A policy of ours in the fixed world as the controller runs it: the whole loop on a virtual clock,
// learning from what it reads, over a journal. Its target is a scale of Kubernetes.
std::unique_ptr<Contender> make_looped(const BenchPolicy& policy, int64_t lead_s, GateRule gate,
                                       LoopJournal& journal);

}  // namespace autoscaler
