#include "controller/journal/schema.h"
#include "tests/controller/journal/journal_fixture.h"

#include <filesystem>
#include <fstream>

namespace autoscaler {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::unique_ptr<Database> raw(const std::string& path) {
  auto database = Database::open(path, Database::Access::kCreate);
  CHECK(database.ok());
  return std::make_unique<Database>(std::move(*database));
}

void overwrite(const std::string& path, std::streamoff offset, size_t size) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(offset);
  file << std::string(size, '\x5a');
}

Error refused(const Result<std::unique_ptr<Journal>>& journal) {
  EXPECT_FALSE(journal.ok());
  return journal.ok() ? Error{} : journal.error();
}

TEST_F(JournalTest, AFileThatIsNoDatabaseIsRefusedWithTheRemedyAndTheLoss) {
  std::ofstream(path_) << std::string(5000, 'x');
  const Error opened = refused(Journal::open(path_, {}, false));
  EXPECT_EQ(opened.code, Code::kInvalid);
  EXPECT_THAT(opened.message, AllOf(HasSubstr(path_), HasSubstr("move it away"),
                                    HasSubstr("Lost are"), HasSubstr("no instance")));
  for (const char* content : {"x", "a text that is longer than the magic of a database"}) {
    std::ofstream(path_, std::ios::trunc) << content;
    const Error read = refused(Journal::open_read_only(path_));
    EXPECT_EQ(read.code, Code::kInvalid);
    EXPECT_THAT(read.message,
                AllOf(HasSubstr(path_), HasSubstr("no journal"), Not(HasSubstr("move it away"))));
  }
}

TEST_F(JournalTest, DamageInTheMemoriesIsFoundAtTheStart) {
  {
    auto journal = open();
    std::vector<MemoryRow> memories;
    for (int i = 0; i < 200; ++i) {
      memories.push_back({"w" + std::to_string(i), '"' + std::string(500, 'm') + '"'});
    }
    ASSERT_OK(journal->append({}, {}, memories, kTen));
  }
  // Its last page is a leaf of that table, the only one with rows.
  overwrite(path_, static_cast<std::streamoff>(std::filesystem::file_size(path_)) - 4096, 4096);
  const Error error = refused(Journal::open(path_, {}, false));
  EXPECT_EQ(error.code, Code::kInvalid);
  EXPECT_THAT(error.message, HasSubstr("move it away"));
}

TEST_F(JournalTest, DamageElsewhereIsFoundByVerify) {
  {
    auto journal = open();
    std::vector<RecordRow> rows(400, RecordRow{"checkout", '"' + std::string(500, 'r') + '"'});
    ASSERT_OK(journal->append(rows, {}, {}, kTen));
    ASSERT_OK(journal->verify());
  }
  overwrite(path_, static_cast<std::streamoff>(std::filesystem::file_size(path_)) / 2, 8192);
  auto reader = Journal::open_read_only(path_);
  ASSERT_OK(reader);
  const Status verified = (*reader)->verify();
  ASSERT_FALSE(verified.ok());
  EXPECT_EQ(verified.error().code, Code::kInvalid);
}

TEST_F(JournalTest, ADocumentThatIsNoJsonIsFoundByVerify) {
  auto journal = open();
  ASSERT_OK(
      journal->append(std::vector<RecordRow>{{"cart", "{}"}, {"checkout", "{"}}, {}, {}, kTen));
  const Status verified = journal->verify();
  ASSERT_FALSE(verified.ok());
  EXPECT_EQ(verified.error().code, Code::kInvalid);
  EXPECT_THAT(verified.error().message, HasSubstr("record 2 of checkout"));
}

TEST_F(JournalTest, ADatabaseOfAnotherProgramIsRefusedAndLeftAsItWas) {
  ASSERT_OK(raw(path_)->run("CREATE TABLE theirs (x); PRAGMA user_version = 7"));
  const auto size = std::filesystem::file_size(path_);
  const Error error = refused(Journal::open(path_, {}, false));
  EXPECT_EQ(error.code, Code::kInvalid);
  EXPECT_THAT(error.message, HasSubstr("another program"));
  EXPECT_EQ(std::filesystem::file_size(path_), size);
  EXPECT_EQ(*raw(path_)->word("PRAGMA journal_mode"), "delete");
}

TEST_F(JournalTest, ANewerSchemaIsRefusedWithTheRemedy) {
  open().reset();
  ASSERT_OK(raw(path_)->run("PRAGMA user_version = 99"));
  for (const auto& error :
       {refused(Journal::open(path_, {}, false)), refused(Journal::open_read_only(path_))}) {
    EXPECT_EQ(error.code, Code::kInvalid);
    EXPECT_THAT(error.message, AllOf(HasSubstr("schema version 99"), HasSubstr("newer autoscaler"),
                                     HasSubstr("move the file away")));
  }
}

