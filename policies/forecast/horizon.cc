#include "policies/forecast/horizon.h"

#include "base/check.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

constexpr double kMostErrors = 6;    // spreads: an error beyond counts as so many
constexpr double kStackerReach = 3;  // spreads beyond the simple experts
constexpr double kLostStacker = 2;   // its loss over the median's: it has lost its way

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

}  // namespace

Horizon::Horizon(int64_t steps)
    : steps_(steps), weights_(steps), quantiles_(1 / std::sqrt(static_cast<double>(steps))) {
  CHECK(steps >= 1 && steps <= kMostSteps);
}

void Horizon::look_ahead(const Memory& memory, const Calendar& calendar) {
  const LogScale& scale = memory.scale;
  const Levels& levels = memory.levels;
  Opinions opinions = consult(memory, steps_, calendar);
  const double usual = spread_.at(hour_of_day(memory.minute));
  const auto [least, most] =
      std::minmax_element(opinions.begin(), opinions.begin() + kSimpleExperts);
  const double stacked =
      levels.fast + stacker_.predict(features_of(opinions, levels.last, levels.fast));
  opinions[kStacked] =
      std::clamp(stacked, *least - kStackerReach * usual, *most + kStackerReach * usual);

  outlook_.middle = weights_.combine(opinions);
  outlook_.width = width_.at({.usual = usual,
                              .recent = spread_.recent(),
                              .slow = spread_.slow(),
                              .dissent = dissent_of(opinions, outlook_.middle),
                              .jump = std::abs(levels.last[0] - levels.fast)});
  for (size_t i = 0; i < kQuantileCount; ++i) {
    outlook_.highest[i] = outlook_.middle + quantiles_.offsets()[i] * outlook_.width;
  }

  Origin& origin = origins_[memory.minute % kMostSteps];
  origin.minute = static_cast<uint32_t>(memory.minute);
  for (size_t i = 0; i < kExperts; ++i) origin.opinions[i] = scale.pack(opinions[i]);
  origin.fast = scale.pack(levels.fast);
  origin.middle = scale.pack(outlook_.middle);
  origin.usual = pack_spread(usual);
  origin.recent = pack_spread(spread_.recent());
  origin.slow = pack_spread(spread_.slow());
  origin.width = pack_spread(outlook_.width);
}

std::optional<double> Horizon::look_back(const Memory& memory) {
  const int64_t then = memory.minute - steps_;
  if (then <= 0) return std::nullopt;
  const Origin& origin = origins_[then % kMostSteps];
  if (origin.minute != then) return std::nullopt;
  if (memory.ring.known(steps_) < steps_) return std::nullopt;
  const LogScale& scale = memory.scale;
  const double truth = *memory.ring.highest(scale, steps_ - 1, steps_);
  const double usual = unpack_spread(origin.usual);
  const double width = unpack_spread(origin.width);

  Opinions opinions;
  for (size_t i = 0; i < kExperts; ++i) opinions[i] = scale.unpack(origin.opinions[i]);
  const double fast = scale.unpack(origin.fast);
  const double middle = scale.unpack(origin.middle);
  std::array<double, 3> last;
  for (int64_t i = 0; i < 3; ++i) {
    last[static_cast<size_t>(i)] = memory.ring.at(scale, steps_ + i).value_or(fast);
  }
  const double most = kMostErrors * width;
  stacker_.learn(features_of(opinions, last, fast), truth - fast, most);
  weights_.learn(opinions, truth, most);
  if (weights_.loss(kStacked) > kLostStacker * weights_.median_loss()) stacker_.restart();

  const double error = truth - middle;
  width_.learn({.usual = usual,
                .recent = unpack_spread(origin.recent),
                .slow = unpack_spread(origin.slow),
                .dissent = dissent_of(opinions, middle),
                .jump = std::abs(last[0] - fast)},
               error);
  spread_.learn(error, hour_of_day(then));
  quantiles_.learn(error / width);
  return error / width;
}

}  // namespace autoscaler
