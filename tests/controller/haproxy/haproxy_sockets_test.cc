#include "controller/balancer/haproxy/haproxy_reader.h"
#include "controller/balancer/haproxy/haproxy_writer.h"
#include "tests/base/raw_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace autoscaler {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// How long a question waits for its answer, and so how long a test lasts that asks one after the
// other, and fails.
constexpr std::chrono::seconds kPatience{20};
constexpr size_t kSockets = 8;

// Several HAProxies as they look over the Runtime API, each with one backend "app" and, in it, one
// server as-1. None answers its first question before all of them have been asked one: those who
// ask one after the other run into the timeout.
class Crowd {
 public:
  Crowd() {
    for (size_t i = 0; i < kSockets; ++i) {
      servers_.emplace_back([this, i](RawConnection& connection) { answer(i, connection); });
    }
  }

  // One workload for each: shop-0 is the first, and so on.
  Config config() const {
    Config config;
    for (size_t i = 0; i < kSockets; ++i) {
      WorkloadConfig& workload = config.workloads.emplace_back();
      workload.spec.name = "shop-" + std::to_string(i);
      workload.balancer = HaproxyBalancer{};
      workload.balancer->socket = "127.0.0.1:" + std::to_string(servers_[i].port());
      workload.balancer->backend = "app";
      workload.balancer->server_prefix = "as-";
      workload.balancer->timeout = kPatience;
    }
    return config;
  }
  // That one takes questions, and never answers.
  void hang(size_t i) {
    const std::lock_guard lock(mutex_);
    hanging_.insert(i);
  }
  // What one has been told to change, in the order in which it came.
  std::vector<std::string> changes(size_t i) {
    const std::lock_guard lock(mutex_);
    return changes_[i];
  }

 private:
  void answer(size_t i, RawConnection& connection) {
    if (!connection.read_line()) return;
    const std::string& command = connection.request();
    {
      std::unique_lock lock(mutex_);
      asked_.insert(i);
      all_asked_.notify_all();
      if (!all_asked_.wait_for(lock, 2 * kPatience, [this] { return asked_.size() == kSockets; })) {
        return;
      }
      if (!command.starts_with("show ")) changes_[i].push_back(command);
      if (hanging_.contains(i)) {
        lock.unlock();
        return connection.wait_until_closed();
      }
    }
    if (command.starts_with("show servers state")) {
      connection.send(
          "1\n# be_id be_name srv_id srv_name srv_addr srv_port srv_op_state srv_admin_state "
          "srv_check_status\n2 app 1 as-1 127.0.0.1 80 2 0 6\n\n");
    } else if (command.starts_with("show stat")) {
      connection.send("# pxname,svname,scur,type,algo,\napp,BACKEND,0,1,leastconn,\n\n");
    } else if (command.starts_with("show info")) {
      connection.send("Name: HAProxy\nVersion: 2.6.12\n\n");
    } else if (command.starts_with("show cli level")) {
      connection.send("operator\n\n");
    } else {
      connection.send("\n");
    }
  }

  std::mutex mutex_;  // guards what follows, but for servers_
  std::condition_variable all_asked_;
  std::set<size_t> asked_;
  std::set<size_t> hanging_;
  std::vector<std::string> changes_[kSockets];
  std::deque<RawServer> servers_;  // last: their threads use all of the above
};

TEST(HaproxySockets, AreAllObservedAtTheSameTime) {
  Crowd crowd;
  const BalancerObservation observed = HaproxyReader(crowd.config()).observe(Instant{});
  EXPECT_THAT(observed.unreachable, IsEmpty());
  std::vector<std::string> workloads;
  for (const BackendObservation& backend : observed.backends) workloads.push_back(backend.workload);
  EXPECT_THAT(workloads, ElementsAre("shop-0", "shop-1", "shop-2", "shop-3", "shop-4", "shop-5",
                                     "shop-6", "shop-7"));
}

TEST(HaproxySockets, AreAllChangedAtTheSameTimeAndEachInItsOrder) {
  Crowd crowd;
  const Config config = crowd.config();
  std::vector<Change> changes;
  for (int step = 2; step <= 4; ++step) {
    for (const WorkloadConfig& workload : config.workloads) {
      changes.push_back(Attach{workload.spec.name, std::to_string(step), "127.0.0.1:80"});
    }
  }
  HaproxyWriter writer(config);
  const std::vector<ChangeResult> results = writer.apply(changes, Instant{});
  ASSERT_THAT(results, SizeIs(changes.size()));
  for (size_t i = 0; i < changes.size(); ++i) {
    EXPECT_EQ(change_workload(results[i].change), change_workload(changes[i]));
    EXPECT_EQ(change_instance(results[i].change), change_instance(changes[i]));
    EXPECT_FALSE(results[i].error) << results[i].error->message;
  }
  for (size_t i = 0; i < kSockets; ++i) {
    std::vector<std::string> servers;
    for (const std::string& command : crowd.changes(i)) {
      servers.push_back(command.substr(command.find("app/as-"), 8));
    }
    // Each is added, checked and made ready.
    EXPECT_THAT(servers, ElementsAre("app/as-2", "app/as-2", "app/as-2", "app/as-3", "app/as-3",
                                     "app/as-3", "app/as-4", "app/as-4", "app/as-4"));
  }
}

TEST(HaproxySockets, AreAllCheckedAtTheSameTimeAndReportedInTheirOrder) {
  Crowd crowd;
  const Config config = crowd.config();
  const HaproxyCheck found = HaproxyWriter(config).check();
  EXPECT_THAT(found.warnings, IsEmpty());
  std::vector<std::string> sockets;
  for (const WorkloadConfig& workload : config.workloads) {
    sockets.push_back(workload.balancer->socket);
  }
  std::sort(sockets.begin(), sockets.end());
  ASSERT_THAT(found.refusals, SizeIs(kSockets));
  for (size_t i = 0; i < kSockets; ++i) {
    EXPECT_EQ(found.refusals[i].code, Code::kDenied);
    EXPECT_THAT(found.refusals[i].message, ::testing::HasSubstr(sockets[i] + " lets us in"));
  }
}

TEST(HaproxySockets, ThatHangLeaveTheOneThatDoesNotAlone) {
  Crowd crowd;
  Config config = crowd.config();
  constexpr size_t kHealthy = 5;
  for (size_t i = 0; i < kSockets; ++i) {
    if (i == kHealthy) continue;
    crowd.hang(i);
    config.workloads[i].balancer->timeout = std::chrono::milliseconds(300);
  }
  const BalancerObservation observed = HaproxyReader(config).observe(Instant{});
  ASSERT_THAT(observed.backends, SizeIs(1));
  EXPECT_EQ(observed.backends[0].workload, "shop-5");
  std::vector<std::string> hanging;
  for (const auto& [workload, error] : observed.unreachable) {
    hanging.push_back(workload);
    EXPECT_EQ(error.code, Code::kTimeout);
  }
  EXPECT_THAT(hanging,
              ElementsAre("shop-0", "shop-1", "shop-2", "shop-3", "shop-4", "shop-6", "shop-7"));
}

}  // namespace
}  // namespace autoscaler
