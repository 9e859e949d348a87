#include "controller/backtest/rivals.h"

#include "tests/controller/backtest/loads.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;

class Watched : public Contender {
 public:
  explicit Watched(std::unique_ptr<Contender> inner) : inner_(std::move(inner)) {}
  int32_t wants(const Sight& sight) override {
    sizes.push_back(inner_->wants(sight));
    return sizes.back();
  }
  std::vector<int32_t> sizes;

 private:
  std::unique_ptr<Contender> inner_;
};

std::vector<int32_t> sizes_of(const Demand& demand, std::unique_ptr<Contender> contender) {
  Watched watched(std::move(contender));
  run_world(demand, 120, watched);
  return watched.sizes;
}

TEST(Rivals, TheHpaSettlesWhereItsTargetIsMet) {
  // 20 instances' worth at 86 a second are 1720 a second: 24.6 instances at 70 %, and within a
  // tolerance of 10 % nothing changes.
  const auto sizes = sizes_of(demand_in_instances(std::vector<double>(400, 20)),
                              make_hpa(70, demand_in_instances({1})));
  EXPECT_GE(sizes.back(), 23);
  EXPECT_LE(sizes.back(), 28);
}

TEST(Rivals, TheHpaDoesNotCountPodsThatAreStillPending) {
  std::vector<double> load(100, 4);
  for (size_t i = 20; i < load.size(); ++i) load[i] = 8;
  const auto sizes = sizes_of(demand_in_instances(load), make_hpa(70, demand_in_instances({1})));
  EXPECT_LE(*std::max_element(sizes.begin(), sizes.end()), 16)
      << "it must not run away while pods start";
  EXPECT_GE(sizes.back(), 9);
}

TEST(Rivals, TheHpaWaitsFiveMinutesBeforeItScalesIn) {
  std::vector<double> load(200, 20);
  for (size_t i = 100; i < load.size(); ++i) load[i] = 5;
  const auto sizes = sizes_of(demand_in_instances(load), make_hpa(70, demand_in_instances({1})));
  EXPECT_GE(sizes[115], 23);
  EXPECT_LE(sizes[140], 9);
}

TEST(Rivals, TheCronFloorIsTheHighestOfTheHourInTheWarmUpALeadEarlier) {
  std::vector<double> load;
  for (int i = 0; i < 2 * 5760; ++i) load.push_back(i % 5760 / 240 == 8 ? 20 : 2);
  Demand demand = demand_in_instances(load);
  demand.first_scored = 5760;
  const auto sizes = sizes_of(demand, make_cron_hpa(70, demand, 120));
  const size_t eight = 5760 + 8 * 240;
  EXPECT_EQ(sizes[eight - 8], 25);  // ceil(1720 / 70)
  EXPECT_LT(sizes[eight - 9], 10);
}

TEST(Rivals, TheAwsLikeFloorComesFromTheSameHourYesterday) {
  std::vector<double> load;
  for (int i = 0; i < 3 * 5760; ++i) load.push_back(i % 5760 / 240 == 8 ? 20 : 2);
  const Demand demand = demand_in_instances(load);
  const auto sizes = sizes_of(demand, make_aws_like(70, demand));
  const size_t eight = 2 * 5760 + 8 * 240;
  EXPECT_GE(sizes[eight - 20], 25);  // 5 minutes before
  EXPECT_LT(sizes[eight - 21], 10);
}

TEST(Rivals, TheStaticPeakNeverViolates) {
  const Demand demand = *demand_of(synthetic_trace({.days = 3, .flash_every = 700}));
  const auto peak = make_static_peak(demand);
  EXPECT_EQ(run_world(demand, 120, *peak).violating_s, 0);
}

}  // namespace
}  // namespace autoscaler
