// The metrics go away, altogether or in part, and come back.
#include "tests/scenarios/story.h"

namespace autoscaler {
namespace {

class MetricsOutage : public Story {};

TEST_F(MetricsOutage, at_peak_takes_nothing_away_and_the_window_begins_when_they_are_back) {
  begin(shop({kCpu}, {kTrackCpu}), 900);
  EXPECT_THAT(run(10min), ElementsAre("15 on_target"));
  sim_->source.is_down = true;
  EXPECT_THAT(run(60min), ElementsAre("15 no_answer"));
  load_ = 300;
  EXPECT_THAT(run(60min), ElementsAre("15 no_answer"));
  sim_->source.is_down = false;
  EXPECT_THAT(run(6min), ElementsAre("15 stabilized", "5 scale_in"));
  EXPECT_LT(failed(), 0.01);
}

TEST_F(MetricsOutage, of_the_only_source_does_not_keep_dead_instances_from_being_replaced) {
  begin(shop({kCpu}, {kTrackCpu}), 900);
  sim_->source.is_down = true;
  for (auto& [id, instance] : sim_->service.instances) instance.running = false;
  EXPECT_THAT(run(10min), ElementsAre("15 no_answer"));
  EXPECT_EQ(launched(), 15);
  EXPECT_EQ(in_service(), 15);
}

TEST_F(MetricsOutage, below_the_minimum_still_leads_to_the_minimum) {
  begin(shop({kCpu}, {kTrackCpu}), 900);
  sim_->source.is_down = true;
  sim_->restart(false);
  sim_->service.instances.erase(std::next(sim_->service.instances.begin()),
                                sim_->service.instances.end());
  EXPECT_THAT(run(10min), ElementsAre("2 below_min", "2 no_answer"));
}

const std::string kTotal =
    "rps: {source: prometheus, query: 'sum(rate(http_requests_total[1m]))', unit: perSecond}";
const std::string kTrackTotal = "track: {signal: rps, perInstance: 60/s}";

TEST_F(MetricsOutage, an_empty_answer_is_not_a_load_of_zero) {
  begin(shop({kTotal}, {kTrackTotal}), 960);
  sim_->source.is_empty = true;
  EXPECT_THAT(run(60min), ElementsAre("16 no_answer"));
}

TEST_F(MetricsOutage, after_it_sums_over_the_few_that_are_back_first_take_nothing_away) {
  begin(shop({kTotal}, {kTrackTotal}), 960);
  sim_->source.is_down = true;
  run(10min);
  sim_->source.is_down = false;
  for (const double silent : {0.8, 0.5, 0.2, 0.0}) {
    sim_->source.silent_share = silent;
    run(1min);
    EXPECT_EQ(size(), 16) << silent;
  }
  EXPECT_THAT(run(10min), ElementsAre("16 on_target"));
}

TEST_F(MetricsOutage, of_nearly_half_the_instances_leaves_enough_of_them) {
  begin(shop({kCpu}, {kTrackCpu}), 900);
  sim_->source.silent_share = 0.45;
  load_ = 450;
  run(30min);
  EXPECT_GE(size(), 8) << "8 x 60 are 480";
}

TEST_F(MetricsOutage, of_nearly_half_the_instances_does_not_hide_a_crowd) {
  begin(shop({kCpu}, {kTrackCpu}), 900);
  sim_->source.silent_share = 0.45;
  load_ = 1500;
  run(20min);
  EXPECT_GE(size(), 25) << "25 x 60 are 1500";
  EXPECT_LE(size(), 40);
}

TEST_F(MetricsOutage, of_most_instances_holds) {
  begin(shop({kCpu}, {kTrackCpu}), 900);
  sim_->source.silent_share = 0.6;
  load_ = 450;
  EXPECT_THAT(run(30min), ElementsAre("15 no_answer"));
}

TEST_F(MetricsOutage, of_exporters_that_stand_still_is_no_load_that_is_gone) {
  begin(shop({kCpu, "rps: {source: balancer, value: requestRate}"}, {kTrackCpu}), 900);
  sim_->source.is_frozen = true;
  run(30min);
  EXPECT_EQ(size(), 15) << "the balancer sees requests";
}

const std::string kQueue = "queue: {source: json, url: 'http://queue.example/depth', pointer: /n";
const std::string kTrackQueue = "track: {signal: queue, perInstance: 1000}";

TEST_F(MetricsOutage, of_one_signal_lets_the_others_scale_out_and_nobody_in) {
  begin(shop({kCpu, kQueue + "}"}, {kTrackCpu, kTrackQueue}), 600);
  sim_->source.broken = {"queue"};
  load_ = 900;
  run(20min);
  EXPECT_EQ(size(), 15);
  load_ = 300;
  EXPECT_THAT(run(60min), ElementsAre("15 missing_signal"));
}

TEST_F(MetricsOutage, of_a_signal_to_be_ignored_freezes_nobody) {
  begin(shop({kCpu, kQueue + ", whenMissing: ignore}"}, {kTrackCpu, kTrackQueue}), 900);
  sim_->source.broken = {"queue"};
  load_ = 300;
  run(10min);
  EXPECT_EQ(size(), 5);
}

TEST_F(MetricsOutage, that_comes_and_goes_leads_to_the_floor_once_and_not_up_and_down) {
  const std::string floored =
      "cpu: {source: scrape, counter: cpu, capacity: 1, whenMissing: {do: floor, replicas: 10}}";
  begin(shop({floored}, {kTrackCpu}), 300);
  EXPECT_EQ(size(), 5);
  for (int i = 0; i < 20; ++i) {
    sim_->source.is_down = i % 2 == 0;
    run(2min);
    EXPECT_EQ(size(), 10) << i;
  }
  EXPECT_EQ(launched(), 5);
  run(10min);
  EXPECT_EQ(size(), 5) << "the metrics have come to stay";
}

TEST_F(MetricsOutage, as_a_step_towards_the_maximum_goes_on_only_while_it_lasts) {
  const std::string stepping =
      "cpu: {source: scrape, counter: cpu, capacity: 1,"
      " whenMissing: {do: towardsMax, step: 3, every: 5m, after: 2m}}";
  begin(shop({stepping}, {kTrackCpu}), 300);
  sim_->source.is_down = true;
  EXPECT_THAT(run(13min), ElementsAre("5 no_answer", "8 scale_out", "8 missing_signal",
                                      "11 scale_out", "11 missing_signal", "14 scale_out"));
  sim_->source.is_down = false;
  EXPECT_THAT(run(10min), ElementsAre("14 stabilized", "5 scale_in", "5 on_target"));
}

}  // namespace
}  // namespace autoscaler
