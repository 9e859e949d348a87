#pragma once

#include "controller/journal/journal.h"
#include "tests/fakes/temp_directory.h"

#include <gmock/gmock.h>

namespace autoscaler {

// 2026-11-22T10:00:00Z
inline constexpr Instant kTen{std::chrono::seconds(1795341600)};
inline constexpr Instant kBeginning{Duration(0)};
inline constexpr Instant kEnd{std::chrono::hours(24 * 365 * 200)};

inline Status intend(LoopJournal& journal, IntentPart all, Instant now) {
  return journal.intend([&] { return std::exchange(all, {}); }, now);
}

class JournalTest : public testing::Test {
 protected:
  std::unique_ptr<Journal> open(JournalLimits limits = {}) {
    Result<std::unique_ptr<Journal>> journal = Journal::open(path_, limits, false);
    if (!journal) ADD_FAILURE() << journal.error().message;
    return journal ? std::move(*journal) : nullptr;
  }

  static std::vector<StoredRecord> records(Journal& journal,
                                           const std::optional<std::string>& workload = {},
                                           Instant from = kBeginning, Instant to = kEnd) {
    std::vector<StoredRecord> rows;
    const Status read = journal.records(workload, from, to, [&](const StoredRecord& row) {
      rows.push_back(row);
      return true;
    });
    EXPECT_TRUE(read.ok()) << read.error().message;
    return rows;
  }

  static std::vector<StoredIntent> intents(Journal& journal) {
    std::vector<StoredIntent> rows;
    const Status read = journal.intents({}, kBeginning, kEnd, [&](const StoredIntent& row) {
      rows.push_back(row);
      return true;
    });
    EXPECT_TRUE(read.ok()) << read.error().message;
    return rows;
  }

  static std::vector<DemandRow> demand(Journal& journal,
                                       const std::optional<std::string>& workload = {},
                                       Instant from = kBeginning, Instant to = kEnd) {
    std::vector<DemandRow> rows;
    const Status read = journal.demand(workload, from, to, [&](const DemandRow& row) {
      rows.push_back(row);
      return true;
    });
    EXPECT_TRUE(read.ok()) << read.error().message;
    return rows;
  }

  static std::vector<std::string> documents(const std::vector<StoredRecord>& rows) {
    std::vector<std::string> documents;
    for (const StoredRecord& row : rows) documents.push_back(row.document);
    return documents;
  }

  TempDirectory directory_;
  std::string path_ = directory_ / "autoscaler.db";
};

#define ASSERT_OK(status)                           \
  do {                                              \
    const auto& done = (status);                    \
    ASSERT_TRUE(done.ok()) << done.error().message; \
  } while (false)

}  // namespace autoscaler
