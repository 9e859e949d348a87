#include "tests/controller/process/process_fixture.h"
#include "tests/fakes/small_disk.h"

#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace autoscaler {
namespace {

using testing::HasSubstr;

using LaunchFailureTest = ProcessTest;

struct BadCommand {
  const char* name;
  std::function<void(const std::string& root, ProcessTarget&)> set;
  Code code;
  const char* message;
};

void PrintTo(const BadCommand& command, std::ostream* out) {
  *out << command.name;
}

class BadCommandTest : public ProcessTest, public testing::WithParamInterface<BadCommand> {};

TEST_P(BadCommandTest, FailsWithAClearWordAndLeavesNothing) {
  std::filesystem::create_directories(root_ + "/there");
  std::ofstream(root_ + "/plain") << "hello\n";
  std::ofstream(root_ + "/script") << "#!/no/such/interpreter\n";
  std::ofstream(root_ + "/empty") << "";
  chmod((root_ + "/script").c_str(), 0755);
  GetParam().set(root_, target());
  const auto error = launch("web-1");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, GetParam().code) << error->message;
  EXPECT_THAT(error->message, HasSubstr("workload web: "));
  EXPECT_THAT(error->message, HasSubstr(GetParam().message));
  EXPECT_FALSE(has_file("web-1"));
  EXPECT_TRUE(observe().empty());
  EXPECT_FALSE(has_children());
}

INSTANTIATE_TEST_SUITE_P(
    Commands, BadCommandTest,
    testing::Values(
        BadCommand{"DoesNotExist", [](const auto&, auto& spec) { spec.command = {"/no/such"}; },
                   Code::kNotFound, "target.process.command[0] '/no/such' does not exist"},
        BadCommand{"IsNotInPath",
                   [](const auto&, auto& spec) { spec.command = {"no-such-program"}; },
                   Code::kNotFound, "command[0] 'no-such-program' is not found in PATH"},
        BadCommand{"IsADirectory",
                   [](const auto& root, auto& spec) { spec.command = {root + "/there"}; },
                   Code::kDenied, "is not executable"},
        BadCommand{"IsNotExecutable",
                   [](const auto& root, auto& spec) { spec.command = {root + "/plain"}; },
                   Code::kDenied, "is not executable"},
        BadCommand{"HasNoInterpreter",
                   [](const auto& root, auto& spec) { spec.command = {root + "/script"}; },
                   Code::kNotFound, "names an interpreter that does not exist"},
        BadCommand{"HasNoWorkingDirectory",
                   [](const auto& root, auto& spec) { spec.working_directory = root + "/no"; },
                   Code::kNotFound, "target.process.workingDirectory '"},
        BadCommand{"CannotLog",
                   [](const auto& root, auto& spec) { spec.log_directory = root + "/plain/logs"; },
                   Code::kNotFound, "target.process.logDirectory '"},
        BadCommand{"HasAHostThatIsNone", [](const auto&, auto& spec) { spec.host = "999.1.2.3"; },
                   Code::kInvalid, "host '999.1.2.3'"}),
    [](const auto& command) { return std::string(command.param.name); });

TEST_F(LaunchFailureTest, AnIdThatWouldLeaveTheFolderIsRefused) {
  for (const char* id : {"", ".", "..", "../web-1", "a/b", ".hidden"}) {
    const auto error = launch(id);
    ASSERT_TRUE(error) << id;
    EXPECT_EQ(error->code, Code::kInvalid) << id;
  }
}

TEST_F(LaunchFailureTest, AWorkloadThatIsNotInTheConfigIsRefused) {
  ProcessWriter writer(config_, state_);
  const auto error = apply(writer, Launch{"api", "api-1"}, at(0));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message, "workload api: is not in the config");
}

// No byte can be written to any file while this lives.
class NoRoom {
 public:
  NoRoom() {
    before_handler_ = signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit none{0, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &none);
  }
  ~NoRoom() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, before_handler_);
  }

 private:
  rlimit before_{};
  void (*before_handler_)(int) = SIG_DFL;
};

TEST_F(LaunchFailureTest, WithoutRoomForItsFileNothingIsStarted) {
  ASSERT_TRUE(make_directories(instances_directory(state_)));
  {
    const NoRoom no_room;
    const auto error = launch("web-1");
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, Code::kExhausted) << error->message;
    EXPECT_THAT(error->message, HasSubstr("instances/web-1.json"));
  }
  EXPECT_FALSE(has_children());
  EXPECT_TRUE(std::filesystem::is_empty(instances_directory(state_)));
  EXPECT_EQ(log_of("web-1"), "");
  EXPECT_FALSE(launch("web-1"));  // and with room again it goes on
}

TEST_F(LaunchFailureTest, OnAFullDiskNothingIsStarted) {
  ASSERT_TRUE(make_directories(instances_directory(state_)));
  if (unshare(CLONE_NEWNS) != 0 ||
      mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("tmpfs", instances_directory(state_).c_str(), "tmpfs", 0, "size=64k") != 0) {
    GTEST_SKIP() << "a file system of its own needs root";
  }
  {
    std::ofstream filler(instances_directory(state_) + "/filler", std::ios::binary);
    while (filler << std::string(4096, 'x') << std::flush) {
    }
  }
  const auto error = launch("web-1");
  EXPECT_FALSE(has_children());
  EXPECT_TRUE(observe().empty());
  EXPECT_EQ(umount2(instances_directory(state_).c_str(), MNT_DETACH), 0);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Code::kExhausted) << error->message;
  EXPECT_THAT(error->message, HasSubstr("No space left on device"));
}

TEST_F(LaunchFailureTest, AFullDiskUnderTheStateStopsNoLaunch) {
  ASSERT_TRUE(make_directories(state_));
  if (!mount_small_disk(state_, "size=512k")) GTEST_SKIP() << "mounting a tmpfs needs root";
  ASSERT_FALSE(launch("web-1"));
  std::ofstream filler(state_ + "/filler");
  for (int i = 0; i < 600 && filler; ++i) filler << std::string(1024, 'f') << std::flush;
  ASSERT_FALSE(filler) << "the disk is full";
  std::ofstream(state_ + "/probe") << "x" << std::flush;
  ASSERT_EQ(std::filesystem::file_size(state_ + "/probe"), 0u);

  const auto error = launch("web-2");
  EXPECT_FALSE(error) << error->message;
  EXPECT_EQ(file_of("web-2").instance, "web-2");
  EXPECT_EQ(observe().size(), 2u);
  EXPECT_FALSE(terminate("web-2", at(1)));
  EXPECT_TRUE(file_of("web-2").asked_to_stop);
  ASSERT_TRUE(wait_until([&] {
    EXPECT_FALSE(terminate("web-2", at(2)));
    return !has_file("web-2");
  }));
  EXPECT_FALSE(terminate("web-1", at(3)));
  ASSERT_TRUE(wait_until([&] {
    EXPECT_FALSE(terminate("web-1", at(4)));
    return !has_file("web-1");
  }));
  filler.close();
  umount(state_.c_str());
}

}  // namespace
}  // namespace autoscaler
