// The controller ends, and another begins.
#include "tests/scenarios/story.h"

namespace autoscaler {
namespace {

class Restart : public Story {};

TEST_F(Restart, in_the_middle_of_the_window_forgets_nothing_of_it) {
  begin(shop({kCpu}, {kTrackCpu}), 900);
  load_ = 300;
  for (int i = 0; i < 4; ++i) {
    EXPECT_THAT(run(58s), Each(StartsWith("15 "))) << i;
    sim_->restart();
  }
  run(2min);
  EXPECT_EQ(size(), 5) << "5 minutes after the load went, not after the last restart";
}

TEST_F(Restart, without_what_it_had_written_waits_for_a_whole_window) {
  begin(shop({kCpu}, {kTrackCpu}), 900);
  load_ = 300;
  run(4min);
  sim_->restart(false);
  EXPECT_THAT(run(4min + 50s), ElementsAre("15 stabilized"));
  run(2min);
  EXPECT_EQ(size(), 5);
}

TEST_F(Restart, during_an_outage_of_the_cluster_takes_nothing_away) {
  begin(shop({kCpu}, {kTrackCpu}), 900);
  load_ = 300;
  sim_->cluster.outage = Error{Code::kUnavailable, "no answer"};
  sim_->restart(false);
  run(10min);
  EXPECT_EQ(sim_->service.instances.size(), 15u);
  sim_->cluster.outage.reset();
  EXPECT_THAT(run(4min + 50s), ElementsAre("15 stabilized"));
  EXPECT_EQ(launched(), 0);
}

}  // namespace
}  // namespace autoscaler
