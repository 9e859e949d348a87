#pragma once

#include "controller/journal/sqlite.h"

#include <span>

namespace autoscaler {

// What the file is, kept in SQLite's application_id, so that no other program's database, nor the
// journal of a dry run, is ever taken for a live one.
enum class JournalKind : int32_t {
  kLive = 0x61736a6c,    // "asjl"
  kDryRun = 0x61736a64,  // "asjd"
};

// migrations[i] takes a file from schema version i (PRAGMA user_version) to i + 1. Append only.
std::span<const char* const> journal_migrations();

// Brings a new or older file to the newest version, in one transaction.
// Errors: kInvalid (not a journal, newer than this program, damaged), kConflict (the other kind).
Status prepare_for_writing(Database& database, const std::string& path, JournalKind kind,
                           std::span<const char* const> migrations);
// The same checks for a reader, who changes nothing: a version before `oldest` is refused too.
Status check_for_reading(Database& database, const std::string& path,
                         std::span<const char* const> migrations, int64_t oldest);
// What readers ask for is the same since this version; what came later, they do without.
inline constexpr int64_t kReadableSince = 1;

}  // namespace autoscaler
