#include "controller/kubernetes/replicas.h"

#include "controller/kubernetes/campaign.h"
#include "tests/controller/kubernetes/on_both_servers.h"
#include "tests/fakes/eventually.h"

#include <gmock/gmock.h>

#include <atomic>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

// Replicas of six shards on a clock that the test advances: leases of 15 s, so that who is silent
// for 30 s is not there, and shards move when all has been the same for 30 s.
class ReplicasTest : public OnBothServers {
 protected:
  static constexpr size_t kShards = 6;

  void SetUp() override {
    OnBothServers::SetUp();
    if (IsSkipped()) return;
    spec_.name = "autoscaler";
    spec_.name_space = space_;
    spec_.shards = kShards;
    first_ = make("first");
    second_ = make("second");
  }
  std::unique_ptr<Replicas> make(const std::string& identity) {
    return std::make_unique<Replicas>(
        *admin_, spec_, identity, [this] { return now_.load(); }, wall_clock);
  }
  static void announce(Replicas& replicas) { replicas.announce({}); }
  void pass(milliseconds time) { now_ = now_.load() + time; }
  // Both announce themselves every 5 s.
  void pass_together(seconds time) {
    for (seconds passed{0}; passed < time; passed += seconds(5)) {
      pass(seconds(5));
      announce(*first_);
      announce(*second_);
    }
  }
  // Of how many shards `replicas` would be the first to take the lease.
  static int first_of(const Replicas& replicas) {
    int count = 0;
    for (size_t i = 0; i < kShards; ++i) count += replicas.preference(i, "", {}).is_first ? 1 : 0;
    return count;
  }
  static int to_hand_over(const Replicas& replicas, const std::string& to,
                          nanoseconds led_since = {}) {
    int count = 0;
    for (size_t i = 0; i < kShards; ++i) {
      count += replicas.preference(i, "", led_since).hand_to == to ? 1 : 0;
    }
    return count;
  }

  LeaseSpec spec_;
  std::atomic<nanoseconds> now_{seconds(1000)};
  std::unique_ptr<Replicas> first_;
  std::unique_ptr<Replicas> second_;
};
INSTANTIATE_TEST_SUITE_P(Server, ReplicasTest, kBothServers, server_name);

TEST_P(ReplicasTest, WhoHasNotAnnouncedItselfIsFirstNowhere) {
  EXPECT_EQ(first_of(*first_), 0);
  EXPECT_EQ(first_->announce({}), nanoseconds(seconds(5)));
  EXPECT_EQ(first_of(*first_), 6);
  EXPECT_EQ(first_of(*second_), 0);
}

TEST_P(ReplicasTest, TwoDivideTheShardsAndAgree) {
  announce(*first_);
  announce(*second_);
  announce(*first_);
  for (size_t i = 0; i < kShards; ++i) {
    EXPECT_NE(first_->preference(i, "", {}).is_first, second_->preference(i, "", {}).is_first) << i;
  }
  EXPECT_EQ(first_of(*first_), 3);
}

TEST_P(ReplicasTest, AShardMovesWhenTheReplicasHaveBeenTheSameForTwoLeases) {
  announce(*first_);
  announce(*second_);
  pass_together(seconds(25));
  EXPECT_EQ(to_hand_over(*first_, "second"), 0);
  pass_together(seconds(10));
  EXPECT_EQ(to_hand_over(*first_, "second"), 3);
  EXPECT_EQ(to_hand_over(*second_, "first"), 3);
  for (size_t i = 0; i < kShards; ++i) {
    EXPECT_EQ(first_->preference(i, "second", {}).awaits, first_->preference(i, "", {}).is_first)
        << i;
    EXPECT_FALSE(first_->preference(i, "first", {}).awaits) << "it is ours already";
  }
  announce(*make("third"));
  announce(*first_);
  EXPECT_EQ(to_hand_over(*first_, "second") + to_hand_over(*first_, "third"), 0);
}

