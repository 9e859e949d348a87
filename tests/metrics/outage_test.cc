#include "policies/evaluate.h"
#include "tests/metrics/scraped.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <set>

// The outages that scale services in elsewhere, each for half an hour under a load that stays:
// pages as instances serve them, through the scrape source and `evaluate`. Nothing is configured
// that could hold a scale-in by chance: no windows, no rate limits, no cooldowns.
namespace autoscaler {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr int kInstances = 10;
constexpr int kEvery = 5;  // seconds from scrape to scrape

std::string name_of(int instance) {
  return "i" + std::to_string(instance);
}

// Ten instances that use 0.65 of a core and answer 40 requests a second each, none of them evenly.
struct Service {
  double busy = 1;                      // share of that load
  std::vector<double> cpu, requests;    // counted so far
  std::vector<double> latency_buckets;  // up to 0.1 s; all are up to 1 s

  Service() : cpu(kInstances), requests(kInstances), latency_buckets(kInstances) {}

  void pass(int second) {
    for (int i = 0; i < kInstances; ++i) {
      const double wave = 1 + 0.05 * std::sin(second + i);
      cpu[i] += 0.65 * kEvery * busy * wave;
      requests[i] += std::round(40 * kEvery * busy * wave);
      latency_buckets[i] = std::round(requests[i] * 0.9);
    }
  }

  std::string page(int i, const std::string& stamp = "") const {
    const auto line = [&](const std::string& series, double value) {
      return series + " " + std::to_string(value) + stamp + "\n";
    };
    return line("cpu_seconds_total", cpu[i]) + line("requests_total", requests[i]) +
           line("latency_bucket{le=\"0.1\"}", latency_buckets[i]) +
           line("latency_bucket{le=\"1\"}", requests[i]) +
           line("latency_bucket{le=\"+Inf\"}", requests[i]);
  }
};

// ` 1800000000000`, to stand behind a value.
std::string stamp(int second) {
  const auto at = Scraped::kStart + seconds(second);
  return " " + std::to_string(at.time_since_epoch() / std::chrono::milliseconds(1));
}

// What decides about it: CPU at its target, or a threshold that takes instances away when there are
// few requests; and in either case a queue that is short and would do with four.
enum class Policy { kCpu, kFewRequests };

WorkloadSpec workload(bool with_balancer, Policy policy) {
  WorkloadSpec spec;
  spec.name = "shop";
  spec.bounds = {1, 100};
  spec.behavior.reset();
  for (const char* name : {"cpu", "rps", "latency", "queue", "balancer"}) {
    SignalSpec signal;
    signal.name = name;
    signal.max_age = seconds(3 * kEvery);
    signal.believe_zero_after = minutes(5);
    spec.signals.push_back(signal);
  }
  spec.signals[0].is_utilization = true;
  spec.signals[1].aggregation = Aggregation::kSum;
  spec.signals[1].min_coverage_in = 1;  // as the config has it for a sum
  spec.signals[2].kind = SignalSpec::Kind::kHistogram;
  spec.signals[2].min_observations = 10;
  spec.signals[3].believe_zero_after = Duration{0};
  spec.signals[4].believe_zero_after = Duration{0};
  spec.signals[4].shows_load = true;
  if (!with_balancer) spec.signals.pop_back();

  TrackSpec cpu;
  cpu.target = 0.65;
  ThresholdSpec few;
  few.in = ThresholdSpec::Rule{};
  few.in->all = true;
  few.in->marks = {{1, false, 350}, {2, false, 0.6}};
  few.in->change.instances = 2;
  few.in->cooldown = Duration{0};
  TrackSpec queue;
  queue.signal = 3;
  queue.kind = TrackSpec::Target::kValue;
  queue.target = 10;
  spec.policies.push_back({"track-queue", queue});
  if (policy == Policy::kCpu) {
    spec.policies.push_back({"track-cpu", cpu});
  } else {
    spec.policies.push_back({"few", few});
  }
  return spec;
}

class World {
 public:
  // What instance `i` answers at that second of the outage.
  using Answer = std::function<Result<FetchResponse>(const Service&, int i, int second)>;

