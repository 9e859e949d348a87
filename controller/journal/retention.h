#pragma once

#include "controller/journal/journal.h"
#include "controller/journal/sqlite.h"

#include <cstdint>
#include <optional>

namespace autoscaler {

// Keeps the journal within its limits by small deletions, at most a batch for each table and call.
class Retention {
 public:
  static Result<Retention> prepare(Database& database, JournalLimits limits);

  // A batch follows what came in, so that deleting always outruns writing.
  void rows_came_in(size_t rows) { rows_since_last_ += static_cast<int64_t>(rows); }
  Status prune(Database& database, Instant now);

 private:
  explicit Retention(JournalLimits limits) : limits_(limits) {}
  // False while a wall clock that jumped ahead is not believed yet.
  bool ages_are_believed(Instant now);
  Status prune_by_age(Database& database, Instant cutoff, int64_t batch);
  Status prune_by_size(Database& database, int64_t batch);
  Status give_back_pages(Database& database);

  JournalLimits limits_;
  int64_t rows_since_last_ = 0;
  std::optional<Instant> last_;
  std::optional<Instant> believe_from_;

  Statement old_intents_, old_records_, old_demand_;
  Statement first_intents_, first_records_, first_demand_;
  Statement pages_, free_pages_, page_bytes_;
};

}  // namespace autoscaler
