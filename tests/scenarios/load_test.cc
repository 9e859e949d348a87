// The load comes, goes and wavers.
#include "tests/scenarios/story.h"

namespace autoscaler {
namespace {

class Load : public Story {
 protected:
  // Requests that take long elsewhere, a minute until the last of them is answered.
  static Release of_long_requests() {
    Release release;
    release.wait_time = 8s;
    release.workers = 1000;
    return release;
  }
};

TEST_F(Load, of_a_flash_crowd_is_met_as_fast_as_the_rates_allow) {
  begin(shop({"rps: {source: balancer, value: requestRate}"},
             {"track: {signal: rps, perInstance: 60/s}"}),
        300);
  load_ = 1800;
  EXPECT_THAT(run(10min),
              ElementsAre("10 scale_out", "20 scale_out", "30 scale_out", "30 on_target"));
}

// A processor is never busier than 100 %: at a target of 60 % each look asks for two thirds more.
TEST_F(Load, of_a_flash_crowd_is_seen_step_by_step_by_processors) {
  begin(shop({kCpu}, {kTrackCpu}), 300);
  load_ = 1800;
  run(7min);
  EXPECT_GE(size(), 30);
  EXPECT_LE(size(), 36);
  run(10min);
  EXPECT_EQ(size(), 30);
}

const std::vector<std::string> kRates = {
    "rps: {source: balancer, value: requestRate, window: 1m}",
    "rps-fast: {source: balancer, value: requestRate, window: 10s}"};
const std::string kPatient =
    "behavior: {scaleUp: {stabilizationWindowSeconds: 180}, scaleDown: "
    "{stabilizationWindowSeconds: 0}}";

// A window of three minutes keeps a passing gust from ordering anything; a crowd would wait for it.
TEST_F(Load, of_a_flash_crowd_waits_out_the_window_without_a_burst_rule) {
  begin(shop(kRates, {"track: {signal: rps, perInstance: 60/s}"}, {kPatient}), 300);
  EXPECT_EQ(size(), 5);
  load_ = 1800;
  EXPECT_THAT(run(2min), ElementsAre("5 stabilized"));
}

TEST_F(Load, of_a_flash_crowd_lifts_the_window_where_there_is_a_burst_rule) {
  begin(shop(kRates,
             {"track: {signal: rps, perInstance: 60/s, burst: {signal: rps-fast, times: 2, hold: "
              "5m}}"},
             {kPatient}),
        300);
  EXPECT_EQ(size(), 5);
  load_ = 1800;
  EXPECT_THAT(run(2min),
              ElementsAre("10 scale_out", "20 scale_out", "30 scale_out", "30 on_target"));
  load_ = 300;
  EXPECT_THAT(run(2min), ElementsAre("30 on_target")) << "it may come back";
  run(10min);
  EXPECT_EQ(size(), 5);
}

TEST_F(Load, that_wavers_by_half_every_four_minutes_costs_no_flapping) {
  begin(shop({kCpu}, {kTrackCpu}), 900);
  for (int i = 0; i < 30; ++i) {
    load_ = i % 2 == 0 ? 600 : 900;
    run(2min);
    EXPECT_EQ(size(), 15) << i;
  }
  EXPECT_EQ(launched(), 0);
}

TEST_F(Load, that_is_gone_for_good_costs_no_request_on_the_way_in) {
  begin(shop({kCpu}, {kTrackCpu}), 900, of_long_requests());
  load_ = 300;
  run(15min);
  EXPECT_EQ(sim_->service.instances.size(), 5u);
  EXPECT_LT(failed(), 0.01);
}

TEST_F(Load, that_returns_takes_back_those_on_their_way_out) {
  begin(shop({kCpu}, {kTrackCpu}, {"behavior: {scaleDown: {stabilizationWindowSeconds: 0}}"}), 900,
        of_long_requests());
  launched();
  const int32_t before = in_service();
  load_ = 600;
  run(30s);
  EXPECT_LT(in_service(), before - 1);
  load_ = 900;
  run(1min);
  EXPECT_GE(in_service(), before - 1);
}

TEST_F(Load, once_high_leaves_memory_behind_that_does_not_keep_the_size_up) {
  begin(shop({kCpu, "memory: {source: scrape, gauge: resident_bytes, capacity: 1Gi}"},
             {kTrackCpu, "threshold: {out: {any: [{signal: memory, above: 90%}], add: 1}}"}),
        900);
  load_ = 300;
  run(10min);
  EXPECT_EQ(size(), 5);
}

}  // namespace
}  // namespace autoscaler
