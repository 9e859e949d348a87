// An error budget and no policies: what it brings is enough before anything is learned, and no more
// than that.
#include "tests/scenarios/story.h"

#include <cmath>

namespace autoscaler {
namespace {

const std::string kBudget =
    shop({"rps: {source: balancer, value: requestRate}", kLatency}, {},
         {"warmup: 30s", "slo: {signal: latency, p95: 300ms, budget: 0.5%}"});

class Budget : public Story {
 protected:
  struct Raise {
    Instant at;
    int32_t from;
    int32_t to;
    int32_t in_service;
  };
  // Those that the threshold on latency asks for alone, in the time to come.
  std::vector<Raise> raises(Duration time) {
    std::vector<Raise> all;
    for (const Instant end = sim_->now() + time; sim_->now() < end;) {
      last_ = &sim_->tick();
      const Decision& decision = last_->decision;
      if (decision.to <= decision.from || decision.proposals[0].replicas) continue;
      all.push_back({sim_->now(), decision.from, decision.to, in_service()});
    }
    return all;
  }
};

// p95 is past the SLO at every tick until enough of them serve.
TEST_F(Budget, before_its_capacity_is_learned_grows_by_a_quarter_once_the_last_quarter_serves) {
  Release slow;
  slow.startup = 3min;
  begin(kBudget, 150, slow);
  ASSERT_EQ(size(), 2);
  load_ = 420;
  const std::vector<Raise> all = raises(1h);
  for (const Raise& raise : all) {
    EXPECT_EQ(raise.in_service, raise.from) << "who was ordered last may be enough";
    EXPECT_LE(raise.to, raise.from + std::ceil(0.25 * raise.from));
  }
  EXPECT_EQ(all.size(), 3) << "then it is learned what one carries";
  EXPECT_GE(size(), 5);
  EXPECT_LE(size(), 6);
  EXPECT_LE(last_->decision.signals[1].value.value_or(1), 0.3);
}

// Of latency that no instance cures it is learned what one carries no longer. Each quarter is
// judged before the next, and the next comes twice as late.
TEST_F(Budget, against_a_slow_dependency_tries_a_quarter_and_then_ever_later) {
  begin(kBudget, 600);
  sim_->service.dependency_delay = 1s;
  run(20min);  // guard_bad_deploy holds it
  const std::vector<Raise> all = raises(3h);
  ASSERT_GE(all.size(), 5u);
  // Before the first it had learned to wait for an hour, and that is forgotten then.
  Duration wait = 5min;
  for (size_t i = 3; i < all.size(); ++i, wait *= 2) {
    EXPECT_GE(all[i].at - all[i - 1].at, wait) << "to " << all[i].to;
  }
  EXPECT_LE(all.size(), 6u);
}

}  // namespace
}  // namespace autoscaler
