#pragma once

#include "controller/journal/journal.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace autoscaler {

// Of all that a controller writes, what the next one takes up: the memories, what was learned, and
// the demand of the last minutes.
class MemoryJournal : public LoopJournal {
 public:
  Status intend(const std::function<IntentPart()>& next, Instant) override {
    for (IntentPart part = next(); !part.intents.empty(); part = next()) {
      if (const Status kept = keep(part.memories); !kept) return kept;
    }
    return Done{};
  }
  Status append(std::span<const RecordRow>, std::span<const DemandRow> demand,
                std::span<const MemoryRow> memories, Instant) override {
    demand_.insert(demand_.end(), demand.begin(), demand.end());
    if (demand_.size() > 2 * kDemandKept)
      demand_.erase(demand_.begin(), demand_.end() - kDemandKept);
    return keep(memories);
  }
  Status demand(const std::optional<std::string>& workload, Instant from, Instant to,
                const std::function<bool(const DemandRow&)>& visit) override {
    for (const DemandRow& row : demand_) {
      if (row.minute < from || row.minute >= to || (workload && row.workload != *workload))
        continue;
      if (!visit(row)) break;
    }
    return Done{};
  }
  Status checkpoint(std::span<const LearnedRow> learned, Instant) override {
    for (const LearnedRow& row : learned) learned_[{row.workload, row.part}] = row;
    return Done{};
  }
  Status prune(Instant) override { return Done{}; }
  Result<std::vector<MemoryRow>> memories() override {
    std::vector<MemoryRow> rows;
    for (const auto& [workload, document] : memories_) rows.push_back({workload, document});
    return rows;
  }
  Result<StoredLearned> learned() override {
    StoredLearned stored;
    for (const auto& [key, row] : learned_) stored.rows.push_back(row);
    return stored;
  }

 private:
  Status keep(std::span<const MemoryRow> memories) {
    for (const MemoryRow& row : memories) memories_[row.workload] = row.document;
    return Done{};
  }
  static constexpr ptrdiff_t kDemandKept = 60;
  std::map<std::string, std::string> memories_;
  std::vector<DemandRow> demand_;  // oldest first
  std::map<std::pair<std::string, std::string>, LearnedRow> learned_;
};

}  // namespace autoscaler
