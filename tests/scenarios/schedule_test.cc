// Windows of time: their end under load, and the nights in which the clock changes.
#include "tests/scenarios/story.h"

namespace autoscaler {
namespace {

using std::chrono::year;

class Schedule : public Story {
 protected:
  // Until `hour:minute` UTC of the day on which the story began.
  std::vector<std::string> run_until(std::chrono::hours hour, std::chrono::minutes minute) {
    const Instant midnight = std::chrono::floor<std::chrono::days>(sim_->now());
    return run(midnight + hour + minute - sim_->now());
  }
};

const std::string kNightJob =
    "schedule: {cron: 30 2 * * *, for: 1h, timeZone: Europe/Berlin, min: 12}";

TEST_F(Schedule, in_the_night_of_spring_opens_when_the_clock_jumps_over_its_minute) {
  begin(shop({kCpu}, {kTrackCpu, kNightJob}), 300, {},
        Instant{std::chrono::sys_days{year{2026} / 3 / 29}});
  EXPECT_THAT(run_until(1h, 0min), ElementsAre("5 on_target", "12 scheduled"))
      << "01:00 UTC, when Berlin goes from 02:00 to 03:00";
  EXPECT_THAT(run_until(1h, 59min), ElementsAre("12 scheduled"));
  EXPECT_THAT(run_until(2h, 4min), ElementsAre("12 stabilized"));
  run_until(2h, 10min);
  EXPECT_EQ(size(), 5);
  run_until(4h, 0min);
  EXPECT_EQ(size(), 5);
}

TEST_F(Schedule, in_the_night_of_autumn_opens_once_though_its_minute_comes_twice) {
  begin(shop({kCpu}, {kTrackCpu, kNightJob}), 300, {},
        Instant{std::chrono::sys_days{year{2026} / 10 / 25}});
  EXPECT_THAT(run_until(0h, 40min), ElementsAre("12 scheduled")) << "02:30 of summer is 00:30 UTC";
  EXPECT_THAT(run_until(1h, 29min), ElementsAre("12 scheduled"));
  run_until(1h, 40min);
  EXPECT_EQ(size(), 5) << "02:30 of winter is 01:30 UTC, when the window has just ended";
  run_until(3h, 0min);
  EXPECT_EQ(size(), 5);
}

const std::string kEvening = "schedule: {cron: 0 0 * * *, for: 1h, min: 12}";

TEST_F(Schedule, that_ends_at_peak_takes_nothing_away) {
  begin(shop({kCpu}, {kTrackCpu, kEvening}), 900);
  EXPECT_EQ(size(), 15);
  run_until(2h, 0min);
  EXPECT_EQ(size(), 15);
  EXPECT_LT(failed(), 0.01);
}

TEST_F(Schedule, that_ends_hands_back_and_does_not_cut) {
  begin(shop({kCpu}, {kTrackCpu, kEvening}), 300);
  EXPECT_EQ(size(), 12);
  run_until(1h, 4min);
  EXPECT_EQ(size(), 12) << "the window of behavior is not over";
  run_until(1h, 10min);
  EXPECT_EQ(size(), 5);
  EXPECT_LT(failed(), 0.01);
}

TEST_F(Schedule, that_opens_in_an_outage_of_the_metrics_is_kept) {
  begin(shop({kCpu}, {kTrackCpu, "schedule: {cron: 0 1 * * *, for: 1h, min: 12}"}), 300);
  sim_->source.is_down = true;
  run_until(1h, 1min);
  EXPECT_EQ(size(), 12);
  run_until(3h, 0min);
  EXPECT_EQ(size(), 12) << "nobody knows whether less would do";
}

}  // namespace
}  // namespace autoscaler
