#include "controller/log.h"

#include "controller/tick_log.h"
#include "tests/controller/telemetry/full_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace autoscaler {
namespace {

using testing::HasSubstr;
using testing::Not;

// Standard error is a pipe that this test reads when it likes.
class LogTest : public testing::Test {
 protected:
  LogTest() {
    set_log_format("json");
    EXPECT_EQ(pipe2(ends_.data(), O_CLOEXEC), 0);
    EXPECT_EQ(fcntl(ends_[0], F_SETFL, O_NONBLOCK), 0);
    dup2(ends_[1], STDERR_FILENO);
  }
  ~LogTest() override {
    dup2(before_, STDERR_FILENO);
    for (const int end : {ends_[0], ends_[1], before_}) close(end);
  }
  std::string read_all() const {
    std::string text;
    std::array<char, 1 << 16> piece{};
    for (ssize_t size = 0; (size = read(ends_[0], piece.data(), piece.size())) > 0;) {
      text.append(piece.data(), static_cast<size_t>(size));
    }
    return text;
  }

 private:
  const int before_ = dup(STDERR_FILENO);
  std::array<int, 2> ends_{};
};

TEST_F(LogTest, NeverWaitsForAReaderThatHasStopped) {
  for (int i = 0; i < 10'000; ++i) log_line(LogLevel::kInfo, "line " + std::to_string(i));
  const std::string kept = read_all();
  EXPECT_THAT(kept, HasSubstr("\"line 0\""));
  EXPECT_THAT(kept, Not(HasSubstr("\"line 9999\"")));
  log_line(LogLevel::kInfo, "read again");
  EXPECT_THAT(read_all(), testing::MatchesRegex(".*[0-9]+ lines are lost: .*\n.*read again.*\n"));
  log_line(LogLevel::kInfo, "once more");
  EXPECT_THAT(read_all(), Not(HasSubstr("lost")));
}

TEST_F(LogTest, CutsALineThatNoPipeTakesAtOnce) {
  log_line(LogLevel::kInfo, std::string(1 << 20, 'x'), {{"workload", "shop"}});
  const std::string line = read_all();
  EXPECT_LT(line.size(), 4096u);
  EXPECT_THAT(line, HasSubstr("\"workload\":\"shop\"}"));
}

TEST_F(LogTest, SaysADecisionWhenItIsAnotherAndAgainWhenAWorkloadHasComeBack) {
  TickLog log;
  const auto says = [&](const TickRecord& record) {
    log.write(record);
    const std::string text = read_all();
    return text.find(R"("workload":"checkout","from")") != std::string::npos;
  };
  const auto both = full_record({"checkout", "search"});
  EXPECT_TRUE(says(*both));
  EXPECT_FALSE(says(*both));
  both->workloads[0].decision.to += 1;
  EXPECT_TRUE(says(*both));
  EXPECT_FALSE(says(*full_record({"search"})));
  EXPECT_TRUE(says(*both)) << "it was taken out of the config in between";
}

TEST_F(LogTest, SaysWhenAGuardBeginsToHoldAndWhenItLetsGoAndNothingInBetween) {
  TickLog log;
  const auto tick = full_record({"shop"});
  Decision& decision = tick->workloads[0].decision;
  const auto after = [&](std::chrono::seconds time, bool holds) {
    tick->now += time;
    decision.adjustments.clear();
    if (holds) decision.adjustments.push_back({Rule::kFlapBudget, 2, 3});
    log.write(*tick);
    return read_all();
  };
  EXPECT_THAT(after(std::chrono::seconds(5), true),
              HasSubstr("shop: guard flap_budget holds: flap budget 2 -> 3"));
  EXPECT_THAT(after(std::chrono::seconds(5), true), Not(HasSubstr("guard")));
  EXPECT_THAT(after(std::chrono::seconds(55), false), Not(HasSubstr("guard")))
      << "what is wanted wavers";
  EXPECT_THAT(after(std::chrono::seconds(5), true), Not(HasSubstr("guard")));
  EXPECT_THAT(after(std::chrono::seconds(60), false), HasSubstr("shop: guard flap_budget lets go"));
  EXPECT_THAT(after(std::chrono::seconds(60), false), Not(HasSubstr("guard")));

  decision.suspicion = Suspicion{tick->now, 3, {}};
  EXPECT_THAT(after(std::chrono::seconds(5), false),
              HasSubstr("guard bad_deploy holds: errors or latency are up and load is not"));
}

}  // namespace
}  // namespace autoscaler
