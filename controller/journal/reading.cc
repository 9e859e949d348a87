#include "controller/journal/reading.h"

#include <zlib.h>

namespace autoscaler {
namespace {

constexpr int64_t kPage = 500;

Instant instant_of(int64_t milliseconds) {
  return Instant(Duration(milliseconds));
}

// `key` of the last row of a page is where the next begins: (time, id) or (minute, workload).
template <typename Key>
struct Cursor {
  int64_t time;
  Key key;
};

// Reads to the end of each page before the first visit: no read transaction is open while visiting.
// `bind(statement, cursor)` starts a page after the cursor; `take(statement, cursor)` makes a row
// and moves the cursor to it.
template <typename Row, typename Key, typename Bind, typename Take>
Status page_through(Statement& statement, Cursor<Key> cursor, Bind bind, Take take,
                    const Visit<Row>& visit) {
  std::vector<Row> page;
  do {
    page.clear();
    const Cursor<Key> from = cursor;  // bound texts live as long as the steps
    bind(statement, from);
    for (;;) {
      const Result<bool> row = statement.step();
      if (!row) return row.error();
      if (!*row) break;
      page.push_back(take(statement, cursor));
    }
    for (const Row& row : page) {
      if (!visit(row)) return Done{};
    }
  } while (page.size() == static_cast<size_t>(kPage));
  return Done{};
}

// Tables with a row id, ordered by (at_ms, id).
template <typename Row, typename Take>
Status read_by_time(Database& database, const std::string& columns, const std::string& table,
                    const std::optional<std::string>& workload, Instant from, Instant to, Take take,
                    const Visit<Row>& visit) {
  Result<Statement> statement =
      database.prepare("SELECT id, at_ms, " + columns + " FROM " + table +
                       " WHERE (at_ms, id) > (?1, ?2) AND at_ms < ?3" +
                       (workload ? " AND workload = ?5" : "") + " ORDER BY at_ms, id LIMIT ?4");
  if (!statement) return statement.error();
  const auto bind = [&](Statement& rows, const Cursor<int64_t>& after) {
    if (workload) {
      rows.bind(after.time, after.key, milliseconds_of(to), kPage, std::string_view(*workload));
    } else {
      rows.bind(after.time, after.key, milliseconds_of(to), kPage);
    }
  };
  const auto take_at = [&](const Statement& row, Cursor<int64_t>& cursor) {
    cursor = {row.integer(1), row.integer(0)};
    return take(row, instant_of(cursor.time));
  };
  // Ids start at 1: every row of the first millisecond comes after (from, 0).
  return page_through<Row>(*statement, Cursor<int64_t>{milliseconds_of(from), 0}, bind, take_at,
                           visit);
}

DemandRow demand_of(const Statement& row) {
  DemandRow demand;
  demand.minute = Instant(std::chrono::minutes(row.integer(0)));
  demand.workload = row.text(1);
  demand.requests_per_second = row.real(2);
  demand.p95_seconds = row.real(3);
  demand.error_ratio = row.real(4);
  demand.cpu = row.real(5);
  demand.instances = static_cast<int32_t>(row.integer(6));
  return demand;
}

}  // namespace

Result<std::vector<MemoryRow>> read_memories(Database& database) {
  Result<Statement> statement =
      database.prepare("SELECT workload, document FROM memory ORDER BY workload");
  if (!statement) return statement.error();
  std::vector<MemoryRow> memories;
  for (;;) {
    const Result<bool> row = statement->step();
    if (!row) return row.error();
    if (!*row) return memories;
    memories.push_back({statement->text(0), statement->text(1)});
  }
}

int64_t checksum_of(std::string_view bytes) {
  const auto* first = reinterpret_cast<const Bytef*>(bytes.data());
  return static_cast<int64_t>(crc32_z(crc32_z(0, nullptr, 0), first, bytes.size()));
}

Result<StoredLearned> read_learned(Database& database) {
  const Result<int64_t> there =
      database.number("SELECT count(*) FROM sqlite_master WHERE name = 'learned'");
  if (!there) return there.error();
  if (*there == 0) return StoredLearned{};  // a file of version 1, read as it is
  Result<Statement> statement = database.prepare(
      "SELECT workload, part, version, checksum, bytes FROM learned ORDER BY workload, part");
  if (!statement) return statement.error();
  StoredLearned learned;
  for (;;) {
    const Result<bool> row = statement->step();
    if (!row) return row.error();
    if (!*row) return learned;
    LearnedRow part{statement->text(0), statement->text(1),
                    static_cast<uint32_t>(statement->integer(2)), statement->text(4)};
    if (checksum_of(part.bytes) == statement->integer(3)) {
      learned.rows.push_back(std::move(part));
    } else {
      learned.damaged.push_back(part.workload + "/" + part.part);
    }
  }
}

Status read_records(Database& database, const std::optional<std::string>& workload, Instant from,
                    Instant to, const Visit<StoredRecord>& visit) {
  const auto take = [](const Statement& row, Instant at) {
    return StoredRecord{at, row.text(2), row.text(3)};
  };
  return read_by_time<StoredRecord>(database, "workload, document", "record", workload, from, to,
                                    take, visit);
}

Status read_intents(Database& database, const std::optional<std::string>& workload, Instant from,
                    Instant to, const Visit<StoredIntent>& visit) {
  const auto take = [](const Statement& row, Instant at) {
    return StoredIntent{at, {row.text(2), row.text(3), row.text(4)}};
  };
  return read_by_time<StoredIntent>(database, "workload, instance, change", "intent", workload,
                                    from, to, take, visit);
}

Status read_demand(Database& database, const std::optional<std::string>& workload, Instant from,
                   Instant to, const Visit<DemandRow>& visit) {
  Result<Statement> statement = database.prepare(
      std::string("SELECT minute, workload, requests_per_second, p95_seconds, error_ratio, cpu, "
                  "instances FROM demand WHERE (minute, workload) > (?1, ?2) AND minute < ?3") +
      (workload ? " AND workload = ?5" : "") + " ORDER BY minute, workload LIMIT ?4");
  if (!statement) return statement.error();
  const int64_t first = std::chrono::ceil<std::chrono::minutes>(from).time_since_epoch().count();
  const int64_t end = std::chrono::ceil<std::chrono::minutes>(to).time_since_epoch().count();
  const auto bind = [&](Statement& rows, const Cursor<std::string>& after) {
    if (workload) {
      rows.bind(after.time, std::string_view(after.key), end, kPage, std::string_view(*workload));
    } else {
      rows.bind(after.time, std::string_view(after.key), end, kPage);
    }
  };
  const auto take = [](const Statement& row, Cursor<std::string>& cursor) {
    DemandRow demand = demand_of(row);
    cursor = {row.integer(0), demand.workload};
    return demand;
  };
  // No workload is named "": every row of the first minute comes after it.
  return page_through<DemandRow>(*statement, Cursor<std::string>{first, ""}, bind, take, visit);
}

Status verify_all(Database& database) {
  const Result<std::string> integrity = database.word("PRAGMA integrity_check(1)");
  if (!integrity) return integrity.error();
  if (*integrity != "ok") {
    return Error{Code::kInvalid, "the journal is damaged: " + *integrity};
  }
  const Result<std::string> broken = database.word(
      "SELECT 'record ' || id || ' of ' || workload FROM record WHERE NOT json_valid(document) "
      "UNION ALL SELECT 'the memory of ' || workload FROM memory WHERE NOT json_valid(document) "
      "LIMIT 1");
  if (!broken) return broken.error();
  if (!broken->empty()) {
    return Error{Code::kInvalid, "the journal is damaged: " + *broken + " is not JSON"};
  }
  const Result<StoredLearned> learned = read_learned(database);
  if (!learned) return learned.error();
  if (!learned->damaged.empty()) {
    return Error{Code::kInvalid, "the journal is damaged: what was learned of " +
                                     learned->damaged.front() + " does not fit its checksum"};
  }
  return Done{};
}

}  // namespace autoscaler
