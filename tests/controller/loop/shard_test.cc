// Which shard a workload belongs to, and which replica should hold which shard.
#include "controller/shard.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>

namespace autoscaler {
namespace {

using testing::Each;
using testing::ElementsAre;

std::map<std::string, int> counts_of(const std::vector<std::string>& owners) {
  std::map<std::string, int> counts;
  for (const std::string& owner : owners) ++counts[owner];
  return counts;
}

// Those of the FNV reference (draft-eastlake-fnv, appendix C).
TEST(Shard, fnv1a_is_the_published_one) {
  EXPECT_EQ(fnv1a(""), 0xcbf29ce484222325u);
  EXPECT_EQ(fnv1a("a"), 0xaf63dc4c8601ec8cu);
  EXPECT_EQ(fnv1a("foobar"), 0x85944171f73967e8u);
}

// The first two of the sequence that 1234567 begins, by the reference of Vigna: the state goes on
// by the golden ratio.
TEST(Shard, mix_is_one_step_of_splitmix64) {
  EXPECT_EQ(mix(1234567), 6457827717110365317u);
  EXPECT_EQ(mix(1234567 + 0x9e3779b97f4a7c15u), 3203168211198807973u);
}

// A replica of another version must agree: these may never change.
TEST(Shard, workloads_stay_in_their_shards_from_version_to_version) {
  std::vector<size_t> shards;
  for (const char* name : {"cart", "checkout", "search", "mail", "shop/web", "x"}) {
    shards.push_back(shard_of(name, 3));
  }
  EXPECT_THAT(shards, ElementsAre(2, 1, 2, 2, 2, 1));
}

TEST(Shard, names_that_differ_in_their_last_letters_are_spread) {
  std::vector<int> counts(8);
  for (int i = 0; i < 8000; ++i) ++counts[shard_of("web-" + std::to_string(i), 8)];
  EXPECT_THAT(counts, Each(testing::AllOf(testing::Ge(880), testing::Le(1120))));
}

TEST(Shard, one_shard_more_moves_its_own_share_alone) {
  int moved = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::string name = "web-" + std::to_string(i);
    const size_t before = shard_of(name, 3);
    const size_t after = shard_of(name, 4);
    if (before == after) continue;
    EXPECT_EQ(after, 3u) << name;
    ++moved;
  }
  EXPECT_NEAR(moved, 750, 100);
}

TEST(Shard, replicas_hold_as_many_shards_as_each_other) {
  EXPECT_THAT(counts_of(owners_of(3, {"a", "b", "c"})),
              ElementsAre(testing::Pair("a", 1), testing::Pair("b", 1), testing::Pair("c", 1)));
  for (size_t shards = 1; shards <= 20; ++shards) {
    std::vector<std::string> replicas;
    for (int i = 0; i < 6; ++i) {
      replicas.push_back("autoscaler-" + std::to_string(i) + "_0f");
      const auto counts = counts_of(owners_of(shards, replicas));
      EXPECT_FALSE(counts.contains("")) << "a shard without an owner";
      int most = 0;
      for (const auto& [replica, count] : counts) most = std::max(most, count);
      const size_t share = (shards + replicas.size() - 1) / replicas.size();
      EXPECT_EQ(most, static_cast<int>(share)) << shards << " shards, " << replicas.size();
    }
  }
}

TEST(Shard, the_order_in_which_replicas_are_known_says_nothing) {
  std::vector<std::string> replicas{"d", "a", "c", "b"};
  const auto owners = owners_of(7, replicas);
  std::sort(replicas.begin(), replicas.end());
  EXPECT_EQ(owners_of(7, replicas), owners);
}

TEST(Shard, nobody_owns_what_nobody_is_there_for) {
  EXPECT_THAT(owners_of(2, {}), ElementsAre("", ""));
}

}  // namespace
}  // namespace autoscaler
