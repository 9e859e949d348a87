#include "policies/forecast/horizon.h"

#include "base/check.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

constexpr double kMostErrors = 6;     // spreads: an error beyond counts as so many
constexpr double kStackerReach = 3;   // spreads beyond the simple experts
constexpr double kStackerErrors = 3;  // widths: an error beyond teaches the stacker so many
constexpr double kLeastWeight = 0.2;
constexpr double kMostWeight = 5;
constexpr double kMostLean = 3;
constexpr double kHourGain = 0.007;
constexpr double kLostStacker = 2;  // its loss over the median's: it has lost its way

int64_t hour_of_day(int64_t minute) {
  return minute % kMinutesADay / 60;
}

// Spreads in 16 bits: e to the -8 to the 8th, to 1/4096.
uint16_t pack_spread(double spread) {
  return static_cast<uint16_t>(std::clamp(std::round(4096 * (std::log(spread) + 8)), 0.0, 65535.0));
}
double unpack_spread(uint16_t packed) {
  return std::exp(packed / 4096.0 - 8);
}

double dissent_of(const Opinions& opinions, double middle) {
  double sum = 0;
  for (size_t i = 0; i < kSimpleExperts; ++i) sum += std::abs(opinions[i] - middle);
  return sum / kSimpleExperts;
}

// An error counts by how small errors are then: that of a calm hour says more.
double weight_of(double slow, double width) {
  return std::clamp(slow / width, kLeastWeight, kMostWeight);
}

LeaningQuantiles::Leans leans_of(const Opinions& opinions, double middle, double fast, double last,
                                 double width) {
  const auto [least, most] =
      std::minmax_element(opinions.begin(), opinions.begin() + kSimpleExperts);
  const auto lean = [&](double distance) {
    return std::clamp(distance / width, -kMostLean, kMostLean);
  };
  return {lean(middle - fast),
          lean(last - fast),
          lean(*most - middle),
          lean(*least - middle),
          lean(opinions[kYesterday] - middle),
          lean(opinions[kDailyOffset] - middle)};
}

}  // namespace

Horizon::Horizon(int64_t steps)
    : steps_(steps),
      weights_(steps),
      spread_(kHourGain),
      quantiles_(1 / std::sqrt(static_cast<double>(steps))) {
  CHECK(steps >= 1 && steps <= kMostSteps);
}

void Horizon::look_ahead(const Memory& memory, const Calendar& calendar,
                         std::span<Origin> origins) {
  const LogScale& scale = memory.scale;
  const Levels& levels = memory.levels;
  Opinions opinions = consult(memory, steps_, shape_.rise(memory.minute), calendar);
  const double usual = spread_.at(hour_of_day(memory.minute));
  const auto [least, most] =
      std::minmax_element(opinions.begin(), opinions.begin() + kSimpleExperts);
  const double stacked =
      levels.fast +
      stacker_.predict(features_of(opinions, recent_means(memory, 0, levels.fast), levels.fast));
  opinions[kStacked] =
      std::clamp(stacked, *least - kStackerReach * usual, *most + kStackerReach * usual);

  outlook_.middle = weights_.combine(opinions);
  outlook_.width = width_.at({.usual = usual,
                              .recent = spread_.recent(),
                              .slow = spread_.slow(),
                              .dissent = dissent_of(opinions, outlook_.middle),
                              .jump = std::abs(levels.last[0] - levels.fast),
                              .of_hour = usual * shape_.unrest(memory.minute)});
  const auto leans =
      leans_of(opinions, outlook_.middle, levels.fast, levels.last[0], outlook_.width);
  const QuantileValues offsets = quantiles_.at(leans, hour_of_day(memory.minute));
  for (size_t i = 0; i < kQuantileCount; ++i) {
    outlook_.highest[i] = outlook_.middle + offsets[i] * outlook_.width;
  }

  if (!waits(memory.minute)) return;
  Origin& origin = origins[slot_of(memory.minute)];
  origin.minute = static_cast<uint16_t>(memory.minute);
  for (size_t i = 0; i < kExperts; ++i) origin.opinions[i] = scale.pack(opinions[i]);
  origin.fast = scale.pack(levels.fast);
  origin.middle = scale.pack(outlook_.middle);
  origin.usual = pack_spread(usual);
  origin.recent = pack_spread(spread_.recent());
  origin.slow = pack_spread(spread_.slow());
  origin.width = pack_spread(outlook_.width);
}

std::optional<double> Horizon::look_back(const Memory& memory, std::span<const Origin> origins) {
  const int64_t then = memory.minute - steps_;
  if (then <= 0 || !waits(then)) return std::nullopt;
  const Origin& origin = origins[slot_of(then)];
  if (!origin.is_of(then)) return std::nullopt;
  if (memory.ring.known(steps_) < steps_) return std::nullopt;
  const LogScale& scale = memory.scale;
  const double truth = *memory.ring.highest(scale, steps_ - 1, steps_);
  const double usual = unpack_spread(origin.usual);
  const double width = unpack_spread(origin.width);

  Opinions opinions;
  for (size_t i = 0; i < kExperts; ++i) opinions[i] = scale.unpack(origin.opinions[i]);
  const double fast = scale.unpack(origin.fast);
  const double middle = scale.unpack(origin.middle);
  const double last = memory.ring.at(scale, steps_).value_or(fast);
  const double most = kMostErrors * width;
  const double slow = unpack_spread(origin.slow);
  const double error = truth - middle;
  for (int64_t i = 0; i < every(); ++i) {
    stacker_.learn(features_of(opinions, recent_means(memory, steps_, fast), fast), truth - fast,
                   kStackerErrors * width, weight_of(slow, width));
    weights_.learn(opinions, truth, most);
    if (weights_.loss(kStacked) > kLostStacker * weights_.median_loss()) stacker_.restart();

    width_.learn({.usual = usual,
                  .recent = unpack_spread(origin.recent),
                  .slow = slow,
                  .dissent = dissent_of(opinions, middle),
                  .jump = std::abs(last - fast),
                  .of_hour = usual * shape_.unrest(then)},
                 error);
    shape_.learn(then, truth - fast, most, std::abs(error) / usual);
    spread_.learn(error, hour_of_day(then));
    quantiles_.learn(error / width, leans_of(opinions, middle, fast, last, width),
                     hour_of_day(then));
  }
  return error / width;
}

}  // namespace autoscaler
