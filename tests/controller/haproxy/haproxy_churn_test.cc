#include "tests/base/raw_client.h"
#include "tests/controller/haproxy/balanced_shop.h"
#include "tests/controller/haproxy/upstream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>

namespace autoscaler {
namespace {

using State = BackendObservation::State;
using ::testing::IsEmpty;

// Sends one request after another until told to stop, and keeps every answer that is not 200.
class Visitor {
 public:
  Visitor(uint16_t port, bool keep_alive)
      : thread_([this, port, keep_alive] { run(port, keep_alive); }) {}
  ~Visitor() { stop(); }

  void stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }
  int answered() const { return answered_; }
  std::vector<std::string> failures() {
    stop();
    return failures_;
  }

 private:
  void run(uint16_t port, bool keep_alive) {
    auto client = std::make_unique<RawClient>(port);
    while (!stopping_) {
      if (!keep_alive) client = std::make_unique<RawClient>(port);
      const std::string answer = client->get("/");
      ++answered_;
      if (answer.starts_with("HTTP/1.1 200")) continue;
      failures_.push_back("answer '" + answer + "'");
      client = std::make_unique<RawClient>(port);
    }
  }

  std::atomic<bool> stopping_ = false;
  std::atomic<int> answered_ = 0;
  std::vector<std::string> failures_;
  std::thread thread_;
};

// One instance at a time takes over from the last, whose process ends as soon as it is out.
TEST(HaproxyChurn, LosesNoRequestOfFreshOrKeptConnections) {
  for (const char* options : {"", "pool-max-conn 20 pool-purge-delay 1h"}) {
    BalancedShop shop(BalancedShop::kLines, {.server_options = options});
    auto serving = std::make_unique<Upstream>("first");
    ASSERT_TRUE(shop.attach_until_up("shop-0", serving->address()));
    Visitor fresh(shop.haproxy.port(), false);
    Visitor kept(shop.haproxy.port(), true);
    for (int round = 1; round <= 8; ++round) {
      auto next = std::make_unique<Upstream>("next");
      const InstanceId leaving = "shop-" + std::to_string(round - 1);
      ASSERT_TRUE(shop.attach_until_up("shop-" + std::to_string(round), next->address()));
      const int before = next->served();
      ASSERT_TRUE(eventually([&] { return next->served() >= before + 20; }));
      ASSERT_FALSE(shop.drain(leaving));
      ASSERT_TRUE(eventually([&] { return shop.see(leaving)->in_flight == 0; }));
      ASSERT_TRUE(eventually([&] { return !shop.detach(leaving); }));
      serving = std::move(next);
    }
    EXPECT_THAT(fresh.failures(), IsEmpty());
    EXPECT_THAT(kept.failures(), IsEmpty());
    EXPECT_GT(fresh.answered(), 0);
    EXPECT_GT(kept.answered(), 0);
  }
}

}  // namespace
}  // namespace autoscaler
