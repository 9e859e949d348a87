#include "policies/capacity_learner.h"

#include "policies/capacity_curve.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace autoscaler {
namespace {

constexpr int64_t kForgetMs = int64_t{14} * 24 * 3600 * 1000;
constexpr int64_t kCautionMs = int64_t{30} * 60 * 1000;  // after a change of the command
constexpr double kCaution = 0.85;
constexpr double kFarOff = 1.5;  // times what was seen: no noise
constexpr int kEstablished = 8;  // samples that make a bin a witness
constexpr int kPersistent = 20;  // samples in a row that end what was known
constexpr int kPersistentAfterDeploy = 3;
constexpr double kNewestSaturation = 0.05;  // weight in the moving average
constexpr double kBusy = 0.1;               // CPU below this says nothing about its limit

int64_t ms_of(Instant at) {
  return at.time_since_epoch().count();
}

bool within(int64_t since_ms, int64_t span_ms, Instant now) {
  return since_ms != kNeverMs && ms_of(now) - since_ms < span_ms;
}

std::span<const float> samples_of(const LoadBin& bin) {
  return {bin.p95.data(), bin.count};
}

float worst_of(const LoadBin& bin) {
  return *std::max_element(bin.p95.begin(), bin.p95.begin() + bin.count);
}
float best_of(const LoadBin& bin) {
  return *std::min_element(bin.p95.begin(), bin.p95.begin() + bin.count);
}

void forget_old(Instant now, CapacityState& state) {
  for (LoadBin& bin : state.bins) {
    if (bin.count > 0 && !within(bin.newest_ms, kForgetMs, now)) bin = LoadBin{};
  }
}

void forget_all(CapacityState& state) {
  state.bins.fill(LoadBin{});
  state.off_curve = 0;
}

// Moves the bins so that number `wanted` is among them; those at the low end make way, since what
// matters is where the SLO ends. False: it is too far below the loads that were seen.
bool make_room(int32_t wanted, CapacityState& state) {
  auto& bins = state.bins;
  const auto is_used = [](const LoadBin& bin) { return bin.count > 0; };
  const auto highest = std::find_if(bins.rbegin(), bins.rend(), is_used);
  if (highest == bins.rend()) {
    state.first_bin = wanted - kLoadBins * 3 / 4;
    return true;
  }
  const int32_t shift = wanted < state.first_bin ? wanted - state.first_bin
                        : wanted >= state.first_bin + kLoadBins
                            ? wanted - state.first_bin - kLoadBins + 1
                            : 0;
  if (shift == 0) return true;
  const auto used = static_cast<int32_t>(bins.rend() - highest);
  if (used - shift > kLoadBins) return false;
  std::array<LoadBin, kLoadBins> moved{};
  for (int32_t i = 0; i < kLoadBins; ++i) {
    const int32_t from = i + shift;
    if (from >= 0 && from < kLoadBins)
      moved[static_cast<size_t>(i)] = bins[static_cast<size_t>(from)];
  }
  bins = moved;
  state.first_bin += shift;
  return true;
}

// Is p95 past everything that this load or a higher one has shown?
bool is_off_curve(const CapacitySample& sample, size_t bin, const CapacityState& state) {
  for (size_t i = bin; i < state.bins.size(); ++i) {
    const LoadBin& witness = state.bins[i];
    if (witness.count < kEstablished || static_cast<double>(witness.highest) < sample.load)
      continue;
    if (sample.p95 > kFarOff * worst_of(witness)) return true;
  }
  return false;
}

// A good answer at this load ends what lower ones have shown that was much worse.
void forget_worse(double p95, size_t bin, CapacityState& state) {
  for (size_t i = 0; i <= bin; ++i) {
    LoadBin& lower = state.bins[i];
    if (lower.count > 0 && best_of(lower) > kFarOff * p95) lower = LoadBin{};
  }
}

void add(const CapacitySample& sample, Instant now, LoadBin& bin) {
  bin.p95[bin.next] = static_cast<float>(sample.p95);
  bin.next = static_cast<uint16_t>((bin.next + 1) % kSamplesPerBin);
  bin.count = std::min<uint16_t>(bin.count + 1, kSamplesPerBin);
  bin.load += (static_cast<float>(sample.load) - bin.load) / static_cast<float>(bin.count);
  bin.highest = std::max(bin.highest, static_cast<float>(sample.load));
  bin.newest_ms = ms_of(now);
}

void learn_saturation(const CapacitySample& sample, CapacityState& state) {
  if (!sample.cpu || !(*sample.cpu >= kBusy)) return;
  const auto seen = static_cast<float>(sample.load / *sample.cpu);
  if (!std::isfinite(seen)) return;
  state.saturation =
      state.saturation > 0
          ? state.saturation + static_cast<float>(kNewestSaturation) * (seen - state.saturation)
          : seen;
}

// The newer half of what a bin has.
void halve(LoadBin& bin) {
  LoadBin kept = bin;
  kept.count = kept.next = 0;
  const int keep = (bin.count + 1) / 2;
  for (int age = keep; age >= 1; --age) {
    const int at = (bin.next - age + kSamplesPerBin) % kSamplesPerBin;
    kept.p95[kept.next++] = bin.p95[static_cast<size_t>(at)];
  }
  kept.count = kept.next;
  std::fill(kept.p95.begin() + kept.count, kept.p95.end(), 0.0F);
  bin = kept;
}

// After a deploy that broke the curve, while nothing is known again: a step of 15 % at a time below
// what was too much, or what was seen to be safe; never below half of what it was before, so that a
// latency that more instances do not cure doubles the size at most.
std::optional<double> probe_of(const CapacityState& state, double slo, Instant now) {
  if (!(state.before_deploy > 0) || !within(state.deployed_ms, kCautionMs, now))
    return std::nullopt;
  std::optional<double> safe;
  std::optional<double> bad;
  for (const LoadBin& bin : state.bins) {
    if (bin.count < kPersistentAfterDeploy) continue;
    if (upper_of(samples_of(bin)) <= slo)
      safe = bin.load;
    else if (!bad)
      bad = bin.load;
  }
  if (!safe && !bad) return state.before_deploy * kCaution;
  return std::max(state.before_deploy / 2.0, safe ? *safe : *bad * kCaution);
}

double rounded(double number) {
  return std::round(number * 1e6) / 1e6;
}
std::optional<double> rounded(std::optional<double> number) {
  return number ? std::optional(rounded(*number)) : std::nullopt;
}

}  // namespace

