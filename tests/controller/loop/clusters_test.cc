#include "controller/clusters.h"

#include "tests/fakes/fake_cluster.h"
#include "tests/fakes/fake_scales.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

template <typename Port, typename Fake>
class Passing;
template <typename Fake>
class Passing<ClusterReader, Fake> final : public ClusterReader {
 public:
  explicit Passing(Fake& fake) : fake_(fake) {}
  Result<ClusterObservation> observe(Instant now) override { return fake_.observe(now); }

 private:
  Fake& fake_;
};
template <typename Fake>
class Passing<ClusterWriter, Fake> final : public ClusterWriter {
 public:
  explicit Passing(Fake& fake) : fake_(fake) {}
  std::vector<ChangeResult> apply(std::span<const Change> changes, Instant now) override {
    return fake_.apply(changes, now);
  }

 private:
  Fake& fake_;
};

class ClustersTest : public testing::Test {
 protected:
  ClustersTest() {
    readers_.add(std::make_unique<Passing<ClusterReader, FakeScales>>(scales_), {"pods"});
    readers_.add(std::make_unique<Passing<ClusterReader, FakeCluster>>(host_), {"api", "web"});
    writers_.add(std::make_unique<Passing<ClusterWriter, FakeScales>>(scales_), {"pods"});
    writers_.add(std::make_unique<Passing<ClusterWriter, FakeCluster>>(host_), {"api", "web"});
    scales_.write("pods", 1);
  }
  FakeCluster host_;
  FakeScales scales_;
  ClusterReaders readers_;
  ClusterWriters writers_;
};

TEST_F(ClustersTest, ChangesGoWhereTheirWorkloadIsAndResultsComeBackInTheirOrder) {
  const Change changes[] = {Launch{"web", "web-1"}, Resize{"pods", 1, 2, "1", {}},
                            Launch{"api", "api-1"}, Resize{"pods", 1, 3, "0", {}}};
  const auto results = writers_.apply(changes, Instant{});
  ASSERT_THAT(results, SizeIs(4));
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(change_subject(results[i].change), change_subject(changes[i]));
  }
  EXPECT_FALSE(results[1].error);
  EXPECT_EQ(results[3].error->code, Code::kConflict);
  EXPECT_THAT(host_.log, ElementsAre("launch web-1", "launch api-1"));
  const auto seen = readers_.observe(Instant{});
  ASSERT_TRUE(seen.ok());
  std::vector<WorkloadId> order;
  for (const InstanceObservation& instance : seen->instances) order.push_back(instance.workload);
  EXPECT_THAT(order, ElementsAre("api", "web"));
  ASSERT_THAT(seen->scales, SizeIs(1));
  EXPECT_EQ(seen->scales[0]->workload, "pods");
  EXPECT_EQ(seen->scales[0]->pods.size(), 2u);
}

TEST_F(ClustersTest, OneThatDoesNotAnswerHidesItsOwnWorkloadsAlone) {
  host_.outage = Error{Code::kDenied, "no"};
  const auto seen = readers_.observe(Instant{});
  ASSERT_TRUE(seen.ok());
  EXPECT_THAT(seen->scales, SizeIs(1));
  ASSERT_THAT(seen->unreadable, SizeIs(2));
  EXPECT_EQ(seen->unreadable[0].first, "api");
  EXPECT_EQ(seen->unreadable[1].second.message, "no");
}

}  // namespace
}  // namespace autoscaler