// Its heir has led since 12 s after its death. It is there still, and a shard that it was handed
// would wait for its death once more.
TEST_P(ReplicasTest, NothingGoesBackToTheDead) {
  announce(*first_);
  announce(*second_);
  pass_together(seconds(35));
  pass(seconds(12));
  const nanoseconds led_since = now_;
  for (int seconds_passed = 0; seconds_passed < 16; ++seconds_passed) {
    EXPECT_EQ(to_hand_over(*first_, "second", led_since), 0) << seconds_passed;
    pass(seconds(1));
    announce(*first_);
  }
  announce(*second_);  // it was only slow
  announce(*first_);
  EXPECT_EQ(to_hand_over(*first_, "second", led_since), 3);
}

TEST_P(ReplicasTest, WhoIsSilentForTwoLeasesIsNotThere) {
  announce(*first_);
  announce(*second_);
  announce(*first_);
  pass(milliseconds(29'900));
  announce(*first_);
  EXPECT_EQ(first_of(*first_), 3);
  pass(milliseconds(200));
  announce(*first_);
  EXPECT_EQ(first_of(*first_), 6);
}

TEST_P(ReplicasTest, TheHeirOfADeadHolderIsKnownBeforeItsSilence) {
  announce(*first_);
  announce(*second_);
  announce(*first_);
  for (size_t i = 0; i < kShards; ++i)
    EXPECT_TRUE(first_->preference(i, "second", {}).is_heir) << i;
  for (size_t i = 0; i < kShards; ++i) EXPECT_EQ(first_->heir_of(i, "first"), "second");
}

TEST_P(ReplicasTest, WhoWithdrawsIsGoneAtOnce) {
  announce(*first_);
  announce(*second_);
  second_->withdraw();
  announce(*first_);
  EXPECT_EQ(first_of(*first_), 6);
}

// Of each replica that ever was, an annotation would be left for ever.
TEST_P(ReplicasTest, WhatIsLeftOfTheDeadIsDeleted) {
  const auto annotations = [this] {
    return nlohmann::json::parse(admin_->get(path("leases", "autoscaler-replicas")).body)
        .at("metadata")
        .at("annotations")
        .size();
  };
  announce(*second_);
  announce(*first_);
  EXPECT_EQ(annotations(), 2u);
  pass(seconds(301));
  announce(*first_);
  EXPECT_EQ(annotations(), 1u);
}

TEST_P(ReplicasTest, WhoMayNotAnnounceItselfSaysSo) {
  const auto nobody = client("writer-token");
  Replicas silent(
      *nobody, spec_, "silent", [this] { return now_.load(); }, wall_clock);
  EXPECT_EQ(silent.error(), std::nullopt);
  announce(silent);
  ASSERT_TRUE(silent.error());
  EXPECT_EQ(silent.error()->code, Code::kDenied);
  announce(*first_);
  EXPECT_EQ(first_->error(), std::nullopt);
}

// Of real time: a campaign has threads of its own.
class CampaignTest : public OnBothServers {
 protected:
  std::unique_ptr<Campaign> make(int32_t shards, const ApiSettings& settings = {},
                                 const std::string& token = "admin-token") {
    LeaseSpec spec;
    spec.name = "autoscaler";
    spec.name_space = space_;
    spec.shards = shards;
    spec.duration = seconds(4);  // a fifth of it for an answer, under a sanitizer on a busy machine
    spec.renew = seconds(1);
    return std::make_unique<Campaign>(
        server_->access(token), settings, spec,
        [] { return nanoseconds(std::chrono::steady_clock::now().time_since_epoch()); },
        wall_clock);
  }
  static int led(const Campaign& campaign) {
    int count = 0;
    for (const Leadership& shard : campaign.state()) count += shard.leads ? 1 : 0;
    return count;
  }
};
class CampaignFaults : public CampaignTest {};
INSTANTIATE_TEST_SUITE_P(Server, CampaignTest, kBothServers, server_name);
INSTANTIATE_TEST_SUITE_P(Server, CampaignFaults, kFakeServer, server_name);

TEST_P(CampaignTest, AWorkloadIsLedByWhoHoldsTheLeaseOfItsShard) {
  ASSERT_TRUE(admin_
                  ->create(path("leases"), R"({"metadata":{"name":"autoscaler-0"},"spec":)"
                                           R"({"holderIdentity":"x","leaseDurationSeconds":600}})")
                  .ok());
  const auto campaign = make(2);
  campaign->ticked();
  ASSERT_TRUE(eventually([&] { return campaign->state()[1].leads; }));
  EXPECT_FALSE(campaign->state()[0].leads);
  for (const std::string name : {"cart", "checkout", "search", "mail", "shop", "x", "y", "z"}) {
    EXPECT_EQ(campaign->leads(name), shard_of(name, 2) == 1) << name;
  }
}

TEST_P(CampaignTest, OneShardHasThePlainNameAndNoReplicas) {
  const auto campaign = make(1);
  ASSERT_TRUE(eventually([&] { return led(*campaign) == 1; })) << "without a tick";
  EXPECT_EQ(campaign->state()[0].lease, space_ + "/autoscaler");
  EXPECT_FALSE(admin_->get(path("leases", "autoscaler-replicas")).ok());
}

TEST_P(CampaignTest, WithoutTheRightToItsReplicasEachShardNamesIt) {
  allow("writer", R"([{"apiGroups":["coordination.k8s.io"],"resources":["leases"],
      "verbs":["get","create"]},
     {"apiGroups":["coordination.k8s.io"],"resources":["leases"],"verbs":["patch"],
      "resourceNames":["autoscaler-0","autoscaler-1"]}])");
  const auto campaign = make(2, {}, "writer-token");
  campaign->ticked();
  ASSERT_TRUE(eventually([&] {
    const auto error = campaign->state()[1].error;
    return error && error->message.find("leases/autoscaler-replicas") != std::string::npos;
  }));
  EXPECT_TRUE(eventually([&] { return led(*campaign) == 2; }));
}