int32_t bin_of(double load) {
  constexpr std::array<double, 6> kEdges = {0.5,
                                            0.5612310241546865,
                                            0.6299605249474366,
                                            0.7071067811865476,
                                            0.7937005259840998,
                                            0.8908987181403393};  // 2^(i/6 - 1)
  int exponent = 0;
  const double part = std::frexp(load, &exponent);
  const auto above = std::upper_bound(kEdges.begin(), kEdges.end(), part);
  return 6 * (exponent - 1) + static_cast<int32_t>(above - kEdges.begin()) - 1;
}

void learn_sample(const CapacitySample& sample, double slo, Instant now, CapacityState& state) {
  const auto is_usable = [](double x) { return std::isfinite(x) && x > 1e-9 && x < 1e12; };
  if (!is_usable(sample.load) || !is_usable(sample.p95)) return;
  state.last_sample_ms = ms_of(now);
  forget_old(now, state);
  learn_saturation(sample, state);
  const int32_t number = bin_of(sample.load);
  if (!make_room(number, state)) return;
  auto bin = static_cast<size_t>(number - state.first_bin);
  if (sample.p95 > slo && is_off_curve(sample, bin, state)) {
    const bool deployed = within(state.deployed_ms, kCautionMs, now);
    if (++state.off_curve < (deployed ? kPersistentAfterDeploy : kPersistent)) return;
    const Capacity known = capacity_of(state, slo, now);
    state.before_deploy =
        deployed ? static_cast<float>(known.per_instance.value_or(0) / kCaution) : 0;
    forget_all(state);
    make_room(number, state);
    bin = static_cast<size_t>(number - state.first_bin);
  }
  state.off_curve = 0;
  if (sample.p95 <= slo) forget_worse(sample.p95, bin, state);
  add(sample, now, state.bins[bin]);
}

void learn_revision(uint64_t revision, bool mixed, Instant now, CapacityState& state) {
  const bool is_new = state.revision != 0 && state.revision != revision;
  if (is_new) {
    for (LoadBin& bin : state.bins) halve(bin);
    state.before_deploy = 0;
  }
  if (is_new || mixed) state.deployed_ms = ms_of(now);
  state.revision = revision;
}

Capacity capacity_of(const CapacityState& state, double slo, Instant now) {
  std::array<CurvePoint, kLoadBins> points;
  size_t count = 0;
  Capacity capacity;
  for (const LoadBin& bin : state.bins) {
    capacity.samples += bin.count;
    if (const auto point = point_of(bin.load, samples_of(bin))) points[count++] = *point;
  }
  read_curve({points.data(), count}, slo, state.saturation, capacity);
  const bool cautious = within(state.deployed_ms, kCautionMs, now);
  if (capacity.per_instance) {
    if (cautious) *capacity.per_instance *= kCaution;
  } else if (const auto probe = probe_of(state, slo, now)) {
    capacity.evidence = CapacityEvidence::kProbe;
    capacity.per_instance = capacity.likely = probe;
  }
  capacity.per_instance = rounded(capacity.per_instance);
  capacity.likely = rounded(capacity.likely);
  capacity.safe_to = rounded(capacity.safe_to);
  return capacity;
}

bool is_sound(const CapacityState& state) {
  const auto sane = [](float x) { return std::isfinite(x) && x >= 0; };
  const auto sound_bin = [&](const LoadBin& bin) {
    return bin.count <= kSamplesPerBin && bin.next < kSamplesPerBin && sane(bin.load) &&
           sane(bin.highest) && std::all_of(bin.p95.begin(), bin.p95.end(), sane) &&
           (bin.count == 0 || bin.load > 0);
  };
  return std::all_of(state.bins.begin(), state.bins.end(), sound_bin) &&
         std::abs(state.first_bin) < 10'000 && state.in_service >= 0 && state.off_curve >= 0 &&
         sane(state.saturation) && sane(state.before_deploy);
}

}  // namespace autoscaler
