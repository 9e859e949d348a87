#include "tests/controller/journal/journal_fixture.h"

#include <filesystem>

namespace autoscaler {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const std::string kDocument = '"' + std::string(2000, 'r') + '"';

void write_one_of_each(Journal& journal, Instant at) {
  ASSERT_OK(intend(journal, {{{"checkout", "checkout-1", "launch"}}, {}}, at));
  ASSERT_OK(journal.append(std::vector<RecordRow>{{"checkout", kDocument}},
                           std::vector<DemandRow>{{"checkout", at, 1, {}, {}, {}, 1}}, {}, at));
}

TEST_F(JournalTest, RowsLeaveWhenTheyAreOlderThanTheLimit) {
  auto journal = open({.max_age = hours(24)});
  write_one_of_each(*journal, kTen - hours(25));
  write_one_of_each(*journal, kTen - hours(24));
  write_one_of_each(*journal, kTen);
  ASSERT_OK(journal->prune(kTen));
  EXPECT_EQ(records(*journal).size(), 2u);
  EXPECT_EQ(intents(*journal).size(), 2u);
  EXPECT_EQ(demand(*journal).size(), 2u);
  ASSERT_OK(journal->prune(kTen + seconds(5)));
  EXPECT_EQ(records(*journal).size(), 1u);
}

TEST_F(JournalTest, OneCallRemovesABatchAndTheNextOnesTheRest) {
  auto journal = open({.max_age = hours(24)});
  const std::vector<RecordRow> rows(1300, RecordRow{"checkout", "{}"});
  ASSERT_OK(journal->append(rows, {}, {}, kTen - hours(30)));
  journal.reset();  // a restart forgets how many came in
  journal = open({.max_age = hours(24)});
  ASSERT_OK(journal->prune(kTen));
  EXPECT_EQ(records(*journal).size(), 800u);
  ASSERT_OK(journal->prune(kTen + seconds(5)));
  EXPECT_EQ(records(*journal).size(), 300u);
  ASSERT_OK(journal->prune(kTen + seconds(10)));
  EXPECT_EQ(records(*journal).size(), 0u);
}

TEST_F(JournalTest, ABusyControllerPrunesFasterThanItWrites) {
  auto journal = open({.max_age = minutes(1)});
  const std::vector<RecordRow> rows(1000, RecordRow{"checkout", "{}"});
  for (int tick = 0; tick < 40; ++tick) {
    const Instant now = kTen + tick * seconds(5);
    ASSERT_OK(journal->append(rows, {}, {}, now));
    ASSERT_OK(journal->prune(now));
  }
  EXPECT_EQ(records(*journal).size(), 13000u);  // the ticks of the last minute, its edge included
}

TEST_F(JournalTest, TheFileStaysNearItsSizeAndKeepsTheNewest) {
  constexpr int64_t kLimit = 4 << 20;
  auto journal = open({.max_bytes = kLimit});
  uintmax_t largest = 0;
  for (int tick = 0; tick < 400; ++tick) {
    const Instant now = kTen + tick * seconds(5);
    std::vector<RecordRow> rows(20, RecordRow{"checkout", kDocument});
    rows.back().document = std::to_string(tick);
    ASSERT_OK(journal->append(rows, std::vector<DemandRow>{{"checkout", now, 1, {}, {}, {}, 1}}, {},
                              now));
    ASSERT_OK(journal->prune(now));
    largest = std::max(largest, std::filesystem::file_size(path_));
  }
  EXPECT_LT(largest, static_cast<uintmax_t>(kLimit + (1 << 20)));  // 16 MB were written
  const auto kept = records(*journal);
  EXPECT_GE(kept.size(), 1000u);
  EXPECT_EQ(kept.back().document, "399");
  EXPECT_EQ(demand(*journal).size(), 34u);  // 400 ticks of 5 s: every minute is still there
}

TEST_F(JournalTest, DemandLeavesBySizeOnlyWhenThereIsNothingElse) {
  auto journal = open({.max_bytes = 100 << 10});
  for (int minute = 0; minute < 30; ++minute) {
    std::vector<DemandRow> rows;
    for (int w = 0; w < 200; ++w) {
      rows.push_back({"w" + std::to_string(w), kTen + minutes(minute), 1.5, 2.5, 3.5, 4.5, 1});
    }
    ASSERT_OK(journal->append({}, rows, {}, kTen + minutes(minute)));
    ASSERT_OK(journal->prune(kTen + minutes(minute)));
  }
  const auto kept = demand(*journal);
  ASSERT_FALSE(kept.empty());
  EXPECT_LT(kept.size(), 3000u);
  EXPECT_EQ(kept.back().minute, kTen + minutes(29));
}

TEST_F(JournalTest, ALimitThatWasLoweredGivesSpaceBack) {
  {
    auto journal = open();
    const std::vector<RecordRow> rows(3000, RecordRow{"checkout", kDocument});
    ASSERT_OK(journal->append(rows, {}, {}, kTen));
  }
  const auto before = std::filesystem::file_size(path_);
  {
    auto journal = open({.max_bytes = 1 << 20});
    for (int tick = 0; tick < 40; ++tick) ASSERT_OK(journal->prune(kTen + tick * seconds(5)));
    EXPECT_EQ(records(*journal).size(), 1000u);  // never fewer by size, to explain the last ones
  }
  EXPECT_LT(std::filesystem::file_size(path_), before / 2);
}

TEST_F(JournalTest, AClockThatJumpsAheadThrowsNothingAway) {
  auto journal = open({.max_age = hours(24)});
  for (int tick = 0; tick < 10; ++tick) {
    write_one_of_each(*journal, kTen + tick * minutes(1));
    ASSERT_OK(journal->prune(kTen + tick * minutes(1)));
  }
  const Instant wrong = kTen + hours(24 * 365);
  ASSERT_OK(journal->prune(wrong));
  ASSERT_OK(journal->prune(wrong + minutes(30)));
  EXPECT_EQ(records(*journal).size(), 10u);
  // Set right: nothing is gone, and ages count again.
  ASSERT_OK(journal->prune(kTen + minutes(40)));
  EXPECT_EQ(records(*journal).size(), 10u);
  ASSERT_OK(journal->prune(kTen + hours(1)));
  ASSERT_OK(journal->prune(kTen + hours(2)));
  EXPECT_EQ(records(*journal).size(), 10u);
}

TEST_F(JournalTest, AClockThatStaysAheadIsBelievedAfterAnHour) {
  auto journal = open({.max_age = hours(24)});
  write_one_of_each(*journal, kTen);
  ASSERT_OK(journal->prune(kTen));
  const Instant later = kTen + hours(48);  // the machine slept
  ASSERT_OK(journal->prune(later));
  EXPECT_EQ(records(*journal).size(), 1u);
  for (int minute = 1; minute <= 60; ++minute) ASSERT_OK(journal->prune(later + minutes(minute)));
  EXPECT_EQ(records(*journal).size(), 0u);
}

TEST_F(JournalTest, RowsFromAClockThatWasAheadStayUntilTheirTimeOrTheSizeLimit) {
  auto journal = open({.max_age = hours(24)});
  write_one_of_each(*journal, kTen + hours(24 * 365));
  write_one_of_each(*journal, kTen - hours(30));
  ASSERT_OK(journal->prune(kTen));
  const auto kept = records(*journal);
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].at, kTen + hours(24 * 365));
}

}  // namespace
}  // namespace autoscaler
