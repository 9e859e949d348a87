#pragma once

#include "controller/journal/journal.h"
#include "controller/tick_record.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace autoscaler {

// Chooses what of a tick is worth a row: a workload's record when its decision, reason or signal
// quality changed and at least once a minute (of thousands more seldom, 400 a minute); its memory
// when an instance or a resize changed it, and with every record; its demand once a minute.
class JournalRows {
 public:
  explicit JournalRows(const Config& config);

  struct Rows {
    std::vector<RecordRow> records;
    std::vector<MemoryRow> memories;
    std::vector<DemandRow> demand;
    bool empty() const { return records.empty() && memories.empty() && demand.empty(); }
  };
  // Those of the workloads from `from` on, which is moved behind them: the documents of thousands
  // that change at once, 6 KB each, are not all in memory. `memories` are those after the tick;
  // `everything` asks for all rows, after an outage. Demand is in the last answer of a tick until
  // it was `written`, and the oldest of it is let go after an hour.
  Rows choose(const TickRecord& tick, const std::vector<WorkloadMemory>& memories, bool everything,
              size_t& from);
  void written() { unwritten_.clear(); }
  // At the end: all demand that is not written, that of the minute under way included.
  std::vector<DemandRow> rest() const;

 private:
  struct Last {
    std::vector<int32_t> key;  // decision, reason and signal quality
    std::optional<Instant> recorded;
    std::vector<InstanceMemory> instances;
    std::optional<DemandRow> demand;  // of the minute under way
  };
  const Duration at_least_every_;
  std::vector<Last> last_;            // parallel to Config::workloads
  std::vector<int32_t> key_;          // of the workload that is looked at
  std::vector<DemandRow> unwritten_;  // oldest first
};

}  // namespace autoscaler
