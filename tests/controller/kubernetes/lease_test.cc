#include "controller/kubernetes/lease.h"

#include "tests/controller/kubernetes/on_both_servers.h"

#include <atomic>

namespace autoscaler {
namespace {

using nlohmann::json;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

// Two controllers on a clock that the test advances: a lease of 15 s, kept for 12 s after the
// moment before it was renewed, taken over 12.75 s after it was last seen to be.
class LeaseTest : public OnBothServers {
 protected:
  void SetUp() override {
    OnBothServers::SetUp();
    if (IsSkipped()) return;
    spec_.name = "autoscaler";
    spec_.name_space = space_;
    first_ = make("first");
    second_ = make("second");
  }
  std::unique_ptr<Lease> make(const std::string& identity) {
    return std::make_unique<Lease>(
        *admin_, spec_, identity,
        [this] {
          const nanoseconds now = now_;
          now_ = now + each_look_;
          return now;
        },
        wall_clock);
  }
  static nanoseconds attempt(Lease& lease, const Lease::Preference& preference = {}) {
    return lease.attempt({}, preference);
  }
  void pass(milliseconds time) { now_ = now_.load() + time; }
  json lease() { return json::parse(admin_->get(path("leases", "autoscaler")).body)["spec"]; }

  LeaseSpec spec_;
  std::atomic<nanoseconds> now_{seconds(1000)};
  nanoseconds each_look_{0};  // time goes on by this with each look at the clock
  std::unique_ptr<Lease> first_;
  std::unique_ptr<Lease> second_;
};
class LeaseFaults : public LeaseTest {};
INSTANTIATE_TEST_SUITE_P(Server, LeaseTest, kBothServers, server_name);
INSTANTIATE_TEST_SUITE_P(Server, LeaseFaults, kFakeServer, server_name);

TEST_P(LeaseTest, OneOfTwoLeadsAndTheOtherKnowsWho) {
  EXPECT_FALSE(first_->holds());
  EXPECT_EQ(attempt(*first_), nanoseconds(seconds(5)));
  EXPECT_EQ(attempt(*second_), nanoseconds(milliseconds(1500)));
  EXPECT_TRUE(first_->holds());
  EXPECT_FALSE(second_->holds());
  EXPECT_TRUE(first_->state().leads);
  EXPECT_EQ(second_->state().holder, "first");
  EXPECT_EQ(lease()["holderIdentity"], "first");
  EXPECT_EQ(lease()["leaseDurationSeconds"], 15);
}

TEST_P(LeaseTest, ALeaderThatRenewsIsNeverFollowed) {
  for (int i = 0; i < 10; ++i) {
    attempt(*first_);
    attempt(*second_);
    pass(seconds(5));
    EXPECT_TRUE(first_->holds());
    EXPECT_FALSE(second_->holds());
  }
  EXPECT_EQ(first_->state().transitions, 1u);
}

TEST_P(LeaseTest, ADeadLeaderHasCeasedToLeadBeforeItIsFollowed) {
  attempt(*first_);
  attempt(*second_);
  pass(milliseconds(11'900));
  EXPECT_TRUE(first_->holds());
  pass(milliseconds(200));
  EXPECT_FALSE(first_->holds());
  attempt(*second_);
  EXPECT_FALSE(second_->holds()) << "12.1 s after the last renewal";
  pass(milliseconds(700));
  attempt(*second_);
  EXPECT_TRUE(second_->holds()) << "12.8 s after the last renewal";
  EXPECT_EQ(lease()["leaseTransitions"], 1);
}

// Renewed just after a look, it is seen 1.5 s later. Its heir waits 12.75 s from then on, and any
// other 13.5 s: they look just then.
TEST_P(LeaseTest, ADeadLeaderIsFollowedWithinTheLeaseByWhoeverIsThere) {
  for (const bool is_heir : {true, false}) {
    attempt(*first_);
    nanoseconds wait = attempt(*second_, {.is_heir = is_heir});
    attempt(*first_);
    const nanoseconds died = now_;
    for (int looks = 0; looks < 50 && !second_->holds(); ++looks) {
      now_ = now_.load() + wait;
      wait = attempt(*second_, {.is_heir = is_heir});
    }
    EXPECT_FALSE(first_->holds());
    EXPECT_EQ(now_.load() - died, milliseconds(is_heir ? 14'250 : 15'000));
    second_->release("first");
    attempt(*first_);
    attempt(*first_);
  }
}

// A leader that has died is not told by dates, but by having been seen to do nothing.
TEST_P(LeaseTest, WhoComesNewWaitsForAWholeLease) {
  attempt(*first_);
  pass(std::chrono::hours(1));
  attempt(*second_);
  EXPECT_FALSE(second_->holds());
  pass(milliseconds(13'600));
  attempt(*second_);
  EXPECT_TRUE(second_->holds());
}

// Each look at the clock, so too one after the answer, is 10 s later than the one before.
TEST_P(LeaseTest, TheTimeOfALeaseBeginsBeforeTheRequestIsSent) {
  attempt(*first_);
  each_look_ = seconds(10);
  const nanoseconds before = now_;
  attempt(*first_);
  each_look_ = {};
  now_ = before + milliseconds(12'100);
  EXPECT_FALSE(first_->holds());
}

// The machine slept, or the process was stopped: the clock has gone on.
TEST_P(LeaseTest, WhoWakesUpLateDoesNotLead) {
  attempt(*first_);
  attempt(*second_);
  pass(std::chrono::minutes(10));
  EXPECT_FALSE(first_->holds()) << "though nothing has told it so";
  attempt(*second_);
  EXPECT_TRUE(second_->holds());
  attempt(*first_);  // with the version that it knows: 409
  EXPECT_FALSE(first_->holds());
  attempt(*first_);
  EXPECT_EQ(first_->state().holder, "second");
  EXPECT_EQ(lease()["holderIdentity"], "second");
}

TEST_P(LeaseTest, AConflictIsReadAgainAndEndsTheLead) {
  attempt(*first_);
  pass(seconds(5));
  ASSERT_TRUE(
      admin_->merge_patch(path("leases", "autoscaler"), R"({"spec":{"holderIdentity":"somebody"}})")
          .ok());
  EXPECT_TRUE(first_->holds());
  EXPECT_EQ(attempt(*first_), nanoseconds(milliseconds(1500)));
  EXPECT_FALSE(first_->holds());
  EXPECT_EQ(first_->state().error->code, Code::kConflict);
  EXPECT_EQ(first_->state().transitions, 2u);
  attempt(*first_);
  EXPECT_EQ(first_->state().holder, "somebody");
  EXPECT_EQ(first_->state().error, std::nullopt);
}

TEST_P(LeaseTest, ALeaseThatIsGivenUpIsTakenAtOnce) {
  attempt(*first_);
  attempt(*second_);
  first_->release("");
  EXPECT_FALSE(first_->holds());
  attempt(*second_);
  EXPECT_TRUE(second_->holds());
  first_->release("");  // not its own any more
  EXPECT_EQ(lease()["holderIdentity"], "second");
}

// A replica that is not preferred is there all the same: when the one that is does not come.
TEST_P(LeaseTest, WhoIsNotPreferredWaitsLongerForALeaseThatNobodyHolds) {
  const Lease::Preference other{.is_first = false};
  attempt(*second_, other);
  EXPECT_FALSE(second_->holds());
  pass(milliseconds(4'400));
  attempt(*second_, other);
  EXPECT_FALSE(second_->holds()) << "4.4 s after it was seen that there is none";
  pass(milliseconds(200));
  attempt(*second_, other);
  EXPECT_TRUE(second_->holds());
  second_->release("");
  attempt(*first_, other);
  EXPECT_FALSE(first_->holds());
  attempt(*first_);
  EXPECT_TRUE(first_->holds()) << "the one that is preferred takes it at once";
}

TEST_P(LeaseTest, AHolderGivesWayToABetterOneThatLeadsAtItsNextLook) {
  attempt(*first_);
  attempt(*second_);
  attempt(*first_, {.hand_to = "second"});
  EXPECT_FALSE(first_->holds());
  EXPECT_FALSE(second_->holds()) << "it does not know yet";
  EXPECT_EQ(lease()["holderIdentity"], "second");
  attempt(*first_);
  EXPECT_FALSE(first_->holds());
  EXPECT_EQ(attempt(*second_), nanoseconds(seconds(5)));
  EXPECT_TRUE(second_->holds());
  EXPECT_EQ(lease()["leaseTransitions"], 1);
}

// One that is there, and cannot keep the lease.
TEST_P(LeaseTest, AHolderGivesWayOnceInTenDurations) {
  attempt(*first_);
  attempt(*first_, {.hand_to = "third"});
  attempt(*first_);
  pass(milliseconds(13'600));
  attempt(*first_);
  ASSERT_TRUE(first_->holds()) << "it did not come";
  for (int passed = 0; passed < 136; passed += 4) {
    EXPECT_TRUE(first_->holds()) << passed;
    pass(seconds(4));
    attempt(*first_, {.hand_to = "third"});
  }
  pass(seconds(4));
  attempt(*first_, {.hand_to = "third"});
  EXPECT_FALSE(first_->holds());
}

TEST_P(LeaseTest, WhoAwaitsALeaseLooksMoreOften) {
  attempt(*first_);
  EXPECT_EQ(attempt(*second_, {.awaits = true}), nanoseconds(milliseconds(500)));
}

TEST_P(LeaseTest, OneWhoStandsByHandsNothingOver) {
  attempt(*first_);
  attempt(*second_, {.hand_to = "third"});
  EXPECT_EQ(lease()["holderIdentity"], "first");
  EXPECT_TRUE(first_->holds());
}

TEST_P(LeaseTest, AtTheEndALeaseIsHandedToItsHeir) {
  attempt(*first_);
  EXPECT_TRUE(first_->release("second"));
  EXPECT_EQ(lease()["holderIdentity"], "second");
  attempt(*second_, {.is_first = false, .is_heir = false});
  EXPECT_TRUE(second_->holds());
}

TEST_P(LeaseTest, ALeaseThatSomebodyDeletedIsMadeAnew) {
  attempt(*first_);
  ASSERT_TRUE(admin_->remove(path("leases", "autoscaler")).ok());
  attempt(*first_);
  EXPECT_FALSE(first_->holds()) << "another may have made one meanwhile";
  attempt(*first_);
  EXPECT_TRUE(first_->holds());
}

// Its holder does not know it yet, and writes on until its next renewal.
TEST_P(LeaseTest, ADeletedLeaseIsTakenByNoOtherBeforeTheTimeOfItsHolderIsOver) {
  attempt(*first_);
  pass(seconds(4));
  attempt(*second_);
  ASSERT_TRUE(admin_->remove(path("leases", "autoscaler")).ok());
  while (first_->holds()) {
    attempt(*second_);
    ASSERT_FALSE(second_->holds() && first_->holds());
    pass(milliseconds(100));
  }
  attempt(*second_);
  EXPECT_FALSE(second_->holds()) << "it was there when it was last looked at";
  for (int i = 0; i < 200 && !second_->holds(); ++i) {
    pass(milliseconds(100));
    attempt(*second_);
  }
  EXPECT_TRUE(second_->holds());
}

TEST_P(LeaseFaults, ALeaderLeadsOnWithoutTheServerUntilItsTimeIsOver) {
  attempt(*first_);
  pass(seconds(5));
  faults(R"({"fail": 1000})");
  attempt(*first_);
  EXPECT_TRUE(first_->holds());
  EXPECT_TRUE(first_->state().error.has_value());
  pass(milliseconds(7'100));
  EXPECT_FALSE(first_->holds());
  faults(R"({"fail": 0})");
  attempt(*first_);
  EXPECT_TRUE(first_->holds()) << "nobody else came";
}

// The answer to a renewal is lost: its version is not known, and a conflict with oneself is none.
TEST_P(LeaseFaults, ARenewalWithoutAnAnswerCostsNothing) {
  attempt(*first_);
  pass(seconds(5));
  faults(R"({"cut": 1})");
  attempt(*first_);
  EXPECT_TRUE(first_->holds());
  attempt(*first_);
  pass(milliseconds(11'900));
  EXPECT_TRUE(first_->holds());
  EXPECT_EQ(first_->state().transitions, 1u);
}

TEST_P(LeaseTest, AWriteIsSentByWhoLeadsAlone) {
  make_deployment("web", 2);
  bool leads = false;
  ApiSettings settings;
  settings.may_write_for = [&](const WorkloadId&) { return hours(leads ? 1 : 0); };
  const auto fenced = client("admin-token", settings);
  const auto written = [&] {
    return fenced->merge_patch(path("deployments", "web") + "/scale", R"({"spec":{"replicas":5}})");
  };
  const ApiAnswer refused = written();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error->reason, ApiReason::kFenced);
  EXPECT_TRUE(fenced->get(path("deployments", "web")).ok());
  EXPECT_EQ(json::parse(admin_->get(path("deployments", "web")).body)["spec"]["replicas"], 2);
  leads = true;
  EXPECT_TRUE(written().ok());
}

// The answer to a hand-over is lost: it is looked up who has the lease, and nobody leads meanwhile.
TEST_P(LeaseFaults, AHandOverWithoutAnAnswerLeavesNobodyUntilItIsLookedUp) {
  attempt(*first_);
  faults(R"({"cut": 1})");
  attempt(*first_, {.hand_to = "second"});
  EXPECT_FALSE(first_->holds());
  attempt(*first_);
  EXPECT_FALSE(first_->holds()) << "it was written";
  faults(R"({"fail": 1})");
  attempt(*second_);
  attempt(*second_);
  ASSERT_TRUE(second_->holds());
  faults(R"({"fail": 1})");
  attempt(*second_, {.hand_to = "first"});
  EXPECT_FALSE(second_->holds());
  attempt(*second_);
  EXPECT_TRUE(second_->holds()) << "it was not written";
}

TEST_P(LeaseFaults, WhetherOneLeadsIsAskedForTheWorkloadThatIsWritten) {
  make_deployment("web", 2);
  ApiSettings settings;
  settings.may_write_for = [](const WorkloadId& workload) {
    return hours(workload == "web" ? 1 : 0);
  };
  const auto fenced = client("admin-token", settings);
  const auto written = [&](const WorkloadId& workload) {
    return fenced->merge_patch(path("deployments", "web") + "/scale", R"({"spec":{"replicas":5}})",
                               {}, workload);
  };
  EXPECT_FALSE(written("shop").ok());
  EXPECT_FALSE(written("").ok());
  EXPECT_TRUE(written("web").ok());
}

// The connection is made, but nothing of the request has been taken when the lease is over. A
// server that comes back then must not hear of it any more.
TEST_P(LeaseTest, AWriteIsCutOffWhenTheLeaseIsOver) {
  make_deployment("web", 2);
  ApiSettings settings;
  settings.may_write_for = [](const WorkloadId&) { return milliseconds(300); };
  const auto fenced = client("admin-token", settings);
  server_->pause();
  const auto begin = std::chrono::steady_clock::now();
  const ApiAnswer answer =
      fenced->merge_patch(path("deployments", "web") + "/scale", R"({"spec":{"replicas":5}})");
  const auto took = std::chrono::steady_clock::now() - begin;
  server_->resume();
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error->error.code, Code::kTimeout);
  EXPECT_LT(took, ApiSettings{}.deadline);
  ASSERT_TRUE(eventually([&] { return admin_->get(path("deployments", "web")).ok(); }));
  EXPECT_EQ(json::parse(admin_->get(path("deployments", "web")).body)["spec"]["replicas"], 2);
}

TEST_P(LeaseTest, HowLongOneLeadsIsFourFifthsFromTheRequest) {
  EXPECT_EQ(first_->left(), Lease::Nanoseconds{0});
  attempt(*first_);
  EXPECT_EQ(first_->left(), Lease::Nanoseconds(milliseconds(12'000)));
  pass(milliseconds(11'000));
  EXPECT_EQ(first_->left(), Lease::Nanoseconds(milliseconds(1'000)));
  pass(milliseconds(1'000));
  EXPECT_EQ(first_->left(), Lease::Nanoseconds{0});
}

// The turn of a write comes late, and the lead ends meanwhile.
TEST_P(LeaseTest, WhetherOneLeadsIsAskedAfterTheWait) {
  make_deployment("web", 2);
  std::atomic<int> asked = 0;
  ApiSettings settings;
  settings.may_write_for = [&](const WorkloadId&) { return hours(++asked < 2 ? 1 : 0); };
  const auto fenced = client("admin-token", settings);
  const ApiAnswer answer =
      fenced->merge_patch(path("deployments", "web") + "/scale", R"({"spec":{"replicas":5}})");
  EXPECT_EQ(asked, 2);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error->reason, ApiReason::kFenced);
}

}  // namespace
}  // namespace autoscaler
