#include "controller/journal/schema.h"

namespace autoscaler {
namespace {

// Times are milliseconds since 1970, but for demand: it is kept for long, one row per workload and
// minute, so its key is the minute since 1970 and it has no row id.
constexpr const char* kVersion1 = R"(
  CREATE TABLE intent (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    workload TEXT NOT NULL,
    instance TEXT NOT NULL,
    change TEXT NOT NULL
  ) STRICT;
  CREATE INDEX intent_at ON intent (at_ms);

  CREATE TABLE record (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    workload TEXT NOT NULL,
    document TEXT NOT NULL
  ) STRICT;
  CREATE INDEX record_at ON record (at_ms);
  CREATE INDEX record_workload_at ON record (workload, at_ms);

  CREATE TABLE demand (
    minute INTEGER NOT NULL,
    workload TEXT NOT NULL,
    requests_per_second REAL,
    p95_seconds REAL,
    error_ratio REAL,
    cpu REAL,
    instances INTEGER NOT NULL,
    PRIMARY KEY (minute, workload)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE memory (
    workload TEXT PRIMARY KEY,
    document TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
)";

// `checksum` is the CRC-32 of `bytes`.
constexpr const char* kVersion2 = R"(
  CREATE TABLE learned (
    workload TEXT NOT NULL,
    part TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    version INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (workload, part)
  ) STRICT;
)";

constexpr const char* kMigrations[] = {kVersion1, kVersion2};

struct Identity {
  int64_t application = 0;
  int64_t version = 0;
  bool empty = false;  // no table yet: new, or its making was cut off
};

Result<Identity> identify(Database& database) {
  const Result<int64_t> tables = database.number("SELECT count(*) FROM sqlite_master");
  if (!tables) return tables.error();
  const Result<int64_t> application = database.number("PRAGMA application_id");
  if (!application) return application.error();
  const Result<int64_t> version = database.number("PRAGMA user_version");
  if (!version) return version.error();
  return Identity{*application, *version, *tables == 0};
}

bool is_journal(const Identity& found) {
  return found.application == static_cast<int64_t>(JournalKind::kLive) ||
         found.application == static_cast<int64_t>(JournalKind::kDryRun);
}

Error not_a_journal(const std::string& path) {
  return {Code::kInvalid, path +
                              " is a database of another program, not a journal of autoscaler; set "
                              "controller.journal to another file"};
}

Error too_new(const std::string& path, const Identity& found, size_t known) {
  return {Code::kInvalid,
          "journal " + path + " has schema version " + std::to_string(found.version) +
              ", this program knows versions up to " + std::to_string(known) +
              "; run the newer autoscaler that wrote it, or move the file away to begin a new one"};
}

Error other_kind(const std::string& path, JournalKind wanted) {
  const bool live = wanted == JournalKind::kLive;
  return {Code::kConflict, "journal " + path + " belongs to a " + (live ? "dry" : "live") +
                               " run and is never used for a " + (live ? "live" : "dry") +
                               " one; set another controller.journal"};
}

Status migrate(Database& database, JournalKind kind, int64_t from,
               std::span<const char* const> migrations) {
  Result<Transaction> transaction = Transaction::begin(database);
  if (!transaction) return transaction.error();
  for (size_t version = static_cast<size_t>(from); version < migrations.size(); ++version) {
    if (Status done = database.run(migrations[version]); !done) return done;
  }
  const std::string marks =
      "PRAGMA application_id = " + std::to_string(static_cast<int32_t>(kind)) +
      "; PRAGMA user_version = " + std::to_string(migrations.size());
  if (Status done = database.run(marks); !done) return done;
  return transaction->commit();
}

}  // namespace

std::span<const char* const> journal_migrations() {
  return kMigrations;
}

Status prepare_for_writing(Database& database, const std::string& path, JournalKind kind,
                           std::span<const char* const> migrations) {
  const Result<Identity> found = identify(database);
  if (!found) return found.error();
  const bool is_new = found->empty && found->application == 0 && found->version == 0;
  if (!is_new && !is_journal(*found)) return not_a_journal(path);
  if (!is_new && found->application != static_cast<int64_t>(kind)) return other_kind(path, kind);
  if (found->version > static_cast<int64_t>(migrations.size())) {
    return too_new(path, *found, migrations.size());
  }
  if (is_new) {
    // Only an empty file takes this: it lets `prune` give pages back to the file system.
    if (Status done = database.run("PRAGMA auto_vacuum = INCREMENTAL"); !done) return done;
  }
  const Result<std::string> mode = database.word("PRAGMA journal_mode = WAL");
  if (!mode) return mode.error();
  if (*mode != "wal") {
    return Error{Code::kInvalid, "journal " + path +
                                     ": its file system has no shared memory for SQLite's WAL "
                                     "(a network mount?); set controller.journal to a local disk"};
  }
  if (found->version == static_cast<int64_t>(migrations.size())) return Done{};
  return migrate(database, kind, found->version, migrations);
}

Status check_for_reading(Database& database, const std::string& path,
                         std::span<const char* const> migrations, int64_t oldest) {
  const Result<Identity> found = identify(database);
  if (!found) return found.error();
  if (!is_journal(*found)) return not_a_journal(path);
  const auto known = static_cast<int64_t>(migrations.size());
  if (found->version > known) return too_new(path, *found, migrations.size());
  if (found->version < oldest) {
    return Error{Code::kInvalid, "journal " + path + " has the older schema version " +
                                     std::to_string(found->version) +
                                     "; start the controller on it once, which brings it to " +
                                     std::to_string(known)};
  }
  return Done{};
}

}  // namespace autoscaler
