// The whole loop where its workloads are in several shards, which other controllers may lead.
#include "controller/dry_run.h"
#include "tests/controller/loop/loop_fixture.h"
#include "tests/fakes/fake_scales.h"

namespace autoscaler {
namespace {

using std::chrono::minutes;

// Two workloads in two shards, of which one is led by another controller.
const char* const kTwo = R"(
workloads:
  - name: cart
    target: {kubernetes: {namespace: store, name: cart}}
    replicas: {min: 2, max: 20}
    signals: {rps: {source: kubernetes, external: rps, unit: perSecond}}
    policies: [{track: {signal: rps, perInstance: 100/s}}]
    behavior: {scaleDown: {stabilizationWindowSeconds: 60}}
  - name: search
    target: {kubernetes: {namespace: store, name: search}}
    replicas: {min: 2, max: 20}
    signals: {rps: {source: kubernetes, external: rps, unit: perSecond}}
    policies: [{track: {signal: rps, perInstance: 100/s}}]
    behavior: {scaleDown: {stabilizationWindowSeconds: 60}}
)";

struct TwoShards final : LeaderElection {
  bool leads(const WorkloadId& workload) const override { return led.at(shard_of(workload, 2)); }
  std::vector<Leadership> state() const override { return {{.leads = led[0]}, {.leads = led[1]}}; }
  std::vector<bool> led{true, true};
};

class ShardsTest : public LoopTest, public ClusterWriter {
 protected:
  ShardsTest() : LoopTest(kTwo) {
    for (const char* name : {"cart", "search"}) scales_.write(name, 2);
    EXPECT_NE(shard_of("cart", 2), shard_of("search", 2));
  }
  Ports ports() override {
    return {clock_, scales_, *this, balancer_, balancer_, {&source_}, &election_};
  }
  std::vector<ChangeResult> apply(std::span<const Change> changes, Instant now) override {
    std::vector<ChangeResult> results;
    for (const Change& change : changes) {
      const bool leads = election_.leads(change_workload(change));
      ClusterWriter& writer = leads ? static_cast<ClusterWriter&>(scales_) : skipping_;
      for (ChangeResult& result : writer.apply({&change, 1}, now)) results.push_back(result);
    }
    return results;
  }

  FakeScales scales_;
  SkippingClusterWriter skipping_;
  TwoShards election_;
};

TEST_F(ShardsTest, each_workload_is_written_by_who_leads_its_shard) {
  load_ = 200;
  run(minutes(4));
  scales_.log.clear();
  election_.led[shard_of("search", 2)] = false;
  load_ = 400;
  tick();
  const WorkloadTick& cart = last_->workloads[0];
  const WorkloadTick& search = last_->workloads[1];
  EXPECT_EQ(cart.outcome, Outcome::kApplied);
  EXPECT_TRUE(cart.leads);
  EXPECT_EQ(search.outcome, Outcome::kSkipped);
  EXPECT_FALSE(search.leads);
  EXPECT_EQ(search.shard, shard_of("search", 2));
  EXPECT_EQ(search.decision.to, 4) << "it is decided all the same";
  EXPECT_EQ(scales_.scales["cart"].spec_replicas, 4);
  EXPECT_EQ(scales_.scales["search"].spec_replicas, 2);
}

// A size that was not foreseen counts as the leader's where another leads, as somebody's where we
// do.
TEST_F(ShardsTest, what_another_wrote_counts_by_who_led_that_workload) {
  load_ = 200;
  run(minutes(4));
  election_.led[shard_of("search", 2)] = false;
  tick();
  scales_.write("cart", 3);
  scales_.write("search", 3);
  tick();
  EXPECT_FALSE(last_->workloads[0].recent->last_out == clock_.now());
  EXPECT_EQ(last_->workloads[1].recent->last_out, clock_.now());
}

}  // namespace
}  // namespace autoscaler
