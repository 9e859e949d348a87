#include "tests/controller/journal/journal_fixture.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <unistd.h>

namespace autoscaler {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(JournalTest, WhatWasWrittenIsThereAfterARestart) {
  {
    auto journal = open();
    ASSERT_OK(intend(*journal,
                     {{{"checkout", "checkout-1", "launch"}}, {{"checkout", R"({"next": 2})"}}},
                     kTen));
    ASSERT_OK(journal->append(std::vector<RecordRow>{{"checkout", R"({"to": 3})"}},
                              std::vector<DemandRow>{{"checkout", kTen, 120.5, 0.25, {}, 0.75, 3}},
                              std::vector<MemoryRow>{{"cart", "{}"}}, kTen + seconds(5)));
  }
  auto journal = open();
  const auto intended = intents(*journal);
  ASSERT_EQ(intended.size(), 1u);
  EXPECT_EQ(intended[0].at, kTen);
  EXPECT_EQ(intended[0].intent.workload, "checkout");
  EXPECT_EQ(intended[0].intent.instance, "checkout-1");
  EXPECT_EQ(intended[0].intent.change, "launch");

  const auto recorded = records(*journal);
  ASSERT_EQ(recorded.size(), 1u);
  EXPECT_EQ(recorded[0].at, kTen + seconds(5));
  EXPECT_EQ(recorded[0].document, R"({"to": 3})");

  const auto demanded = demand(*journal);
  ASSERT_EQ(demanded.size(), 1u);
  EXPECT_EQ(demanded[0].minute, kTen);
  EXPECT_EQ(demanded[0].requests_per_second, 120.5);
  EXPECT_EQ(demanded[0].p95_seconds, 0.25);
  EXPECT_EQ(demanded[0].error_ratio, std::nullopt);
  EXPECT_EQ(demanded[0].cpu, 0.75);
  EXPECT_EQ(demanded[0].instances, 3);

  const auto memories = journal->memories();
  ASSERT_OK(memories);
  ASSERT_EQ(memories->size(), 2u);
  EXPECT_EQ((*memories)[0].workload, "cart");
  EXPECT_EQ((*memories)[1].document, R"({"next": 2})");
  ASSERT_OK(journal->verify());
}

TEST_F(JournalTest, AMemoryIsReplacedAndDocumentsKeepEveryByte) {
  auto journal = open();
  const std::string document = "{\"text\": \"\xc3\xa4 'quoted' \\u0000 \\\"x\\\"\"}";
  ASSERT_OK(journal->append({}, {}, std::vector<MemoryRow>{{"checkout", "{}"}}, kTen));
  ASSERT_OK(journal->append({}, {}, std::vector<MemoryRow>{{"checkout", document}}, kTen));
  const auto memories = journal->memories();
  ASSERT_OK(memories);
  ASSERT_EQ(memories->size(), 1u);
  EXPECT_EQ((*memories)[0].document, document);
}

TEST_F(JournalTest, DemandHasOneRowForAWorkloadAndMinute) {
  auto journal = open();
  const auto write = [&](const std::string& workload, Instant at, double rps) {
    ASSERT_OK(
        journal->append({}, std::vector<DemandRow>{{workload, at, rps, {}, {}, {}, 1}}, {}, at));
  };
  write("checkout", kTen + seconds(5), 10);
  write("checkout", kTen + seconds(59), 20);
  write("cart", kTen + seconds(59), 5);
  write("checkout", kTen + seconds(60), 30);
  const auto rows = demand(*journal, "checkout");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].minute, kTen);
  EXPECT_EQ(rows[0].requests_per_second, 20);
  EXPECT_EQ(rows[1].minute, kTen + minutes(1));
  EXPECT_EQ(demand(*journal).size(), 3u);
  EXPECT_EQ(demand(*journal, {}, kTen + minutes(1)).size(), 1u);
  EXPECT_EQ(demand(*journal, {}, kTen, kTen + minutes(1)).size(), 2u);
}

TEST_F(JournalTest, DemandOfAMinuteInTwoPartsIsTheirMaximumAndWhatEitherKnows) {
  auto journal = open();
  const auto write = [&](std::optional<double> rps, std::optional<double> p95, int32_t instances) {
    ASSERT_OK(journal->append(
        {}, std::vector<DemandRow>{{"checkout", kTen, rps, p95, {}, {}, instances}}, {}, kTen));
  };
  write(std::nullopt, 0.25, 1);
  write(20, std::nullopt, 2);
  write(10, std::nullopt, 3);
  write(std::nullopt, std::nullopt, 4);
  const auto rows = demand(*journal);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].requests_per_second, 20);
  EXPECT_EQ(rows[0].p95_seconds, 0.25);
  EXPECT_EQ(rows[0].instances, 4);
}

TEST_F(JournalTest, RecordsComeOldestFirstFromOneWorkloadOrAllWithinTheRange) {
  auto journal = open();
  const auto write = [&](const std::string& workload, int second, const std::string& document) {
    ASSERT_OK(journal->append(std::vector<RecordRow>{{workload, document}}, {}, {},
                              kTen + seconds(second)));
  };
  write("cart", 10, "1");
  write("checkout", 10, "2");
  write("cart", 5, "3");  // the clock was set back
  write("cart", 20, "4");
  EXPECT_THAT(documents(records(*journal)), ElementsAre("3", "1", "2", "4"));
  EXPECT_THAT(documents(records(*journal, "cart")), ElementsAre("3", "1", "4"));
  EXPECT_THAT(documents(records(*journal, {}, kTen + seconds(10), kTen + seconds(20))),
              ElementsAre("1", "2"));
  EXPECT_THAT(documents(records(*journal, "")), IsEmpty());
}

