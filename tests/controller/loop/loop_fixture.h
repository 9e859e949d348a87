#pragma once

#include "controller/loop.h"
#include "controller/sim/virtual_clock.h"
#include "tests/fakes/fake_balancer.h"
#include "tests/fakes/fake_cluster.h"
#include "tests/fakes/fake_source.h"
#include "tests/fakes/temp_directory.h"

#include <gmock/gmock.h>

#include <filesystem>

namespace autoscaler {

inline const char* const kShop = R"(
workloads:
  - name: shop
    target: {process: {command: [/bin/shop, "{port}"], ports: 9000-9199}}
    loadBalancer: {haproxy: {socket: /run/none.sock, backend: shop}}
    replicas: {min: 2, max: 20}
    warmup: 20s
    drainDeadline: 1m
    signals: {rps: {source: balancer, value: requestRate}}
    policies: [{track: {signal: rps, perInstance: 100/s}}]
    behavior: {scaleDown: {stabilizationWindowSeconds: 60}}
)";

// The whole loop over a cluster and a balancer in memory, and a real journal. A tick is 5 s. Every
// workload's one signal is `load`, a total for the service, of which an instance carries 100/s.
inline const Instant kStart{std::chrono::hours(24 * 365 * 50)};

class LoopTest : public testing::Test {
 protected:
  explicit LoopTest(const std::string& yaml = kShop) : config_(parsed(yaml)) {}

  static Config parsed(const std::string& yaml) {
    ConfigResult read = parse_config(yaml, "test.yaml");
    for (const ConfigProblem& problem : read.problems) ADD_FAILURE() << describe(problem);
    return read.config ? std::move(*read.config) : Config{};
  }

  // A controller's life begins: the journal is opened and the memory taken up.
  void start(bool dry_run = false) {
    loop_.reset();
    journal_.reset();
    Result<std::unique_ptr<Journal>> opened = Journal::open(path_, {}, dry_run);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    journal_ = std::move(*opened);
    loop_ = std::make_unique<Loop>(std::make_shared<const Config>(config_), ports(), *journal_,
                                   dry_run, std::vector<Loop::Sink>{});
    const Status restored = loop_->restore();
    ASSERT_TRUE(restored.ok()) << restored.error().message;
  }
  virtual Ports ports() { return {clock_, cluster_, cluster_, balancer_, balancer_, {&source_}}; }

  const WorkloadTick& tick() {
    if (!loop_) start();
    clock_.advance(std::chrono::seconds(5));
    last_ = loop_->tick();
    return last_->workloads[0];
  }
  const WorkloadTick& run(Duration time) {
    for (Duration gone{0}; gone < time; gone += std::chrono::seconds(5)) tick();
    return last_->workloads[0];
  }
  // In service at the size of this load, with nothing under way and every window past.
  void settle_at(double load) {
    load_ = load;
    run(std::chrono::minutes(4));
    cluster_.log.clear();
    balancer_.log.clear();
  }

  std::vector<Lifecycle> states() const {
    std::vector<Lifecycle> states;
    for (const FleetInstance& instance : last_->workloads[0].instances) {
      states.push_back(instance.lifecycle);
    }
    return states;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& [id, instance] : cluster_.instances) names.push_back(id);
    return names;
  }
  std::vector<std::string> documents() {
    std::vector<std::string> documents;
    const Status read = journal_->records({}, Instant{}, clock_.now() + std::chrono::hours(1),
                                          [&](const StoredRecord& row) {
                                            documents.push_back(row.document);
                                            return true;
                                          });
    EXPECT_TRUE(read.ok());
    return documents;
  }
  // Every write fails while the journal is not where it was opened.
  void break_journal() { std::filesystem::rename(path_, path_ + ".away"); }
  void mend_journal() { std::filesystem::rename(path_ + ".away", path_); }

  Config config_;
  TempDirectory directory_;
  std::string path_ = directory_ / "journal.db";
  VirtualClock clock_{kStart};
  FakeCluster cluster_;
  FakeBalancer balancer_;
  std::optional<double> load_ = 200;  // requests per second; nullopt: the source does not answer
  FakeSource source_{[this](const WorkloadQuery&, size_t, Instant now) {
    if (!load_) return Signal{Reading(Missing{MissingReason::kUnreachable, {}})};
    return Signal{Reading(Measured{*load_, now, std::chrono::seconds(30)})};
  }};
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Loop> loop_;
  std::shared_ptr<const TickRecord> last_;
};

}  // namespace autoscaler