TEST_P(CampaignFaults, ABusyServerDoesNotSilenceIt) {
  faults(R"({"throttle": 1, "retry_after": 3600})");
  ApiSettings patient;
  patient.longest_pause = std::chrono::hours(1);  // of all other requests
  const auto campaign = make(1, patient);
  EXPECT_TRUE(eventually([&] { return led(*campaign) == 1; }));
}

TEST_P(CampaignTest, ShardsGoToOneThatComesAfterATickAndBackWhenItEnds) {
  const auto first = make(2);
  first->ticked();
  ASSERT_TRUE(eventually([&] { return led(*first) == 2; }));
  auto second = make(2);
  ASSERT_TRUE(eventually([&] { return !second->state()[1].holder.empty(); }));
  for (int renewals = 0; renewals < 4; ++renewals) {  // time enough to announce itself
    const std::string before = admin_->get(path("leases", "autoscaler-0")).body;
    ASSERT_TRUE(
        eventually([&] { return admin_->get(path("leases", "autoscaler-0")).body != before; }));
  }
  const auto replicas =
      nlohmann::json::parse(admin_->get(path("leases", "autoscaler-replicas")).body);
  EXPECT_EQ(replicas.at("metadata").at("annotations").size(), 1u) << "it has not ticked yet";
  EXPECT_EQ(led(*second), 0);
  const auto both_tick = [&] {
    first->ticked();
    second->ticked();
    return led(*first) == 1 && led(*second) == 1;
  };
  ASSERT_TRUE(eventually(both_tick));
  second.reset();
  EXPECT_TRUE(eventually([&] { return led(*first) == 2; }));
}

}  // namespace
}  // namespace autoscaler
