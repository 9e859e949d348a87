#pragma once

#include "controller/journal/journal.h"

#include <map>

namespace autoscaler {

// Of all that a controller writes, what the next one takes up: the memories.
class MemoryJournal final : public LoopJournal {
 public:
  Status intend(std::span<const IntentRow>, std::span<const MemoryRow> memories, Instant) override {
    return keep(memories);
  }
  Status append(std::span<const RecordRow>, std::span<const DemandRow>,
                std::span<const MemoryRow> memories, Instant) override {
    return keep(memories);
  }
  Status prune(Instant) override { return Done{}; }
  Result<std::vector<MemoryRow>> memories() override {
    std::vector<MemoryRow> rows;
    for (const auto& [workload, document] : memories_) rows.push_back({workload, document});
    return rows;
  }

 private:
  Status keep(std::span<const MemoryRow> memories) {
    for (const MemoryRow& row : memories) memories_[row.workload] = row.document;
    return Done{};
  }
  std::map<std::string, std::string> memories_;
};

}  // namespace autoscaler
