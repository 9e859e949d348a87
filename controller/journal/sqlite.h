#pragma once

#include "base/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <sqlite3.h>
#include <string>
#include <string_view>

namespace autoscaler {

// SQLite with owners and with errors of ours; nothing more. One connection belongs to one thread.

// What to do about a damaged file, and what is lost by it: the end of an error message.
const char* damaged_journal_remedy();

// Of a BLOB; a text is bound as such.
struct Bytes {
  std::string_view bytes;
};

// A prepared statement, used again and again. Texts that are bound must outlive the steps.
class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  // Starts it anew with all its parameters, in order.
  template <typename... Values>
  void bind(const Values&... values) {
    sqlite3_reset(statement_.get());
    int index = 0;
    (bind_one(++index, values), ...);
  }
  // True: there is a row. False: done.
  Result<bool> step();
  // For a statement without rows.
  template <typename... Values>
  Status run(const Values&... values) {
    bind(values...);
    return finish();
  }

  // Columns of the row that step() found, from 0.
  int64_t integer(int column) const;
  std::string text(int column) const;            // or the bytes of a BLOB
  std::optional<double> real(int column) const;  // nullopt: NULL

 private:
  void bind_one(int index, int64_t value);
  void bind_one(int index, std::string_view value);
  void bind_one(int index, std::optional<double> value);
  void bind_one(int index, Bytes value);
  Status finish();

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
 public:
  // Errors: kNotFound (kReadOnly, no such file), kDenied, kInvalid.
  enum class Access { kReadOnly, kCreate };
  static Result<Database> open(const std::string& path, Access access);

  Result<Statement> prepare(std::string_view sql);
  Status run(const std::string& sql);            // any number of statements, rows are ignored
  Result<int64_t> number(std::string_view sql);  // the first column of the first row
  Result<std::string> word(std::string_view sql);
  int64_t changed_rows() const { return sqlite3_changes64(connection_.get()); }
  bool in_transaction() const { return sqlite3_get_autocommit(connection_.get()) == 0; }
  // The file was moved or deleted while it was open: what is written now can never be found again.
  bool file_is_gone() const;

 private:
  template <typename Value>
  Result<Value> only(std::string_view sql, Value (*column)(const Statement&));

  struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };
  std::unique_ptr<sqlite3, Close> connection_;
};

// Everything between its making and `commit` happens, or nothing does.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Status commit();
  ~Transaction();
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;  // nullptr: committed, or moved from
};

}  // namespace autoscaler
