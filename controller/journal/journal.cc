#include "controller/journal/journal.h"

#include "base/file_lock.h"
#include "controller/journal/reading.h"
#include "controller/journal/retention.h"
#include "controller/journal/schema.h"

#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

namespace autoscaler {
namespace {

// What the start depends on is checked then; the rest of the file by `verify`, which reads it all.
constexpr const char* kCheckMemory = "PRAGMA quick_check('memory')";

// The WAL shrinks back to 16 MiB after a burst; sorting never needs a file in /tmp; what is written
// once and seldom read has 512 KiB of pages, and not 2 MiB.
constexpr const char* kSettings =
    "PRAGMA journal_size_limit = 16777216; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -512";

// FULL: fsync at each commit. NORMAL: at checkpoints, so that a tick's records cost no fsync.
enum class Durability { kNormal, kFull };

// What only a controller that writes has.
struct Writer {
  Retention retention;
  Statement intent, record, demand, memory, learned;
};

Status prepare_writes(Database& database, Writer& writer) {
  const std::pair<Statement*, const char*> statements[] = {
      {&writer.intent,
       "INSERT INTO intent (at_ms, workload, instance, change) VALUES (?1, ?2, ?3, ?4)"},
      {&writer.record, "INSERT INTO record (at_ms, workload, document) VALUES (?1, ?2, ?3)"},
      {&writer.demand,
       // A minute in which the controller was started again is in two parts; max(1, NULL) is NULL.
       "INSERT INTO demand (minute, workload, requests_per_second, p95_seconds, error_ratio, cpu, "
       "instances) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
       "ON CONFLICT (minute, workload) DO UPDATE SET "
       "requests_per_second = coalesce(max(requests_per_second, excluded.requests_per_second), "
       "requests_per_second, excluded.requests_per_second), "
       "p95_seconds = coalesce(excluded.p95_seconds, p95_seconds), "
       "error_ratio = coalesce(excluded.error_ratio, error_ratio), "
       "cpu = coalesce(excluded.cpu, cpu), instances = excluded.instances"},
      {&writer.memory, "INSERT OR REPLACE INTO memory (workload, document) VALUES (?1, ?2)"},
      {&writer.learned,
       "INSERT OR REPLACE INTO learned (workload, part, at_ms, version, checksum, bytes) "
       "VALUES (?1, ?2, ?3, ?4, ?5, ?6)"},
  };
  for (const auto& [statement, sql] : statements) {
    Result<Statement> prepared = database.prepare(sql);
    if (!prepared) return prepared.error();
    *statement = std::move(*prepared);
  }
  return Done{};
}

// A lock beside the file that the name leads to, so that a symbolic link is no second journal.
std::string lock_path(const std::string& path) {
  std::error_code ignored;
  const std::filesystem::path real = std::filesystem::weakly_canonical(path, ignored);
  return (real.empty() ? path : real.string()) + ".lock";
}

}  // namespace

struct Journal::Impl {
  Impl(std::optional<FileLock> held, Database opened, std::string name)
      : lock(std::move(held)), database(std::move(opened)), path(std::move(name)) {}

  Status make_ready(Durability wanted);
  Result<Transaction> begin(Durability wanted);
  Status write_memories(std::span<const MemoryRow> memories);

