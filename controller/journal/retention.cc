#include "controller/journal/retention.h"

#include <algorithm>
#include <utility>

namespace autoscaler {
namespace {

constexpr int64_t kSmallestBatch = 500;
// A journal that is too small for its demand rows still explains the last decisions.
constexpr int64_t kRowsKeptBySize = 1000;
// 256 pages of 4 KiB: 1 MiB moved at most in one call.
constexpr const char* kGiveBack = "PRAGMA incremental_vacuum(256)";
// Ticks are seconds apart. A step this long between two is a clock that was set (or a machine that
// slept): it gets an hour to be set right before what is 14 days old by it is thrown away.
constexpr Duration kJump = std::chrono::hours(1);
constexpr Duration kDisbelief = std::chrono::hours(1);

int64_t minute_of(Instant at) {
  return std::chrono::floor<std::chrono::minutes>(at).time_since_epoch().count();
}

Result<int64_t> value_of(Statement& statement) {
  statement.bind();
  const Result<bool> row = statement.step();
  if (!row) return row.error();
  CHECK(*row);
  const int64_t value = statement.integer(0);
  statement.bind();  // an unfinished read would stand in the way of the next COMMIT
  return value;
}

}  // namespace

Result<Retention> Retention::prepare(Database& database, JournalLimits limits) {
  Retention retention(limits);
  // By age: what is stamped later than now has age 0, and leaves by size or when its time comes.
  // By size: in the order of insertion, whatever the clock said.
  const std::pair<Statement*, const char*> statements[] = {
      {&retention.old_intents_,
       "DELETE FROM intent WHERE id IN "
       "(SELECT id FROM intent WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2)"},
      {&retention.old_records_,
       "DELETE FROM record WHERE id IN "
       "(SELECT id FROM record WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2)"},
      {&retention.old_demand_,
       "DELETE FROM demand WHERE (minute, workload) IN "
       "(SELECT minute, workload FROM demand WHERE minute < ?1 ORDER BY minute, workload LIMIT "
       "?2)"},
      {&retention.first_intents_,
       "DELETE FROM intent WHERE id < (SELECT min(id) FROM intent) + ?1 "
       "AND id <= (SELECT max(id) FROM intent) - ?2"},
      {&retention.first_records_,
       "DELETE FROM record WHERE id < (SELECT min(id) FROM record) + ?1 "
       "AND id <= (SELECT max(id) FROM record) - ?2"},
      {&retention.first_demand_,
       "DELETE FROM demand WHERE (minute, workload) IN "
       "(SELECT minute, workload FROM demand ORDER BY minute, workload LIMIT ?1)"},
      {&retention.pages_, "PRAGMA page_count"},
      {&retention.free_pages_, "PRAGMA freelist_count"},
      {&retention.page_bytes_, "PRAGMA page_size"},
  };
  for (const auto& [statement, sql] : statements) {
    Result<Statement> prepared = database.prepare(sql);
    if (!prepared) return prepared.error();
    *statement = std::move(*prepared);
  }
  return retention;
}

bool Retention::ages_are_believed(Instant now) {
  if (last_ && now - *last_ > kJump) believe_from_ = now + kDisbelief;
  // Set back again: what it said in between no longer counts.
  if (last_ && now < *last_) believe_from_.reset();
  last_ = now;
  return !believe_from_ || now >= *believe_from_;
}

Status Retention::prune(Database& database, Instant now) {
  const int64_t batch = std::max(kSmallestBatch, 2 * rows_since_last_);
  Result<Transaction> transaction = Transaction::begin(database);
  if (!transaction) return transaction.error();
  if (ages_are_believed(now)) {
    if (Status done = prune_by_age(database, now - limits_.max_age, batch); !done) return done;
  }
  if (Status done = prune_by_size(database, batch); !done) return done;
  if (Status done = transaction->commit(); !done) return done;
  rows_since_last_ = 0;
  return give_back_pages(database);
}

Status Retention::prune_by_age(Database&, Instant cutoff, int64_t batch) {
  const int64_t cutoff_ms = cutoff.time_since_epoch().count();
  if (Status done = old_intents_.run(cutoff_ms, batch); !done) return done;
  if (Status done = old_records_.run(cutoff_ms, batch); !done) return done;
  return old_demand_.run(minute_of(cutoff), batch);
}

// Records first: they are the bulk, and demand is what forecasts learn from.
Status Retention::prune_by_size(Database& database, int64_t batch) {
  const Result<int64_t> pages = value_of(pages_);
  if (!pages) return pages.error();
  const Result<int64_t> free_pages = value_of(free_pages_);
  if (!free_pages) return free_pages.error();
  const Result<int64_t> page_bytes = value_of(page_bytes_);
  if (!page_bytes) return page_bytes.error();
  if ((*pages - *free_pages) * *page_bytes <= limits_.max_bytes) return Done{};

  if (Status done = first_records_.run(batch, kRowsKeptBySize); !done) return done;
  if (database.changed_rows() > 0) return Done{};
  if (Status done = first_intents_.run(batch, kRowsKeptBySize); !done) return done;
  if (database.changed_rows() > 0) return Done{};
  return first_demand_.run(batch);
}

// Free pages are used again by what is written next; only when they are more than a quarter of the
// file (a limit was lowered) are they given back.
Status Retention::give_back_pages(Database& database) {
  const Result<int64_t> pages = value_of(pages_);
  if (!pages) return pages.error();
  const Result<int64_t> free_pages = value_of(free_pages_);
  if (!free_pages) return free_pages.error();
  if (*free_pages * 4 <= *pages) return Done{};
  return database.run(kGiveBack);
}

}  // namespace autoscaler