TEST_F(JournalTest, ManyRowsOfOneInstantAreReadOnceEachAndAVisitorMayStop) {
  auto journal = open();
  std::vector<RecordRow> rows;
  std::vector<std::string> expected;
  for (int i = 0; i < 1700; ++i) {
    rows.push_back({i % 2 ? "cart" : "checkout", std::to_string(i)});
    expected.push_back(std::to_string(i));
  }
  ASSERT_OK(journal->append(rows, {}, {}, kTen));
  EXPECT_EQ(documents(records(*journal)), expected);
  EXPECT_EQ(records(*journal, "cart").size(), 850u);
  int seen = 0;
  ASSERT_OK(
      journal->records({}, kBeginning, kEnd, [&](const StoredRecord&) { return ++seen < 501; }));
  EXPECT_EQ(seen, 501);
}

TEST_F(JournalTest, ManyDemandRowsAreReadOnceEach) {
  auto journal = open();
  std::vector<DemandRow> rows;
  for (int i = 0; i < 1300; ++i) {
    rows.push_back({"w" + std::to_string(i), kTen, 1.0 * i, {}, {}, {}, i});
  }
  ASSERT_OK(journal->append({}, rows, {}, kTen));
  EXPECT_EQ(demand(*journal).size(), 1300u);
}

TEST_F(JournalTest, AReaderSeesWhatTheWriterCommitsWhileBothAreOpen) {
  auto journal = open();
  ASSERT_OK(journal->append(std::vector<RecordRow>{{"checkout", "1"}}, {}, {}, kTen));
  auto reader = Journal::open_read_only(path_);
  ASSERT_OK(reader);
  EXPECT_THAT(documents(records(**reader)), ElementsAre("1"));
  ASSERT_OK((*reader)->records({}, kBeginning, kEnd, [&](const StoredRecord&) {
    // In the middle of a visit the writer is not held back.
    EXPECT_TRUE(journal->append(std::vector<RecordRow>{{"checkout", "2"}}, {}, {}, kTen).ok());
    return false;
  }));
  EXPECT_THAT(documents(records(**reader)), ElementsAre("1", "2"));
  ASSERT_OK((*reader)->verify());
}

TEST_F(JournalTest, ASecondControllerIsRefusedByTheNameOfTheFirst) {
  auto journal = open();
  const auto second = Journal::open(path_, {}, false);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, Code::kConflict);
  EXPECT_THAT(second.error().message, HasSubstr("pid " + std::to_string(getpid())));

  // Nor does another name of the same file let it in.
  std::filesystem::create_symlink(path_, directory_ / "link.db");
  EXPECT_FALSE(Journal::open(directory_ / "link.db", {}, false).ok());

  journal.reset();
  EXPECT_TRUE(Journal::open(path_, {}, false).ok());
}

TEST_F(JournalTest, TheLockOfAControllerThatWasKilledIsGone) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that fails leaves nothing running
    const auto journal = Journal::open(path_, {}, false);
    const char mark = journal.ok() ? 'y' : 'n';
    if (write(ready[1], &mark, 1) != 1) _exit(1);
    for (;;) pause();
  }
  char mark = 0;
  ASSERT_EQ(read(ready[0], &mark, 1), 1);
  EXPECT_EQ(mark, 'y');
  const auto refused = Journal::open(path_, {}, false);
  EXPECT_TRUE(!refused.ok() &&
              refused.error().message.find(std::to_string(child)) != std::string::npos);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(Journal::open(path_, {}, false).ok());
  close(ready[0]);
  close(ready[1]);
}

TEST_F(JournalTest, ADryJournalIsNeverUsedLiveNorALiveOneDry) {
  open().reset();
  const auto dry = Journal::open(path_, {}, true);
  ASSERT_FALSE(dry.ok());
  EXPECT_EQ(dry.error().code, Code::kConflict);
  EXPECT_THAT(dry.error().message, HasSubstr("live run"));

  const std::string other = directory_ / "dry.db";
  ASSERT_TRUE(Journal::open(other, {}, true).ok());
  const auto live = Journal::open(other, {}, false);
  ASSERT_FALSE(live.ok());
  EXPECT_EQ(live.error().code, Code::kConflict);
  EXPECT_THAT(live.error().message, HasSubstr("dry run"));
  EXPECT_TRUE(Journal::open_read_only(other).ok());
}

TEST_F(JournalTest, AJournalRemovedUnderTheControllerIsNoticed) {
  auto journal = open();
  ASSERT_OK(journal->append(std::vector<RecordRow>{{"checkout", "1"}}, {}, {}, kTen));
  std::filesystem::remove(path_);
  const Status lost = intend(*journal, {}, kTen);
  ASSERT_FALSE(lost.ok());
  EXPECT_EQ(lost.error().code, Code::kUnavailable);
  EXPECT_THAT(lost.error().message, HasSubstr("restart"));
}

}  // namespace
}  // namespace autoscaler
