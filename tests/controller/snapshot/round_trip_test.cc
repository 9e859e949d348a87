#include "controller/snapshot/snapshot.h"
#include "tests/controller/snapshot/hpa_document.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>

namespace autoscaler {
namespace {

using Json = nlohmann::json;

// With keys in one order.
std::string written(const Snapshot& snapshot) {
  return Json::parse(snapshot_text(snapshot.config,
                                   inputs_json(snapshot.config, snapshot.workload, snapshot.signals,
                                               snapshot.recent, snapshot.now)))
      .dump();
}

std::string decided(const Snapshot& snapshot) {
  const WorkloadSpec& spec = snapshot.config.spec;
  return decision_json(spec, evaluate(spec, snapshot.workload, snapshot.signals, snapshot.recent,
                                      snapshot.now))
      .dump();
}

constexpr const char* kPolicy = R"({
  "name": "checkout", "replicas": {"min": 1, "max": 40},
  "signals": {
    "cpu": {"source": "scrape", "counter": "process_cpu_seconds_total", "capacity": 2},
    "rps": {"source": "scrape", "counter": "http_requests_total"},
    "cpu-seconds": {"source": "scrape", "counter": "process_cpu_seconds_total"},
    "errors": {"source": "scrape", "ratio": {"of": "http_requests_total",
                                             "matching": {"code": "5.."}}},
    "latency": {"source": "scrape", "histogram": "http_request_duration_seconds",
                "quantile": 0.95, "whenMissing": "ignore"}},
  "policies": [
    {"track": {"signal": "cpu", "target": "65%"}},
    {"track": {"signal": "rps", "perInstance": "100/s"}},
    {"predict": {"signal": "rps", "perInstance": "100/s", "mode": "full"}},
    {"predict": {"signal": "cpu-seconds", "perInstance": "1", "mode": "scale-out"}},
    {"threshold": {"out": {"any": [{"signal": "latency", "above": "500ms"},
                                   {"signal": "errors", "above": "5%"}], "add": 2},
                   "in": {"all": [{"signal": "latency", "below": "100ms"}], "for": 3,
                          "remove": 1}}}],
  "warmup": "45s", "cooldown": {"out": "15s", "in": "60s"}})";

// Inputs of one decision as chance has it, edges included.
class Chance {
 public:
  explicit Chance(uint32_t seed) : random_(seed) {}

  Snapshot snapshot(const WorkloadConfig& config) {
    Snapshot snapshot;
    snapshot.config = config;
    snapshot.now = kNow;
    snapshot.workload = workload();
    snapshot.workload.capacities = capacities(config.spec.signals.size());
    snapshot.workload.predictions = predictions(config.spec);
    if (coin()) snapshot.workload.budget = BudgetSpending{-0.25, 1.5, 12.25, coin()};
    for (const SignalSpec& spec : config.spec.signals) {
      snapshot.signals.push_back(signal(spec.kind, snapshot.workload.instances));
    }
    snapshot.recent = recent(config.spec);
    return snapshot;
  }

 private:
  static constexpr Instant kNow{std::chrono::milliseconds(1795341600123)};

