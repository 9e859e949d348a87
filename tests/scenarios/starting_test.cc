// What new instances do to the numbers while they start, and when they never do.
#include "tests/scenarios/story.h"

namespace autoscaler {
namespace {

class Starting : public Story {
 protected:
  // A runtime that compiles and fills caches: its cores are busy for 80 s, and then a core does a
  // third of its work at first.
  static Release heavy() {
    Release release;
    release.startup_burn = 80s;
    release.warm_up = 60s;
    release.cold_share = 0.33;
    return release;
  }
};

TEST_F(Starting, with_hot_processors_is_no_load_that_asks_for_more) {
  begin(shop({kCpu}, {kTrackCpu}, {"warmup: 90s"}), 480, heavy());
  EXPECT_EQ(size(), 8);
  load_ = 900;
  EXPECT_THAT(run(20min), ElementsAre("9 scale_out", "11 scale_out", "13 scale_out", "13 on_target",
                                      "16 scale_out", "16 on_target"));
}

TEST_F(Starting, through_a_rolling_update_changes_no_size) {
  begin(shop({kCpu}, {kTrackCpu}, {"warmup: 90s"}), 900, heavy());
  EXPECT_EQ(size(), 16);
  sim_->service.deploy(heavy());
  EXPECT_THAT(run(60min), Each(StartsWith("16 ")));
  EXPECT_EQ(launched(), 16) << "one after the other, one above the size";
  EXPECT_EQ(failed(), 0);
}

TEST_F(Starting, and_crashing_again_and_again_does_not_lead_to_the_maximum) {
  begin(shop({kCpu}, {kTrackCpu}), 600);
  Release broken;
  broken.crashes_after = 25s;
  sim_->service.deploy(broken);
  load_ = 900;
  EXPECT_THAT(run(60min), ElementsAre("13 scale_out", "15 scale_out", "15 on_target"));
  EXPECT_LT(launched(), 40) << "each waits longer than the last";
}

TEST_F(Starting, that_never_becomes_ready_does_not_lead_to_the_maximum) {
  begin(shop({kCpu}, {kTrackCpu}), 600);
  Release broken;
  broken.startup_failures = 1;
  sim_->service.deploy(broken);
  load_ = 900;
  EXPECT_THAT(run(60min), ElementsAre("13 scale_out", "15 scale_out", "15 on_target"));
  EXPECT_LT(launched(), 20);
}

TEST_F(Starting, slowly_is_not_answered_by_ordering_the_same_again) {
  Release slow;
  slow.startup = 200s;
  slow.startup_tail = 30s;
  begin(shop({kCpu}, {kTrackCpu}), 600, slow);
  load_ = 1200;
  run(20min);
  EXPECT_GE(size(), 20);
  EXPECT_LE(size(), 22) << "20 would do; 10 % are the tolerance";
}

TEST_F(Starting, is_what_instances_do_whose_health_checks_fail_and_nothing_is_taken_away) {
  begin(shop({kCpu}, {kTrackCpu}), 900);
  EXPECT_EQ(size(), 15);
  sim_->service.health_fails = true;
  EXPECT_THAT(run(10min), Each(StartsWith("15 ")));
  EXPECT_GE(sim_->service.instances.size(), 14u);
  sim_->service.health_fails = false;
  EXPECT_THAT(run(30min), Each(StartsWith("15 ")));
}

}  // namespace
}  // namespace autoscaler
