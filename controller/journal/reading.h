#pragma once

#include "controller/journal/journal.h"
#include "controller/journal/sqlite.h"

namespace autoscaler {

// As times are stored.
inline int64_t milliseconds_of(Instant at) {
  return at.time_since_epoch().count();
}

// CRC-32, as zlib has it.
int64_t checksum_of(std::string_view bytes);

// What the journal's readers ask, one page of rows at a time (journal.h says what they return).

template <typename Row>
using Visit = std::function<bool(const Row&)>;

Result<std::vector<MemoryRow>> read_memories(Database& database);
Result<StoredLearned> read_learned(Database& database);
Status read_records(Database& database, const std::optional<std::string>& workload, Instant from,
                    Instant to, const Visit<StoredRecord>& visit);
Status read_intents(Database& database, const std::optional<std::string>& workload, Instant from,
                    Instant to, const Visit<StoredIntent>& visit);
Status read_demand(Database& database, const std::optional<std::string>& workload, Instant from,
                   Instant to, const Visit<DemandRow>& visit);
Status verify_all(Database& database);

}  // namespace autoscaler