  int upto(int n) { return std::uniform_int_distribution<int>(0, n)(random_); }
  bool coin() { return upto(1) == 1; }
  Instant moment() { return kNow - Duration{upto(400'000)}; }
  std::optional<Instant> maybe() { return coin() ? std::optional(moment()) : std::nullopt; }

  // Any bit pattern: denormals, negative zero and infinities too.
  double number() {
    if (upto(3) > 0) return std::uniform_real_distribution<double>(0, 2)(random_);
    const uint64_t bits = (uint64_t{random_()} << 32) | random_();
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }

  // Empty where nothing was learned, as it is read back.
  std::vector<Capacity> capacities(size_t signals) {
    std::vector<Capacity> result;
    if (coin()) return result;
    result.resize(signals);
    Capacity& capacity = result[static_cast<size_t>(upto(static_cast<int>(signals) - 1))];
    capacity.evidence = static_cast<CapacityEvidence>(upto(kCapacityEvidenceCount - 1));
    if (coin()) capacity.per_instance = 1 + upto(1'000'000) / 1e6;
    if (coin()) capacity.likely = 1e-6 * (1 + upto(1'000'000));
    if (coin()) capacity.safe_to = 40;
    capacity.samples = 1 + upto(384);
    return result;
  }

  std::vector<Prediction> predictions(const WorkloadSpec& spec) {
    std::vector<Prediction> result;
    for (size_t i = 0; i < spec.policies.size(); ++i) {
      if (!std::holds_alternative<PredictSpec>(spec.policies[i].rule) || coin()) continue;
      Prediction& one = result.emplace_back();
      one.policy = static_cast<uint16_t>(i);
      one.gate = static_cast<Gate>(upto(3) == 3 ? upto(kGateCount - 1) : 0);
      one.judged = upto(4320);
      if (coin()) one.loss_ratio = upto(2'000'000) / 1e6;
      if (coin()) one.coverage = upto(1'000'000) / 1e6;
      if (coin()) one.at = kNow - Duration{upto(900'000)};
      one.lead = std::chrono::minutes(1 + upto(30));
      one.hold = std::chrono::minutes(1 + upto(60));
      if (upto(3) > 0) one.lead_highest = quantiles();
      if (upto(3) > 0) one.hold_highest = quantiles();
      if (coin()) one.plain_highest = quantiles();
      one.usual = upto(1'000'000) / 1e3;
      one.peak = upto(1'000'000) / 1e3;
      one.price = upto(300);
      one.headroom = 1 + upto(1'000'000) / 1e6;
      one.outage_suspected = coin();
    }
    return result;
  }
  QuantileValues quantiles() {
    QuantileValues values{};
    double sum = 0;
    for (double& each : values) each = sum += upto(300'000) / 1e3;
    return values;
  }

  Workload workload() {
    Workload result;
    const int instances = upto(6);
    for (int i = 0; i < instances; ++i) {
      Instance instance{"i" + std::to_string(i), static_cast<Lifecycle>(upto(kLifecycleCount - 1)),
                        std::nullopt};
      if (coin()) instance.pod = pod();
      instance.ordered = maybe();
      result.instances.push_back(instance);
    }
    result.size = upto(8);
    result.status_size = upto(8);
    result.journal_writable = upto(4) > 0;
    result.launch_failures = upto(4);
    if (coin()) result.time_to_ready = Duration{upto(90'000)};
    result.deployed = maybe();
    if (coin()) result.orders = orders();
    return result;
  }

  Orders orders() {
    Orders result;
    if (coin()) result.pause = Pause{static_cast<Pause::Direction>(upto(2)), maybe()};
    if (coin()) result.size = SizeOrder{upto(50), kNow + Duration{upto(100'000)}};
    return result;
  }

  PodFacts pod() {
    PodFacts result;
    result.phase = static_cast<PodFacts::Phase>(upto(4));
    result.deleting = coin();
    result.started = maybe();
    if (coin()) result.ready = coin();
    result.ready_unknown = coin();
    result.ready_changed = maybe();
    for (int i = upto(2); i > 0; --i) {
      result.containers.push_back({"c" + std::to_string(i), {{"cpu", upto(4000)}}, coin()});
    }
    if (coin()) result.pod_requests_milli = {{"cpu", 1000}, {"memory", int64_t{1} << 60}};
    return result;
  }

  Value value(SignalSpec::Kind kind) {
    switch (kind) {
      case SignalSpec::Kind::kNumber: return number();
      case SignalSpec::Kind::kRatio: return RatioParts{number(), number()};
      case SignalSpec::Kind::kHistogram:
        return BucketRates{{0.05, 0.1, 0.5, std::numeric_limits<double>::infinity()},
                           {number(), number(), number(), number()}};
      case SignalSpec::Kind::kQuantity: break;
    }
    if (coin()) return Quantities{{upto(90), int64_t{1} << 62}};
    return ContainerUsage{{{"a", upto(3000)}, {"b", std::nullopt}}};
  }

  Reading reading(SignalSpec::Kind kind) {
    if (upto(4) == 0) {
      return Missing{static_cast<MissingReason>(upto(kMissingReasonCount - 1)),
                     coin() ? "a \"reason\"\t\xc3\xa9" : ""};
    }
    Measured measured{value(kind), moment(), Duration{upto(60'000)}};
    if (coin()) measured.completeness = upto(10) / 10.0;
    if (coin()) measured.still = upto(9);
    measured.restarted = coin();
    return measured;
  }

  Signal signal(SignalSpec::Kind kind, std::span<const Instance> instances) {
    if (upto(3) == 0) return {reading(kind)};
    std::vector<InstanceReading> readings;
    for (const Instance& instance : instances) {
      if (upto(5) > 0) readings.push_back({instance.id, reading(kind)});
    }
    return {readings};
  }

  Recent recent(const WorkloadSpec& spec) {
    Recent result;
    result.first_seen = maybe();
    Instant at = kNow - Duration{300'000};
    for (int i = upto(4); i > 0; --i) {
      const Instant last = at + Duration{upto(50'000)};
      result.recommendations.push_back({at, last, upto(9)});
      at = last + Duration{1 + upto(50'000)};
    }
    for (int i = upto(3); i > 0; --i) result.events.push_back({kNow - Duration{i * 4000}, i - 2});
    result.last_out = maybe();
    result.last_in = maybe();
    for (size_t i = 0; i < spec.policies.size(); ++i) {
      result.policies.push_back(
          {upto(3), upto(3), maybe(), maybe(), maybe(), upto(3), maybe(), upto(3)});
    }
    for (size_t i = 0; i < spec.signals.size(); ++i) {
      SignalMemory memory;
      memory.missing_since = maybe();
      if (coin()) memory.last_value = number();
      memory.last_value_at = maybe();
      memory.last_reporting = upto(3);
      memory.last_step = maybe();
      memory.outage_began = maybe();
      memory.outage_ended = maybe();
      memory.last_load = maybe();
      if (coin()) memory.pace = upto(1'000'000) / 1e6;
      if (coin()) memory.trial = SignalMemory::Trial{moment(), number(), number()};
      memory.useless_trials = upto(2);
      memory.useless_until = maybe();
      result.signals.push_back(memory);
    }
    result.vitals.newest = moment();
    for (int i = upto(20); i > 0; --i) {
      Vitals& minute = result.vitals.minutes.edit().emplace_back();
      if (coin()) minute = {number(), number(), number(), std::nullopt, number()};
    }
    if (result.vitals.minutes.empty()) result.vitals = {};
    if (coin())
      result.suspicion = Suspicion{moment(), upto(9), {number(), number(), {}, {}, number()}};
    for (int i = upto(3); i > 0; --i) result.turns.push_back(kNow - Duration{i * 4000});
    return result;
  }

  std::mt19937 random_;
};

TEST(RoundTrip, a_thousand_snapshots_of_chance_keep_every_byte_and_their_decision) {
  const WorkloadResult policy = parse_workload(kPolicy, "policy");
  ASSERT_TRUE(policy.workload) << describe(policy.problems.front());
  for (uint32_t seed = 0; seed < 1000; ++seed) {
    const Snapshot original = Chance(seed).snapshot(*policy.workload);
    const std::string text = written(original);
    const auto read = parse_snapshot(text);
    ASSERT_TRUE(read.ok()) << seed << ": " << read.error().message << "\n" << text;
    ASSERT_EQ(written(*read), text) << seed;
    ASSERT_EQ(decided(*read), decided(original)) << seed;
  }
}

TEST(RoundTrip, a_kubernetes_document_is_kept_in_our_own_nouns) {
  HpaDocument document(3, 1, 20);
  document.cpu_target(60).usage({"300m", "", "1234567u"}).recommended(12.345, 4).scaled(30, 2);
  document.set("/pods/0/status/conditions/0/status", "Unknown");
  document.set("/policy/spec/behavior", {{"scaleUp", {{"tolerance", "0.05"}}}});
  document.set("/flags", {{"tolerance", 0.15}, {"downscaleStabilization", "90s"}});
  document.metric({{"type", "External"},
                   {"external",
                    {{"metric", {{"name", "queue"}}},
                     {"target", {{"type", "AverageValue"}, {"averageValue", "10"}}}}}});
  document.external("queue", "35").external("queue", "1500m");
  const auto original = parse_snapshot(document.text());
  ASSERT_TRUE(original.ok()) << original.error().message;
  const std::string text = written(*original);
  const auto read = parse_snapshot(text);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(written(*read), text);
  EXPECT_EQ(decided(*read), decided(*original));
  EXPECT_EQ(read->config.spec.hpa->tolerance, 0.15);
  EXPECT_EQ(read->config.spec.behavior->down.stabilization, std::chrono::seconds(90));
}

TEST(RoundTrip, defaults_that_hang_on_the_controller_survive_without_it) {
  const ConfigResult config = parse_config(
      "controller: {interval: 1s}\n"
      "workloads:\n"
      "  - name: checkout\n"
      "    target: {process: {command: [serve, \"--port={port}\"], ports: 9000-9099}}\n"
      "    replicas: {max: 9}\n"
      "    signals:\n"
      "      zulu: {source: scrape, counter: http_requests_total, window: 3s}\n"
      "      alpha: {source: scrape, counter: process_cpu_seconds_total, capacity: 2}\n"
      "    policies:\n"
      "      - track: {signal: zulu, perInstance: 10/s}\n"
      "      - track: {signal: alpha, target: 65%}\n",
      "config.yaml");
  ASSERT_TRUE(config.config) << describe(config.problems.front());
  const Snapshot original = Chance(7).snapshot(config.config->workloads[0]);
  const auto read = parse_snapshot(written(original));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(written(*read), written(original));
  for (const SignalSpec& signal : read->config.spec.signals) {
    EXPECT_EQ(signal.max_age, std::chrono::seconds(3)) << signal.name;
  }
  EXPECT_EQ(decided(*read), decided(original));
}

TEST(RoundTrip, under_another_policy_what_it_does_not_know_is_left_out) {
  const WorkloadResult policy = parse_workload(kPolicy, "policy");
  ASSERT_TRUE(policy.workload);
  const Snapshot original = Chance(5).snapshot(*policy.workload);
  Json document = Json::parse(written(original));
  document["flags"] = {{"tolerance", 0.2}};
  document["policy"] = Json::parse(R"({
    "name": "checkout", "replicas": {"max": 40},
    "signals": {"rps": {"source": "scrape", "counter": "http_requests_total"},
                "memory": {"source": "scrape", "gauge": "process_resident_memory_bytes"}},
    "policies": [{"track": {"signal": "rps", "perInstance": "100/s"}},
                 {"track": {"signal": "memory", "perInstance": "1Gi"}}]})");
  EXPECT_FALSE(parse_snapshot(document.dump()).ok());
  const auto other = parse_snapshot(document.dump(), UnknownNames::kDrop);
  ASSERT_TRUE(other.ok()) << other.error().message;
  ASSERT_EQ(other->signals.size(), 2u);
  EXPECT_EQ(signals_json(other->config.spec, other->signals)["rps"],
            signals_json(original.config.spec, original.signals)["rps"]);
  EXPECT_EQ(signals_json(other->config.spec, other->signals)["memory"]["missing"], "no_series");
  const auto last_reporting = [](const Snapshot& snapshot) {
    const auto& names = snapshot.config.spec.signals;
    const auto rps = std::ranges::find(names, "rps", &SignalSpec::name) - names.begin();
    return snapshot.recent.signals[static_cast<size_t>(rps)].last_reporting;
  };
  EXPECT_EQ(last_reporting(*other), last_reporting(original));
}

TEST(RoundTrip, bytes_that_are_no_text_do_not_stop_the_journal) {
  const WorkloadResult policy = parse_workload(kPolicy, "policy");
  ASSERT_TRUE(policy.workload);
  Snapshot original = Chance(1).snapshot(*policy.workload);
  original.signals[0] = {Missing{MissingReason::kMalformed, "line 1: \xff\xfe"}};
  const auto read = parse_snapshot(written(original));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(written(*read), written(original));
}

}  // namespace
}  // namespace autoscaler
