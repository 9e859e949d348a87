#include "controller/snapshot/snapshot.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <string>

namespace autoscaler {
namespace {

using namespace std::chrono_literals;

const Instant kNow{std::chrono::hours(480'000)};

WorkloadSpec spec_with(std::vector<std::string> signals, std::vector<std::string> policies) {
  WorkloadSpec spec;
  for (std::string& name : signals) {
    SignalSpec signal;
    signal.name = std::move(name);
    spec.signals.push_back(signal);
  }
  for (std::string& name : policies) spec.policies.push_back({std::move(name), TrackSpec{}});
  return spec;
}

Recent full_recent() {
  Recent recent;
  recent.first_seen = kNow - 1h;
  recent.recommendations = {{kNow - 5min, kNow - 4min, 7}, {kNow - 3min, kNow, 3}};
  recent.events = {{kNow - 90s, 4}, {kNow - 10s, -1}};
  recent.last_out = kNow - 90s;
  recent.last_in = kNow - 10s;
  recent.policies = {{3, 0, kNow - 5s, kNow - 90s, std::nullopt, 2, kNow - 7s, 11}, {}};
  SignalMemory cpu;
  cpu.missing_since = kNow - 20s;
  cpu.last_value = 0.1 + 0.2;
  cpu.last_value_at = kNow - 21s;
  cpu.last_reporting = 4;
  cpu.last_step = kNow - 1ms;
  cpu.outage_began = kNow - 40s;
  cpu.outage_ended = kNow - 30s;
  cpu.last_load = kNow - 2s;
  cpu.pace = 0.123456;
  SignalMemory slow;
  slow.trial = SignalMemory::Trial{kNow - 90s, 0.61, 12.5};
  slow.useless_trials = 2;
  slow.useless_until = kNow + 10min;
  recent.signals = {slow, cpu};
  recent.vitals.newest = kNow - 1min;
  recent.vitals.minutes = {
      {.load = 1.5, .total = 15, .work = {}, .latency = 0.1, .errors = 0},
      {},
      {.load = 2, .total = {}, .work = 0.1 + 0.2, .latency = {}, .errors = {}}};
  recent.suspicion = Suspicion{
      kNow - 2min, 12, {.load = 1.5, .total = 18, .work = {}, .latency = {}, .errors = 0.001}};
  recent.turns = {kNow - 50min, kNow - 90s};
  return recent;
}

WorkloadMemory full_memory() {
  WorkloadMemory memory;
  memory.recent = full_recent();
  memory.shadow = Shadow{full_recent(), 9, {{kNow + 30s, 2}, {kNow + 60s, 1}}};
  memory.desired = 5;
  InstanceMemory healthy;
  healthy.instance = "checkout-1";
  healthy.requested = kNow - 2min;
  healthy.launched = kNow - 119s;
  healthy.ready = kNow - 100s;
  healthy.attached = kNow - 99s;
  InstanceMemory failed;
  failed.instance = "checkout-2";
  failed.requested = kNow - 1min;
  failed.unhealthy = kNow - 30s;
  failed.draining = kNow - 20s;
  failed.terminating = kNow - 10s;
  failed.failed = true;
  failed.failure = "exit code 3 \"\xff\n";
  memory.instances = {healthy, failed};
  memory.next_instance = int64_t{1} << 40;
  memory.backoff = {4, kNow + 80s};
  memory.time_to_ready = 12345ms;
  memory.orders = {Pause{Pause::Direction::kIn, kNow + 2h}, SizeOrder{9, kNow + 3h}};
  memory.ready_times = {1500ms, 0ms, 70s};
  memory.deployed = kNow - 3min;
  memory.rolling = true;
  return memory;
}

const WorkloadSpec kSpec = spec_with({"rps", "cpu"}, {"track-cpu", "slow"});

TEST(Memory, is_read_back_as_it_was_written) {
  const std::string text = memory_json(kSpec, full_memory()).dump();
  const auto memory = parse_memory(kSpec, text);
  ASSERT_TRUE(memory.ok()) << memory.error().message;
  EXPECT_EQ(memory_json(kSpec, *memory).dump(), text);

  EXPECT_EQ(memory->desired, 5);
  EXPECT_EQ(memory->next_instance, int64_t{1} << 40);
  EXPECT_EQ(memory->time_to_ready, 12345ms);
  EXPECT_EQ(memory->backoff.until, kNow + 80s);
  ASSERT_EQ(memory->instances.size(), 2u);
  EXPECT_EQ(memory->instances[0], full_memory().instances[0]);
  EXPECT_TRUE(memory->instances[1].failed);
  EXPECT_EQ(memory->instances[1].failure, "exit code 3 \"\ufffd\n");
  ASSERT_TRUE(memory->shadow);
  EXPECT_EQ(memory->shadow->ordered, 9);
  EXPECT_EQ(memory->shadow->growing[1].due, kNow + 60s);
  EXPECT_EQ(memory->recent->recommendations[0].last, kNow - 4min);
  EXPECT_EQ(memory->recent->events[1].change, -1);
  EXPECT_EQ(memory->recent->policies[0].past_out_samples, 3);
  EXPECT_EQ(memory->recent->policies[0].added, 2);
  EXPECT_EQ(memory->recent->policies[0].last_burst, kNow - 7s);
  EXPECT_EQ(memory->recent->policies[0].burst_peak, 11);
  EXPECT_EQ(memory->recent->signals[1].last_value, 0.1 + 0.2);
}

TEST(Memory, an_empty_one_is_read_back_too) {
  const auto memory = parse_memory(kSpec, memory_json(kSpec, WorkloadMemory{}).dump());
  ASSERT_TRUE(memory.ok()) << memory.error().message;
  EXPECT_FALSE(memory->shadow);
  EXPECT_FALSE(memory->recent->first_seen);
  EXPECT_TRUE(memory->recent->recommendations.empty());
}

TEST(Memory, a_failure_without_words_is_still_one) {
  WorkloadMemory memory;
  memory.instances.resize(1);
  memory.instances[0].failed = true;
  EXPECT_TRUE(parse_memory(kSpec, memory_json(kSpec, memory).dump())->instances[0].failed);
}

TEST(Memory, follows_names_when_the_config_changes) {
  const std::string text = memory_json(kSpec, full_memory()).dump();
  const WorkloadSpec changed = spec_with({"cpu", "queue"}, {"new", "slow", "track-cpu"});
  const auto memory = parse_memory(changed, text);
  ASSERT_TRUE(memory.ok()) << memory.error().message;
  ASSERT_EQ(memory->recent->policies.size(), 3u);
  EXPECT_EQ(memory->recent->policies[0].past_out_samples, 0);
  EXPECT_EQ(memory->recent->policies[2].past_out_samples, 3);
  ASSERT_EQ(memory->recent->signals.size(), 2u);
  EXPECT_EQ(memory->recent->signals[0].last_reporting, 4);
  EXPECT_FALSE(memory->recent->signals[1].last_value);
  EXPECT_EQ(memory->recent->last_out, kNow - 90s);  // the workload's own stays
}

TEST(Memory, what_cannot_be_read_says_why) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "not JSON"},
      {"[]", "JSON object"},
      {"{}", "version: is missing"},
      {R"({"version": "1"})", "version: expected a whole number"},
      {R"({"version": 99})", "newer program"},
      {R"({"version": 1, "size": 3})", "size: unknown key"},
      {R"({"version": 1, "desired": -1})", "desired: expected a whole number"},
      {R"({"version": 1, "instances": [{}]})", "instances[0].id: is missing"},
      {R"({"version": 1, "recent": {"lastOut": "noon"}})", "recent.lastOut: "}};
  for (const auto& [text, why] : cases) {
    const auto memory = parse_memory(kSpec, text);
    ASSERT_FALSE(memory.ok()) << text;
    EXPECT_EQ(memory.error().code, Code::kInvalid);
    EXPECT_THAT(memory.error().message, testing::HasSubstr(why));
  }
}

}  // namespace
}  // namespace autoscaler