  World(bool with_balancer, Policy policy) : spec_(workload(with_balancer, policy)) {
    recent_ = first_sight(spec_, kInstances, Scraped::kStart);
    for (int i = 0; i < kInstances; ++i) {
      observed_.instances.push_back({name_of(i), Lifecycle::kInService, {}});
    }
    observed_.size = observed_.status_size = kInstances;
  }

  // Five seconds pass and a tick is made; whatever it decides, the size stays.
  Decision tick(const Answer& answer) {
    service.pass(second_);
    for (int i = 0; i < kInstances; ++i) shop_.answers(name_of(i), answer(service, i, second_));
    shop_.scrape(second_);
    const Instant now = Scraped::kStart + seconds(second_);
    Signals signals = {shop_.signal(0), shop_.signal(1), shop_.signal(2)};
    signals.push_back({Reading{Measured{4.0, now, Duration{0}}}});
    if (spec_.signals.size() > signals.size()) {
      signals.push_back({Reading{Measured{400 * service.busy, now, seconds(30)}}});
    }
    Decision decision = evaluate(spec_, observed_, signals, recent_, now);
    record(spec_, decision, Outcome::kHeld, now, recent_);
    second_ += kEvery;
    return decision;
  }

  Service service;
  int second() const { return second_; }

 private:
  WorkloadSpec spec_;
  Workload observed_;
  Recent recent_;
  int second_ = 0;
  Scraped shop_{{{RateOf{{"cpu_seconds_total", {}}, 1}, seconds(30)},
                 {RateOf{{"requests_total", {}}, 1}, seconds(30)},
                 {HistogramOf{{"latency", {}}}, seconds(30)}}};
};

Result<FetchResponse> ok(std::string page) {
  return FetchResponse{200, std::move(page)};
}
Result<FetchResponse> well(const Service& service, int i, int second) {
  return ok(service.page(i, stamp(second)));
}
Result<FetchResponse> refused() {
  return Error{Code::kUnavailable, "connection refused"};
}

struct Outage {
  const char* name;
  bool with_balancer;
  World::Answer answer;
  std::set<Reason> reasons;  // one of them for each tick that is held
};

const Reason kMissing = Reason::kMissingSignal;
const Reason kDoubt = Reason::kDataQuality;

std::vector<Outage> outages() {
  const auto freeze = [](std::function<bool(int)> stuck, bool stamped) {
    auto pages = std::make_shared<std::map<int, std::string>>();
    return [pages, stuck, stamped](const Service& service, int i, int second) {
      if (!stuck(i)) return well(service, i, second);
      auto& page = (*pages)[i];
      if (page.empty()) page = service.page(i, stamped ? stamp(second) : "");
      return ok(page);
    };
  };
  const auto all = [](int) { return true; };
  const auto half = [](int i) { return i % 2 == 0; };
  const auto fifth = [](int i) { return i % 5 == 0; };
  const auto wrapped = [](double count, double at) { return std::fmod(count, at); };
  return {
      {"NoMetricsAtAll", false, [](const Service&, int, int) { return refused(); }, {kMissing}},
      {"PagesWithoutTheSeries",
       false,
       [](const Service&, int, int) { return ok("up 1\n"); },
       {kMissing}},
      {"HalfTheInstancesSilent",
       false,
       [half](const Service& service, int i, int second) {
         return half(i) ? refused() : well(service, i, second);
       },
       {kDoubt}},
      {"AFifthOfTheInstancesSilent",
       false,
       [fifth](const Service& service, int i, int second) {
         return fifth(i) ? refused() : well(service, i, second);
       },
       {kDoubt}},
      {"TimestampsStandStill", false, freeze(all, true), {kMissing}},
      {"TimestampsOfHalfStandStill", false, freeze(half, true), {kDoubt}},
      {"CountersStandStillWhileTheBalancerShowsLoad", true, freeze(all, false), {kMissing, kDoubt}},
      {"CountersStandStillWhilePeersShowLoad", false, freeze(half, false), {kDoubt}},
      {"ZerosWhileTheBalancerShowsLoad",
       true,
       [](const Service&, int i, int) { return ok(Service().page(i)); },
       {kMissing, kDoubt}},
      {"ClocksJump",
       false,
       [](const Service& service, int i, int second) {
         const int ahead = second / 20 % 2 == 0 ? -3600 : -7200;  // twice a minute or so
         return ok(service.page(i, stamp(second + ahead)));
       },
       {kMissing, kDoubt}},
      {"ClocksJumpByLittle",
       false,
       [](const Service& service, int i, int second) {
         const int behind = second / 20 % 2 == 0 ? 0 : 12;  // young enough to count
         return ok(service.page(i, stamp(second - behind)));
       },
       {kMissing, kDoubt}},
      {"CountersWrap",
       false,
       [wrapped](const Service& service, int i, int second) {
         Service shown = service;
         shown.cpu[i] = wrapped(service.cpu[i], 16);
         shown.requests[i] = wrapped(service.requests[i], 1024);
         shown.latency_buckets[i] = wrapped(service.latency_buckets[i], 1024);
         if (shown.latency_buckets[i] > shown.requests[i]) shown.latency_buckets[i] = 0;
         return ok(shown.page(i, stamp(second)));
       },
       {kMissing, kDoubt}},
  };
}

// Ten good minutes, the outage, ten good minutes. How many ticks of the outage held a scale-in.
int held_through(const Outage& outage, Policy policy) {
  World world(outage.with_balancer, policy);
  const auto last = [&](int until, const World::Answer& answer, const std::set<Reason>& reasons) {
    int held = 0;
    while (world.second() < until && !testing::Test::HasFailure()) {
      const Decision decision = world.tick(answer);
      EXPECT_GE(decision.to, kInstances) << "at " << world.second() << " s";
      held += static_cast<int>(reasons.count(decision.reason));
      const bool fits = reasons.contains(decision.reason) || decision.to > kInstances ||
                        decision.reason == Reason::kOnTarget;
      EXPECT_TRUE(fits) << reason_name(decision.reason) << " at " << world.second() << " s";
    }
    return held;
  };
  last(600, well, {kMissing, kDoubt});
  const int held = last(600 + 1800, outage.answer, outage.reasons);
  last(600 + 1800 + 600, well, {kMissing, kDoubt});
  return held;
}

class Outages : public testing::TestWithParam<Outage> {};

TEST_P(Outages, NeverScaleInAndSayWhyTheyHold) {
  const Outage& outage = GetParam();
  int held = 0;
  for (const Policy policy : {Policy::kCpu, Policy::kFewRequests}) {
    SCOPED_TRACE(policy == Policy::kCpu ? "track-cpu" : "few requests");
    held += held_through(outage, policy);
  }
  EXPECT_GT(held, 50) << "of 720 ticks";
}

INSTANTIATE_TEST_SUITE_P(All, Outages, testing::ValuesIn(outages()),
                         [](const auto& each) { return std::string(each.param.name); });

// Without it the tests above could not fail.
TEST(NoOutage, LoadThatFallsScalesIn) {
  World world(false, Policy::kCpu);
  while (world.second() < 600) EXPECT_GE(world.tick(well).to, kInstances);
  world.service.busy = 0.3;
  Decision decision;
  for (int i = 0; i < 12; ++i) decision = world.tick(well);
  EXPECT_EQ(decision.reason, Reason::kScaleIn);
}

TEST(NoOutage, LoadThatEndsIsBelievedAtOnceFromTheBalancerAndAfterFiveMinutesWithout) {
  for (const bool with_balancer : {true, false}) {
    World world(with_balancer, Policy::kCpu);
    while (world.second() < 600) world.tick(well);
    world.service.busy = 0;
    int ticks = 0;
    while (world.tick(well).to == kInstances && ++ticks < 1000) {
    }
    const int waited = ticks * kEvery;
    if (with_balancer) {
      EXPECT_LE(waited, 30);
    } else {
      EXPECT_GE(waited, 295);
      EXPECT_LE(waited, 340);
    }
  }
}

}  // namespace
}  // namespace autoscaler
