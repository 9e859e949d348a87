#include "policies/quality.h"

#include "policies/inputs.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

constexpr double kMostPace = 0.97;
constexpr double kDoubtful = 0.05;    // chance of standing still for so long
constexpr double kSuspicious = 1e-4;  // of 10,000 samples one is wrongly held to be missing
constexpr double kNewest = 0.05;      // weight in the pace: the last 20 samples carry two thirds
// The first sample says too little for all of it: 12 that all move make 0.9.
constexpr double kFirst = 0.8;

struct IsZero {
  bool operator()(double number) const { return number == 0; }
  bool operator()(const RatioParts& parts) const { return parts.denominator == 0; }
  bool operator()(const BucketRates& buckets) const {
    return std::all_of(buckets.rates.begin(), buckets.rates.end(),
                       [](double rate) { return rate == 0; });
  }
  bool operator()(const ContainerUsage&) const { return false; }
  bool operator()(const Quantities&) const { return false; }
};

// As std::pow, with the same bits on every machine.
double power(double base, int32_t exponent) {
  double result = 1;
  for (int32_t i = 0; i < exponent && result > kSuspicious; ++i) result *= base;
  return result;
}

}  // namespace

bool shows_nothing(const Measured& measured) {
  return measured.still > 0 || std::visit(IsZero{}, measured.value);
}

bool is_load_known(const SignalSpec& spec, const Surroundings& around, Instant now) {
  if (around.load) return *around.load;
  const auto last = around.memory.last_load;
  return last && now - *last < spec.believe_zero_after;
}

ZeroVerdict judge_zero(const SignalSpec& spec, const Measured& measured,
                       const SignalMemory& memory) {
  if (measured.still == 0) return ZeroVerdict::kSuspicious;
  const double pace = memory.pace.value_or(spec.is_utilization ? 1 : 0);
  const double chance = power(1 - std::min(pace, kMostPace), measured.still);
  if (chance <= kSuspicious) return ZeroVerdict::kSuspicious;
  return chance <= kDoubtful ? ZeroVerdict::kDoubted : ZeroVerdict::kBelieved;
}

void remember_load(const SignalValue& signal, Instant now, SignalMemory& memory) {
  if (!signal.moving) return;
  if (*signal.moving > 0) memory.last_load = now;
  const double pace = memory.pace ? *memory.pace + kNewest * (*signal.moving - *memory.pace)
                                  : kFirst * *signal.moving;
  memory.pace = std::round(pace * 1e6) / 1e6;
}

std::optional<Doubt> flaw_of(const Measured& measured, ZeroVerdict zero) {
  if (zero == ZeroVerdict::kDoubted) return Doubt::kStandsStill;
  if (measured.restarted) return Doubt::kRestarted;
  if (measured.completeness < kComplete) return Doubt::kIncomplete;
  return std::nullopt;
}

std::optional<Doubt> doubt_of(const SignalSpec& spec, const Tally& tally) {
  const auto reporting = static_cast<int32_t>(tally.usable.size());
  const double wanted = spec.min_coverage_in * std::max(tally.expected, 1) - 1e-9;
  if (reporting < wanted) return Doubt::kCoverage;
  if (reporting - tally.unsound >= wanted) return std::nullopt;
  const auto most = std::max_element(tally.flaws.begin(), tally.flaws.end());
  return static_cast<Doubt>(most - tally.flaws.begin());
}

double completeness_after_outage(const SignalSpec& spec, const SignalMemory& memory, Instant now) {
  if (!memory.outage_began || !memory.outage_ended || spec.lookback <= Duration{0}) return 1;
  const Duration left = spec.lookback - (now - *memory.outage_ended);
  const Duration hole = std::min(*memory.outage_ended - *memory.outage_began, left);
  if (hole <= Duration{0}) return 1;
  const auto share = static_cast<double>(hole.count()) / static_cast<double>(spec.lookback.count());
  return 1 - std::min(share, 1.0);
}

// Before missing_since is brought up to date. An outage that begins while the last one is still in
// the window continues it.
void remember_outage(const SignalSpec& spec, const SignalValue& signal, Instant now,
                     SignalMemory& memory) {
  if (spec.lookback <= Duration{0}) return;
  if (memory.outage_ended && now - *memory.outage_ended >= spec.lookback) {
    memory.outage_began.reset();
    memory.outage_ended.reset();
  }
  if (signal.missing || !memory.missing_since) return;
  if (!memory.outage_began) memory.outage_began = memory.missing_since;
  memory.outage_ended = now;
}

bool is_in_doubt(const Scene& scene, const Decision& decision) {
  const auto& policies = scene.spec.policies;
  for (size_t i = 0; i < policies.size(); ++i) {
    // A forecast that stands aside is as good as absent.
    const bool aside = std::holds_alternative<PredictSpec>(policies[i].rule) &&
                       i < decision.proposals.size() && !decision.proposals[i].replicas;
    if (aside) continue;
    for (const uint16_t signal : signals_of(policies[i].rule)) {
      const bool may_block =
          scene.spec.signals[signal].when_missing.kind != WhenMissing::Kind::kIgnore;
      if (may_block && signal < decision.signals.size() && decision.signals[signal].doubt) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace autoscaler