TEST_F(JournalTest, WhatIsNotThereIsSaid) {
  const Error no_file = refused(Journal::open_read_only(path_));
  EXPECT_EQ(no_file.code, Code::kNotFound);
  EXPECT_THAT(no_file.message, HasSubstr(path_));
  EXPECT_FALSE(std::filesystem::exists(path_));
  const Error no_directory = refused(Journal::open(directory_ / "none/a.db", {}, false));
  EXPECT_EQ(no_directory.code, Code::kNotFound);
  std::filesystem::create_directory(directory_ / "folder");
  EXPECT_EQ(refused(Journal::open(directory_ / "folder", {}, false)).code, Code::kInvalid);
}

TEST_F(JournalTest, AFileWhoseMakingWasCutOffIsBegunAnew) {
  std::ofstream(path_).flush();
  EXPECT_NE(open(), nullptr);
  // Killed after the first header was written, before any table.
  const std::string half = directory_ / "half.db";
  ASSERT_OK(raw(half)->run("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL"));
  EXPECT_TRUE(Journal::open(half, {}, false).ok());
}

// A file as an older program left it: version 1 of a schema that has three by now.
constexpr const char* kOldSchema = "CREATE TABLE memory (name TEXT, document TEXT)";
constexpr const char* kAddsColumn =
    "ALTER TABLE memory ADD COLUMN note TEXT; UPDATE memory SET note = 'was ' || name";
constexpr const char* kRenames = "ALTER TABLE memory RENAME COLUMN name TO workload";

TEST_F(JournalTest, AnOlderFileIsBroughtForwardWithItsRows) {
  const std::vector<const char*> one = {kOldSchema};
  const std::vector<const char*> three = {kOldSchema, kAddsColumn, kRenames};
  {
    auto database = raw(path_);
    ASSERT_OK(prepare_for_writing(*database, path_, JournalKind::kLive, one));
    ASSERT_OK(database->run("INSERT INTO memory VALUES ('checkout', '{}')"));
  }
  const Status too_old = check_for_reading(*raw(path_), path_, three, 2);
  ASSERT_FALSE(too_old.ok());
  EXPECT_THAT(too_old.error().message, HasSubstr("older schema version 1"));

  auto database = raw(path_);
  for (int time = 0; time < 2; ++time) {  // the second time there is nothing to do
    ASSERT_OK(prepare_for_writing(*database, path_, JournalKind::kLive, three));
    EXPECT_EQ(*database->number("PRAGMA user_version"), 3);
    EXPECT_EQ(*database->word("SELECT workload || note FROM memory"), "checkoutwas checkout");
  }
}

TEST_F(JournalTest, AFileOfTheFirstVersionIsReadAsItIs) {
  ASSERT_OK(
      prepare_for_writing(*raw(path_), path_, JournalKind::kLive, journal_migrations().first(1)));
  const auto journal = Journal::open_read_only(path_);
  ASSERT_TRUE(journal.ok()) << journal.error().message;
  EXPECT_TRUE((*journal)->memories().ok());
  EXPECT_TRUE((*journal)->learned()->rows.empty());
  ASSERT_OK((*journal)->verify());
}

TEST_F(JournalTest, AMigrationThatFailsHalfWayChangesNothing) {
  const std::vector<const char*> one = {kOldSchema};
  const std::vector<const char*> broken = {kOldSchema, kAddsColumn, "ALTER TABLE none RENAME TO x"};
  auto database = raw(path_);
  ASSERT_OK(prepare_for_writing(*database, path_, JournalKind::kLive, one));
  EXPECT_FALSE(prepare_for_writing(*database, path_, JournalKind::kLive, broken).ok());
  EXPECT_EQ(*database->number("PRAGMA user_version"), 1);
  EXPECT_EQ(*database->number("SELECT count(*) FROM pragma_table_info('memory')"), 2);
}

TEST_F(JournalTest, EveryMigrationOfOursRunsOnTheOneBefore) {
  for (size_t version = 1; version <= journal_migrations().size(); ++version) {
    const std::string path = directory_ / ("v" + std::to_string(version));
    ASSERT_OK(prepare_for_writing(*raw(path), path, JournalKind::kLive,
                                  journal_migrations().first(version)));
    EXPECT_TRUE(Journal::open(path, {}, false).ok());
  }
}

}  // namespace
}  // namespace autoscaler
