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

// A part of what is learned of a workload over days: bytes that only their owner reads, by a
// version of its own. One row for each part, replaced.
struct LearnedRow {
  std::string workload;
  std::string part;  // "capacity:rps"
  uint32_t version = 0;
  std::string bytes;
};

struct StoredLearned {
  std::vector<LearnedRow> rows;      // ordered by workload and part
  std::vector<std::string> damaged;  // "shop/capacity:rps": the checksum does not fit the bytes
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

// Of the intents of one tick; empty: there are no more.
struct IntentPart {
  std::vector<IntentRow> intents;
  std::vector<MemoryRow> memories;
};

// What the loop writes, and takes up at a start: the port. `intend` is done before anything is done
// to the world; each write is all there or an Error.
class LoopJournal {
 public:
  virtual ~LoopJournal() = default;
  // Of thousands of workloads that change at once the documents would be megabytes: they are asked
  // for part by part, and written as one.
  virtual Status intend(const std::function<IntentPart()>& next, Instant now) = 0;
  virtual Status append(std::span<const RecordRow> records, std::span<const DemandRow> demand,
                        std::span<const MemoryRow> memories, Instant now) = 0;
  virtual Status checkpoint(std::span<const LearnedRow> learned, Instant now) = 0;
  virtual Status prune(Instant now) = 0;
  virtual Result<std::vector<MemoryRow>> memories() = 0;
  virtual Result<StoredLearned> learned() = 0;
  // Oldest first, from <= at < to; nullopt means all workloads; `visit` returns false to stop.
  virtual Status demand(const std::optional<std::string>& workload, Instant from, Instant to,
                        const std::function<bool(const DemandRow&)>& visit) = 0;
};

// SQLite in WAL mode. Every write is one transaction: it is all there, or an Error says why not
// (kExhausted disk full, kDenied read-only, kInvalid damaged or a schema newer than this program,
// kUnavailable another connection writes, or the file was removed under us).
// A failed write is not retried here: the controller goes on without, and tries again next tick.
// The loop's thread alone uses it.
class Journal final : public LoopJournal {
 public:
  // Creates the file or migrates it forward. A dry-run journal is never opened live, nor a live one
  // dry (kConflict), and two controllers never write one journal (kConflict, naming the pid).
  static Result<std::unique_ptr<Journal>> open(const std::string& path, JournalLimits limits,
                                               bool dry_run);
  // For `journal` and `replay`: reads while a controller writes.
  static Result<std::unique_ptr<Journal>> open_read_only(const std::string& path);
  ~Journal() override;

  // On disk (fsync) when it returns: intents together with the memories they change. What `append`
  // wrote survives the death of the controller, and a power cut up to the last `intend`.
  Status intend(const std::function<IntentPart()>& next, Instant now) override;
  Status append(std::span<const RecordRow> records, std::span<const DemandRow> demand,
                std::span<const MemoryRow> memories, Instant now) override;
  // Survives what `append` survives. Each row has a checksum.
  Status checkpoint(std::span<const LearnedRow> learned, Instant now) override;
  // Removes what is past the limits, a bounded batch at a time; cheap when there is nothing to do.
  // Meant for every tick.
  Status prune(Instant now) override;

  Result<std::vector<MemoryRow>> memories() override;
  // Damaged parts are left out, and named.
  Result<StoredLearned> learned() override;
  // Oldest first, from <= at < to; nullopt means all workloads; `visit` returns false to stop.
  // Read in pages, so that a slow visitor never holds back the writer's checkpoints.
  Status records(const std::optional<std::string>& workload, Instant from, Instant to,
                 const std::function<bool(const StoredRecord&)>& visit);
  Status intents(const std::optional<std::string>& workload, Instant from, Instant to,
                 const std::function<bool(const StoredIntent&)>& visit);
  Status demand(const std::optional<std::string>& workload, Instant from, Instant to,
                const std::function<bool(const DemandRow&)>& visit) override;
  // The whole file: SQLite's own integrity check, every document is JSON, and every checksum fits.
  // The sentence says what is wrong.
  Status verify();

 private:
  Journal();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace autoscaler
