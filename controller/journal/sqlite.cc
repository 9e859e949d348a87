#include "controller/journal/sqlite.h"

#include <cerrno>
#include <filesystem>
#include <utility>

namespace autoscaler {
namespace {

// How long a statement waits for another connection (a person's sqlite3 shell, say) before it gives
// up: the tick must not stand still.
constexpr int kBusyMilliseconds = 50;

Code code_of(int result, int system_errno) {
  const bool full_disk = system_errno == ENOSPC || system_errno == EDQUOT;
  switch (result & 0xff) {
    case SQLITE_FULL: return Code::kExhausted;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH: return Code::kDenied;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Code::kInvalid;
    case SQLITE_IOERR:
      return full_disk || result == SQLITE_IOERR_SHMSIZE ? Code::kExhausted : Code::kUnavailable;
    case SQLITE_CANTOPEN:
      if (full_disk) return Code::kExhausted;
      if (system_errno == ENOENT || system_errno == ENOTDIR) return Code::kNotFound;
      if (system_errno == EISDIR) return Code::kInvalid;
      return Code::kDenied;
    default: return Code::kUnavailable;
  }
}

std::string remedy(Code code) {
  switch (code) {
    case Code::kExhausted: return "; free space on its file system";
    case Code::kDenied: return "; make the file and its directory writable for this user";
    case Code::kInvalid: return std::string("; ") + damaged_journal_remedy();
    default: return "";
  }
}

Error failure(sqlite3* connection) {
  const int result = sqlite3_extended_errcode(connection);
  const Code code = code_of(result, sqlite3_system_errno(connection));
  const char* file = sqlite3_db_filename(connection, "main");
  return {code, "journal " + std::string(file ? file : "") + ": " + sqlite3_errmsg(connection) +
                    remedy(code)};
}

}  // namespace

const char* damaged_journal_remedy() {
  return "move it away together with its -wal and -shm files and start again: a new one is begun. "
         "Lost are the records for replay, the learned demand and the memory of cooldowns and "
         "windows (the first scale-in waits a full window), but no instance: those are found by "
         "their own labels";
}

Result<bool> Statement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result != SQLITE_DONE) {
    Error error = failure(sqlite3_db_handle(statement_.get()));
    sqlite3_reset(statement_.get());
    return error;
  }
  sqlite3_reset(statement_.get());
  return false;
}

Status Statement::finish() {
  const Result<bool> row = step();
  if (!row) return row.error();
  CHECK(!*row);
  return Done{};
}

int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::text(int column) const {
  // SQLite's own type for bytes of UTF-8 is unsigned.
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return size > 0 ? std::string(bytes, static_cast<size_t>(size)) : std::string();
}

std::optional<double> Statement::real(int column) const {
  if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) return std::nullopt;
  return sqlite3_column_double(statement_.get(), column);
}

void Statement::bind_one(int index, int64_t value) {
  CHECK(sqlite3_bind_int64(statement_.get(), index, value) == SQLITE_OK);
}

void Statement::bind_one(int index, std::string_view value) {
  CHECK(sqlite3_bind_text64(statement_.get(), index, value.data(), value.size(), SQLITE_STATIC,
                            SQLITE_UTF8) == SQLITE_OK);
}

void Statement::bind_one(int index, std::optional<double> value) {
  const int result = value ? sqlite3_bind_double(statement_.get(), index, *value)
                           : sqlite3_bind_null(statement_.get(), index);
  CHECK(result == SQLITE_OK);
}

void Statement::bind_one(int index, Bytes value) {
  CHECK(sqlite3_bind_blob64(statement_.get(), index, value.bytes.data(), value.bytes.size(),
                            SQLITE_STATIC) == SQLITE_OK);
}

Result<Database> Database::open(const std::string& path, Access access) {
  const int flags = access == Access::kReadOnly ? SQLITE_OPEN_READONLY
                                                : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return Error{Code::kInvalid, path + " is a folder: name a file in it"};
  }
  sqlite3* connection = nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &connection,
                                     flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  CHECK(connection != nullptr);  // only out of memory leaves it so
  Database database;
  database.connection_.reset(connection);
  if (result != SQLITE_OK) {
    Error error = failure(connection);
    if (error.code == Code::kNotFound) error.message = "there is no journal at " + path;
    return error;
  }
  sqlite3_busy_timeout(connection, kBusyMilliseconds);
  return database;
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (result != SQLITE_OK) return failure(connection_.get());
  return Statement(statement);
}

Status Database::run(const std::string& sql) {
  if (sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return failure(connection_.get());
  }
  return Done{};
}

template <typename Value>
Result<Value> Database::only(std::string_view sql, Value (*column)(const Statement&)) {
  Result<Statement> statement = prepare(sql);
  if (!statement) return statement.error();
  const Result<bool> row = statement->step();
  if (!row) return row.error();
  return *row ? column(*statement) : Value{};
}

Result<int64_t> Database::number(std::string_view sql) {
  return only<int64_t>(sql, [](const Statement& row) { return row.integer(0); });
}

Result<std::string> Database::word(std::string_view sql) {
  return only<std::string>(sql, [](const Statement& row) { return row.text(0); });
}

bool Database::file_is_gone() const {
  int moved = 0;
  sqlite3_file_control(connection_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  return moved != 0;
}

Result<Transaction> Transaction::begin(Database& database) {
  // IMMEDIATE takes the write lock now: a later statement cannot find it taken half-way.
  const Status begun = database.run("BEGIN IMMEDIATE");
  if (!begun) return begun.error();
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Status Transaction::commit() {
  Status committed = database_->run("COMMIT");
  if (committed) database_ = nullptr;
  return committed;
}

Transaction::~Transaction() {
  // A full disk may have rolled it back already.
  if (database_ && database_->in_transaction()) (void)database_->run("ROLLBACK");
}

}  // namespace autoscaler
