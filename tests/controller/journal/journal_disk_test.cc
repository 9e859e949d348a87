#include "controller/journal/sqlite.h"
#include "tests/controller/journal/journal_fixture.h"
#include "tests/fakes/small_disk.h"

#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sched.h>
#include <unistd.h>

namespace {
std::atomic<int> syncs{0};
std::atomic<bool> disk_is_full{false};

ssize_t full_or_pwrite(int descriptor, const void* bytes, size_t size, off_t offset) {
  if (disk_is_full) {
    errno = ENOSPC;
    return -1;
  }
  return pwrite(descriptor, bytes, size, offset);
}
}  // namespace

// SQLite's calls come here instead of libc's, so that a test can count what reaches the disk.
extern "C" int fdatasync(int descriptor) {
  ++syncs;
  return static_cast<int>(syscall(SYS_fdatasync, descriptor));
}
extern "C" int fsync(int descriptor) {
  ++syncs;
  return static_cast<int>(syscall(SYS_fsync, descriptor));
}

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

const std::vector<IntentRow> kLaunch = {{"checkout", "checkout-1", "launch"}};
const std::vector<RecordRow> kRecord = {{"checkout", '"' + std::string(2000, 'r') + '"'}};

TEST_F(JournalTest, IntentsReachTheDiskBeforeTheCallReturnsAndRecordsWait) {
  auto journal = open();
  ASSERT_OK(journal->append(kRecord, {}, {}, kTen));
  const int before_records = syncs;
  for (int i = 0; i < 20; ++i) ASSERT_OK(journal->append(kRecord, {}, {}, kTen));
  EXPECT_EQ(syncs, before_records);
  for (int i = 0; i < 5; ++i) {
    const int before = syncs;
    ASSERT_OK(intend(*journal, {kLaunch, {}}, kTen));
    EXPECT_GT(syncs, before);
    ASSERT_OK(journal->append(kRecord, {}, {}, kTen));
  }
}

// Both writes fail and say why; what was there before is whole; when space returns, so do writes.
void expect_to_survive_a_full_disk(Journal& journal, int written_before,
                                   const std::function<void()>& free_space,
                                   const std::function<int(Journal&)>& count_records) {
  for (int time = 0; time < 3; ++time) {
    const Status intended = intend(journal, {kLaunch, {}}, kTen);
    ASSERT_FALSE(intended.ok());
    EXPECT_EQ(intended.error().code, Code::kExhausted) << intended.error().message;
    EXPECT_THAT(intended.error().message, HasSubstr("free space"));
    const Status appended = journal.append(kRecord, {}, {}, kTen);
    ASSERT_FALSE(appended.ok());
    EXPECT_EQ(appended.error().code, Code::kExhausted) << appended.error().message;
  }
  EXPECT_EQ(count_records(journal), written_before);
  free_space();
  ASSERT_OK(intend(journal, {kLaunch, {}}, kTen));
  ASSERT_OK(journal.append(kRecord, {}, {}, kTen));
  EXPECT_EQ(count_records(journal), written_before + 1);
  ASSERT_OK(journal.verify());
}

// While it lives SQLite writes to a disk that is full when `disk_is_full` says so.
class DiskThatMayBeFull {
 public:
  DiskThatMayBeFull() { write_by(reinterpret_cast<sqlite3_syscall_ptr>(full_or_pwrite)); }
  ~DiskThatMayBeFull() {
    disk_is_full = false;
    write_by(nullptr);  // SQLite's own
  }
  DiskThatMayBeFull(const DiskThatMayBeFull&) = delete;
  DiskThatMayBeFull& operator=(const DiskThatMayBeFull&) = delete;

 private:
  static void write_by(sqlite3_syscall_ptr write) {
    sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
    for (const char* call : {"pwrite", "pwrite64"}) vfs->xSetSystemCall(vfs, call, write);
  }
};

TEST_F(JournalTest, WritesThatFindNoSpaceFailWholeAndWorkAgainLater) {
  const DiskThatMayBeFull disk;
  auto journal = open();
  ASSERT_OK(journal->append(kRecord, {}, {}, kTen));
  disk_is_full = true;
  expect_to_survive_a_full_disk(
      *journal, 1, [] { disk_is_full = false; },
      [](Journal& j) { return static_cast<int>(records(j).size()); });
}

TEST_F(JournalTest, WhatIsIntendedInPartsIsWrittenAsOneOrNotAtAll) {
  const DiskThatMayBeFull disk;
  auto journal = open();
  ASSERT_OK(journal->append(kRecord, {}, {}, kTen));
  int part = 0;
  const auto next = [&] {
    if (part == 1) disk_is_full = true;
    return ++part > 3 ? IntentPart{} : IntentPart{kLaunch, {{"checkout", std::to_string(part)}}};
  };
  EXPECT_FALSE(journal->intend(next, kTen).ok());
  disk_is_full = false;
  EXPECT_THAT(intents(*journal), testing::IsEmpty());
  EXPECT_THAT(*journal->memories(), testing::IsEmpty());
  part = 1;
  const auto rest = [&] { return ++part > 3 ? IntentPart{} : IntentPart{kLaunch, {}}; };
  ASSERT_OK(journal->intend(rest, kTen));
  EXPECT_THAT(intents(*journal), testing::SizeIs(2));
}

