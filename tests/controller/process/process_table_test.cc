#include "controller/process/process_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <signal.h>
#include <unistd.h>

namespace autoscaler {
namespace {

std::string stat_line(const std::string& name) {
  std::string line = "42 (" + name + ") S";
  for (int field = 4; field <= 52; ++field) line += " " + std::to_string(field * 100);
  return line + "\n";
}

TEST(ProcessTable, ReadsNameStateStartAndExitOfAStatLine) {
  for (const char* name : {"server", "", "a b", "a) S 1 2 (b", "((", "))"}) {
    const auto stat = parse_process_stat(stat_line(name));
    ASSERT_TRUE(stat) << name;
    EXPECT_EQ(stat->name, name);
    EXPECT_EQ(stat->state, 'S');
    EXPECT_EQ(stat->start_ticks, 2200u);
    EXPECT_EQ(stat->wait_status, 5200);
  }
}

TEST(ProcessTable, ALineThatIsNoStatLineIsNothing) {
  for (const char* line : {"", "42", "42 (a", "42 a) S 1", ")(", "42 (a) S 1 2 3", "42 (a)"}) {
    EXPECT_FALSE(parse_process_stat(line)) << line;
  }
  std::string wrong = stat_line("a");
  wrong.replace(wrong.find("2200"), 4, "-220");
  EXPECT_FALSE(parse_process_stat(wrong));
}

TEST(ProcessTable, FindsItself) {
  EXPECT_THAT(list_processes(), testing::Contains(getpid()));
  const auto stat = read_process_stat(getpid());
  ASSERT_TRUE(stat);
  EXPECT_GT(stat->start_ticks, 0u);
  const auto environment = read_process_environment(getpid());
  ASSERT_TRUE(environment);
  if (const char* path = getenv("PATH")) {
    EXPECT_THAT(*environment, testing::Contains(std::string("PATH=") + path));
  }
}

TEST(ProcessTable, SeesAZombieWithItsExitStatus) {
  const pid_t pid = fork();
  if (pid == 0) _exit(7);
  siginfo_t exited{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(pid), &exited, WEXITED | WNOWAIT), 0);
  const auto stat = read_process_stat(pid);
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->state, 'Z');
  EXPECT_EQ(describe_exit(stat->wait_status), "exit code 7");
  const auto environment = read_process_environment(pid);
  EXPECT_TRUE(environment ? environment->empty() : environment.error().code == Code::kNotFound);
  waitpid(pid, nullptr, 0);
  EXPECT_FALSE(read_process_stat(pid));
  EXPECT_EQ(read_process_environment(pid).error().code, Code::kNotFound);
}

TEST(ProcessTable, DescribesAnExit) {
  EXPECT_EQ(describe_exit(0), "exit code 0");
  EXPECT_EQ(describe_exit(3 << 8), "exit code 3");
  EXPECT_EQ(describe_exit(9), "signal 9");
}

}  // namespace
}  // namespace autoscaler
