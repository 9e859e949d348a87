#include "policies/step.h"

#include "policies/threshold.h"
#include "tests/policies/scene_builder.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;

StepSpec::Step add(double from, int32_t instances) {
  return {.from = from, .change = {instances, {}}};
}
StepSpec::Step add_percent(double from, double percent, int32_t minimum = 1) {
  return {.from = from, .change = {0, percent}, .minimum = minimum};
}
StepSpec::Step exactly(double from, int32_t size) {
  return {.from = from, .size = size};
}

// Out from 60 % on: 1, from 70 % on 2, from 80 % on 4. In from 30 % down: 1, from 20 % down 3.
StepSpec cpu_steps() {
  StepSpec spec;
  spec.out = StepSpec::Rule{.mark = {0, true, 0.6}, .steps = {add(0, 1), add(0.1, 2), add(0.2, 4)}};
  spec.in = StepSpec::Rule{.mark = {0, false, 0.3}, .steps = {add(0, 1), add(0.1, 3)}};
  return spec;
}

int32_t wanted(const StepSpec& spec, int32_t size, double value, const Recent& recent = {}) {
  return proposed(spec_of(spec), workload_of(size), {for_service(value)}, recent);
}

TEST(Step, ALargerBreachIsALargerStep) {
  const struct {
    const char* name;
    double cpu;
    int32_t want;
  } cases[] = {
      {"not past", 0.599, 10},
      {"at the mark: the first step", 0.6, 11},
      {"below the second", 0.699, 11},
      {"its lower edge is in, though 0.7 - 0.6 is 0.09999999999999998", 0.7, 12},
      {"the last has no upper edge", 7, 14},
      {"between the marks", 0.45, 10},
      {"at the lower mark", 0.3, 9},
      {"above the second", 0.201, 9},
      {"the edge is of the step further away", 0.2, 7},
      {"nothing at all", 0, 7},
  };
  for (const auto& c : cases) EXPECT_EQ(wanted(cpu_steps(), 10, c.cpu), c.want) << c.name;
}

TEST(Step, APercentageIsCutOffAndNeverLessThanItsMinimum) {
  const struct {
    const char* name;
    int32_t size;
    double percent;
    int32_t minimum;
    int32_t want;
  } cases[] = {
      {"25 % of 8", 8, 25, 1, 10},
      {"25 % of 7 is 1.75", 7, 25, 1, 8},
      {"25 % of 2 is 0.5: one", 2, 25, 1, 3},
      {"25 % of 4 with a minimum of 2", 4, 25, 2, 6},
      {"50 % of 10 with a minimum of 2", 10, 50, 2, 15},
      {"29 % of 100 is 29, not 28.999999999999996", 100, 29, 1, 129},
  };
  for (const auto& c : cases) {
    StepSpec spec = cpu_steps();
    spec.out->steps = {add_percent(0, c.percent, c.minimum)};
    EXPECT_EQ(wanted(spec, c.size, 0.9), c.want) << c.name;
    spec.in->steps = {add_percent(0, c.percent, c.minimum)};
    EXPECT_EQ(wanted(spec, c.size, 0.1), 2 * c.size - c.want) << c.name;
  }
}

TEST(Step, AnExactSizeMovesInTheDirectionOfItsRuleOnly) {
  StepSpec spec = cpu_steps();
  spec.out->steps = {exactly(0, 8)};
  spec.in->steps = {exactly(0, 2)};
  EXPECT_EQ(wanted(spec, 5, 0.9), 8);
  EXPECT_EQ(wanted(spec, 9, 0.9), 9) << "out never removes";
  EXPECT_EQ(wanted(spec, 5, 0.1), 2);
  EXPECT_EQ(wanted(spec, 1, 0.1), 1) << "in never adds";
}

// A service whose size is what is decided, asked once a minute.
class Stepped {
 public:
  explicit Stepped(const StepSpec& spec, int32_t size) : spec_(spec_of(spec)), size_(size) {}

  Decision tick(double cpu, Duration later = 1min) {
    now_ += later;
    const auto decision =
        evaluate(spec_, workload_of(size_), {for_service(cpu, now_)}, recent_, now_);
    record(spec_, decision, decision.to == size_ ? Outcome::kHeld : Outcome::kApplied, now_,
           recent_);
    size_ = decision.to;
    return decision;
  }

 private:
  WorkloadSpec spec_;
  Recent recent_;
  Instant now_ = kStart;
  int32_t size_;
};

TEST(Step, InItsCooldownALargerStepAddsTheDifference) {
  Stepped service(cpu_steps(), 10);
  EXPECT_EQ(service.tick(0.75).to, 12) << "2 added";
  const auto same = service.tick(0.75);
  EXPECT_EQ(same.to, 12);
  EXPECT_EQ(same.reason, Reason::kCooldown);
  EXPECT_EQ(service.tick(0.65).to, 12) << "a smaller one neither";
  EXPECT_EQ(service.tick(0.85).to, 14) << "a step of 4 counts the 2";
  EXPECT_EQ(service.tick(0.85).to, 14);
  EXPECT_EQ(service.tick(0.85, 4min).to, 18) << "the cooldown of the last resize is over";
}

TEST(Step, APercentageIsOfTheSizeBeforeTheCooldown) {
  StepSpec spec = cpu_steps();
  spec.out->steps = {add_percent(0, 20), add_percent(0.1, 50)};
  Stepped service(spec, 10);
  EXPECT_EQ(service.tick(0.65).to, 12);
  EXPECT_EQ(service.tick(0.75).to, 15) << "50 % of 10";
}

TEST(Step, ScaleInWaitsForBothCooldownsAndScaleOutForNeithers) {
  Stepped service(cpu_steps(), 10);
  EXPECT_EQ(service.tick(0.75).to, 12);
  EXPECT_EQ(service.tick(0.1).reason, Reason::kCooldown) << "after an out";
  EXPECT_EQ(service.tick(0.1, 4min).to, 9);
  EXPECT_EQ(service.tick(0.1).reason, Reason::kCooldown) << "after an in";
  EXPECT_EQ(service.tick(0.65).to, 10) << "at once, and as a whole";
}

TEST(Step, ItMustBePastForSoManySamples) {
  StepSpec spec = cpu_steps();
  spec.out->samples = 3;
  Stepped service(spec, 10);
  EXPECT_EQ(service.tick(0.65).to, 10);
  EXPECT_EQ(service.tick(0.85).to, 10);
  EXPECT_EQ(service.tick(0.75).to, 12) << "by the step of the last one";
}

TEST(Step, WithoutAnInRuleItAbstainsBetween) {
  StepSpec spec = cpu_steps();
  spec.in.reset();
  const auto decision =
      evaluate(spec_of(spec), workload_of(3), {for_service(0.1)}, Recent{}, kStart);
  EXPECT_EQ(decision.proposals.at(0).abstain, AbstainReason::kNoInRule);
}

TEST(Step, AMissingSignalIsPastNothingAndHolds) {
  const auto decision =
      evaluate(spec_of(cpu_steps()), workload_of(3), {for_service(missing())}, Recent{}, kStart);
  EXPECT_EQ(decision.proposals.at(0).abstain, AbstainReason::kHeld);
  EXPECT_TRUE(decision.proposals.at(0).blocks_in);
}

TEST(Step, NoTrafficIsAsLowAsCanBe) {
  auto spec = spec_of(cpu_steps());
  spec.signals[0].kind = SignalSpec::Kind::kRatio;
  EXPECT_EQ(proposed(spec, workload_of(10), {for_service(measured(RatioParts{0, 0}))}), 7);
}

}  // namespace
}  // namespace autoscaler