TEST_F(JournalTest, ARealFileSystemFillsUpAndEmptiesAgain) {
  if (!mount_small_disk(directory_.path(), "size=512k")) {
    GTEST_SKIP() << "mounting a tmpfs needs root";
  }
  {
    auto journal = open();
    std::ofstream filler(directory_ / "filler");
    filler << std::string(100 << 10, 'f') << std::flush;
    int written = 0;
    // A small write may still fit where a larger one did not.
    do {
      while (journal->append(kRecord, {}, {}, kTen).ok()) ++written;
    } while (intend(*journal, {kLaunch, {}}, kTen).ok());
    EXPECT_GT(written, 10);
    expect_to_survive_a_full_disk(
        *journal, written,
        [&] {
          filler.close();
          std::filesystem::remove(directory_ / "filler");
        },
        [](Journal& j) { return static_cast<int>(records(j).size()); });
  }
  umount(directory_.path().c_str());
}

TEST_F(JournalTest, AFullDiskAtTheStartIsSaid) {
  if (!mount_small_disk(directory_.path(), "size=16k")) {
    GTEST_SKIP() << "mounting a tmpfs needs root";
  }
  {
    const auto journal = Journal::open(path_, {}, false);
    ASSERT_FALSE(journal.ok());
    EXPECT_EQ(journal.error().code, Code::kExhausted) << journal.error().message;
  }
  umount(directory_.path().c_str());
}

TEST_F(JournalTest, AReadOnlyFileSystemIsSaid) {
  if (!mount_small_disk(directory_.path(), "size=1m")) {
    GTEST_SKIP() << "mounting a tmpfs needs root";
  }
  open().reset();
  ASSERT_EQ(mount("tmpfs", directory_.path().c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr), 0);
  {
    const auto journal = Journal::open(path_, {}, false);
    ASSERT_FALSE(journal.ok());
    EXPECT_EQ(journal.error().code, Code::kDenied) << journal.error().message;
  }
  umount(directory_.path().c_str());
}

TEST_F(JournalTest, AnotherConnectionThatWritesHoldsATickBackOnlyShortly) {
  auto journal = open();
  auto shell = Database::open(path_, Database::Access::kCreate);
  ASSERT_OK(shell);
  ASSERT_OK(shell->run("BEGIN IMMEDIATE"));
  const auto start = std::chrono::steady_clock::now();
  const Status busy = journal->append(kRecord, {}, {}, kTen);
  const auto waited = std::chrono::steady_clock::now() - start;
  ASSERT_FALSE(busy.ok());
  EXPECT_EQ(busy.error().code, Code::kUnavailable);
  EXPECT_LT(waited, milliseconds(3000));  // 50 ms on a machine that is not busy itself
  ASSERT_OK(shell->run("ROLLBACK"));
  ASSERT_OK(journal->append(kRecord, {}, {}, kTen));
}

// Writes intents numbered from `first`, each with its memory, and says each number once it is
// promised to be on disk.
[[noreturn]] void write_until_killed(const std::string& path, int first, int acknowledged) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that fails leaves nothing running
  const auto journal = Journal::open(path, {}, false);
  if (!journal) _exit(3);
  for (int number = first;; ++number) {
    const std::string text = std::to_string(number);
    const std::vector<IntentRow> intents = {{"checkout", text, "launch"}};
    const std::vector<MemoryRow> memories = {{"checkout", text}};
    if (!intend(**journal, {intents, memories}, kTen)) _exit(4);
    if (write(acknowledged, &number, sizeof(number)) != sizeof(number)) _exit(5);
    if (!(*journal)->append(kRecord, {}, {}, kTen)) _exit(6);
    if (!(*journal)->prune(kTen)) _exit(7);
  }
}

TEST_F(JournalTest, NothingPromisedIsLostToAKillWhileWriting) {
  int first = 0;
  for (int round = 0; round < 8; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) write_until_killed(path_, first, pipe_ends[1]);
    close(pipe_ends[1]);
    int last = first - 1;
    // Another place each round; the child is in the middle of something when the signal comes.
    while (last < first + 7 * round && read(pipe_ends[0], &last, sizeof(last)) == sizeof(last)) {
    }
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "exit " << WEXITSTATUS(status);
    while (read(pipe_ends[0], &last, sizeof(last)) == sizeof(last)) {
    }
    close(pipe_ends[0]);

    auto journal = open();
    ASSERT_OK(journal->verify());
    const auto kept = intents(*journal);
    ASSERT_GE(static_cast<int>(kept.size()), last + 1);
    for (size_t i = 0; i < kept.size(); ++i) EXPECT_EQ(kept[i].intent.instance, std::to_string(i));
    const auto memories = journal->memories();
    ASSERT_OK(memories);
    EXPECT_EQ(memories->at(0).document, kept.back().intent.instance);  // both, or neither
    first = static_cast<int>(kept.size());
  }
}

}  // namespace
}  // namespace autoscaler