  std::optional<FileLock> lock;  // first, so that it is let go of last
  Database database;
  std::string path;
  std::optional<Writer> writer;          // nullopt: read-only
  std::optional<Durability> durability;  // nullopt: not set yet
};

Journal::Journal() = default;
Journal::~Journal() = default;

Result<std::unique_ptr<Journal>> Journal::open(const std::string& path, JournalLimits limits,
                                               bool dry_run) {
  Result<FileLock> lock = FileLock::acquire(lock_path(path), "controller.journal");
  if (!lock) return lock.error();
  Result<Database> opened = Database::open(path, Database::Access::kCreate);
  if (!opened) return opened.error();
  const JournalKind kind = dry_run ? JournalKind::kDryRun : JournalKind::kLive;
  if (Status ready = prepare_for_writing(*opened, path, kind, journal_migrations()); !ready) {
    return ready.error();
  }
  if (Status set = opened->run(kSettings); !set) return set.error();
  const Result<std::string> check = opened->word(kCheckMemory);
  if (!check) return check.error();
  if (*check != "ok") {
    return Error{Code::kInvalid,
                 "journal " + path + " is damaged (" + *check + "); " + damaged_journal_remedy()};
  }
  Result<Retention> retention = Retention::prepare(*opened, limits);
  if (!retention) return retention.error();

  std::unique_ptr<Journal> journal(new Journal);
  journal->impl_ = std::make_unique<Impl>(std::move(*lock), std::move(*opened), path);
  journal->impl_->writer.emplace(Writer{std::move(*retention), {}, {}, {}, {}, {}});
  if (Status done = prepare_writes(journal->impl_->database, *journal->impl_->writer); !done) {
    return done.error();
  }
  return journal;
}

namespace {

// An empty file is one too; one that cannot be read is SQLite's to tell of.
bool begins_as_database(const std::string& path) {
  static constexpr std::string_view kMagic = "SQLite format 3";
  std::ifstream file(path, std::ios::binary);
  char start[kMagic.size()];
  file.read(start, sizeof start);
  return file.gcount() == 0 ||
         std::string_view(start, static_cast<size_t>(file.gcount())) == kMagic;
}

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open_read_only(const std::string& path) {
  if (!begins_as_database(path)) {
    return Error{Code::kInvalid,
                 path + " is no journal: name the file that controller.journal names"};
  }
  Result<Database> opened = Database::open(path, Database::Access::kReadOnly);
  if (!opened) return opened.error();
  if (Status good = check_for_reading(*opened, path, journal_migrations(), kReadableSince); !good) {
    return good.error();
  }
  std::unique_ptr<Journal> journal(new Journal);
  journal->impl_ = std::make_unique<Impl>(std::nullopt, std::move(*opened), path);
  return journal;
}

Status Journal::Impl::make_ready(Durability wanted) {
  CHECK(writer);  // a read-only journal is never written
  if (database.file_is_gone()) {
    return Error{Code::kUnavailable, "journal " + path +
                                         " was moved or removed while in use; restart the "
                                         "controller to begin a new one"};
  }
  if (durability != wanted) {
    const char* pragma =
        wanted == Durability::kFull ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL";
    if (Status set = database.run(pragma); !set) return set.error();
    durability = wanted;
  }
  return Done{};
}

Result<Transaction> Journal::Impl::begin(Durability wanted) {
  if (Status ready = make_ready(wanted); !ready) return ready.error();
  return Transaction::begin(database);
}

Status Journal::Impl::write_memories(std::span<const MemoryRow> memories) {
  for (const MemoryRow& memory : memories) {
    Status done =
        writer->memory.run(std::string_view(memory.workload), std::string_view(memory.document));
    if (!done) return done;
  }
  return Done{};
}

Status Journal::intend(const std::function<IntentPart()>& next, Instant now) {
  Result<Transaction> transaction = impl_->begin(Durability::kFull);
  if (!transaction) return transaction.error();
  size_t rows = 0;
  for (IntentPart part = next(); !part.intents.empty(); part = next()) {
    for (const IntentRow& intent : part.intents) {
      Status done = impl_->writer->intent.run(
          milliseconds_of(now), std::string_view(intent.workload),
          std::string_view(intent.instance), std::string_view(intent.change));
      if (!done) return done;
    }
    if (Status done = impl_->write_memories(part.memories); !done) return done;
    rows += part.intents.size();
  }
  if (Status done = transaction->commit(); !done) return done;
  impl_->writer->retention.rows_came_in(rows);
  return Done{};
}

Status Journal::append(std::span<const RecordRow> records, std::span<const DemandRow> demand,
                       std::span<const MemoryRow> memories, Instant now) {
  Result<Transaction> transaction = impl_->begin(Durability::kNormal);
  if (!transaction) return transaction.error();
  for (const RecordRow& record : records) {
    Status done = impl_->writer->record.run(milliseconds_of(now), std::string_view(record.workload),
                                            std::string_view(record.document));
    if (!done) return done;
  }
  for (const DemandRow& row : demand) {
    const int64_t minute =
        std::chrono::floor<std::chrono::minutes>(row.minute).time_since_epoch().count();
    Status done = impl_->writer->demand.run(minute, std::string_view(row.workload),
                                            row.requests_per_second, row.p95_seconds,
                                            row.error_ratio, row.cpu, int64_t{row.instances});
    if (!done) return done;
  }
  if (Status done = impl_->write_memories(memories); !done) return done;
  if (Status done = transaction->commit(); !done) return done;
  impl_->writer->retention.rows_came_in(records.size() + demand.size());
  return Done{};
}

Status Journal::checkpoint(std::span<const LearnedRow> learned, Instant now) {
  Result<Transaction> transaction = impl_->begin(Durability::kNormal);
  if (!transaction) return transaction.error();
  for (const LearnedRow& row : learned) {
    Status done = impl_->writer->learned.run(
        std::string_view(row.workload), std::string_view(row.part), milliseconds_of(now),
        int64_t{row.version}, checksum_of(row.bytes), Bytes{row.bytes});
    if (!done) return done;
  }
  return transaction->commit();
}

Status Journal::prune(Instant now) {
  if (Status ready = impl_->make_ready(Durability::kNormal); !ready) return ready;
  return impl_->writer->retention.prune(impl_->database, now);
}

Result<std::vector<MemoryRow>> Journal::memories() {
  return read_memories(impl_->database);
}

Result<StoredLearned> Journal::learned() {
  return read_learned(impl_->database);
}

Status Journal::records(const std::optional<std::string>& workload, Instant from, Instant to,
                        const std::function<bool(const StoredRecord&)>& visit) {
  return read_records(impl_->database, workload, from, to, visit);
}

Status Journal::intents(const std::optional<std::string>& workload, Instant from, Instant to,
                        const std::function<bool(const StoredIntent&)>& visit) {
  return read_intents(impl_->database, workload, from, to, visit);
}

Status Journal::demand(const std::optional<std::string>& workload, Instant from, Instant to,
                       const std::function<bool(const DemandRow&)>& visit) {
  return read_demand(impl_->database, workload, from, to, visit);
}

Status Journal::verify() {
  return verify_all(impl_->database);
}

}  // namespace autoscaler
