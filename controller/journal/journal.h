#pragma once

#include "base/result.h"
#include "policies/time.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace autoscaler {

struct JournalLimits {
  Duration max_age{std::chrono::hours(24 * 14)};
  int64_t max_bytes = int64_t{1} << 30;
};

// An action about to be taken. Written before it is; found again after a crash.
struct IntentRow {
  std::string workload;
  std::string instance;
  std::string change;  // "launch", ...
};

// A workload's record: the decision document with its inputs, as JSON.
struct RecordRow {
  std::string workload;
  std::string document;
};

// One compact row per workload and minute, kept to learn demand from.
struct DemandRow {
  std::string workload;
  Instant minute;
  std::optional<double> requests_per_second;
  std::optional<double> p95_seconds;
  std::optional<double> error_ratio;
  std::optional<double> cpu;  // mean ratio over instances in service
  int32_t instances = 0;      // in service
};

// A workload's memory (controller/fleet.h) as JSON; one row each, replaced.
struct MemoryRow {
  std::string workload;
  std::string document;
};

struct StoredRecord {
  Instant at;
  std::string workload;
  std::string document;
};

struct StoredIntent {
  Instant at;
  IntentRow intent;
};

// SQLite in WAL mode. Every call is one transaction: it is all there, or an Error says why not
// (kExhausted disk full, kDenied read-only, kInvalid damaged or a schema newer than this program).
// A failed write is not retried here: the controller goes on without, and tries again next tick.
class Journal {
 public:
  // Creates the file or migrates it forward. A dry-run journal is never opened live, nor a live one
  // dry: `dry_run` is stored at creation and checked (kConflict).
  static Result<std::unique_ptr<Journal>> open(const std::string& path, JournalLimits limits,
                                               bool dry_run);
  // For `journal` and `replay`: reads while a controller writes.
  static Result<std::unique_ptr<Journal>> open_read_only(const std::string& path);
  ~Journal();

  // On disk (fsync) when it returns: intents together with the memories they change.
  Status intend(std::span<const IntentRow> intents, std::span<const MemoryRow> memories,
                Instant now);
  Status append(std::span<const RecordRow> records, std::span<const DemandRow> demand,
                std::span<const MemoryRow> memories, Instant now);
  // Removes what is past the limits; cheap when there is nothing to do.
  Status prune(Instant now);

  Result<std::vector<MemoryRow>> memories();
  // Oldest first; an empty workload means all; `visit` returns false to stop.
  Status records(const std::string& workload, Instant from, Instant to,
                 const std::function<bool(const StoredRecord&)>& visit);
  Status intents(const std::string& workload, Instant from, Instant to,
                 const std::function<bool(const StoredIntent&)>& visit);
  Status demand(const std::string& workload, Instant from, Instant to,
                const std::function<bool(const DemandRow&)>& visit);
  // PRAGMA integrity_check and every document parsed back; the sentence says what is wrong.
  Status verify();

 private:
  Journal();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace autoscaler
