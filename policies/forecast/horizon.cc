#include "policies/forecast/horizon.h"

#include "base/check.h"

#include <algorithm>

namespace autoscaler {
namespace {

constexpr double kMostErrors = 6;    // spreads: an error beyond counts as so many
constexpr double kStackerReach = 3;  // spreads beyond the simple experts
constexpr double kLostStacker = 2;   // its loss over the median's: it has lost its way

int64_t hour_of_day(int64_t minute) {
  return minute % kMinutesADay / 60;
}

}  // namespace

Horizon::Horizon(int64_t steps) : steps_(steps) {
  CHECK(steps >= 1 && steps <= kMostSteps);
}

void Horizon::look_ahead(const Memory& memory, const Calendar& calendar) {
  const LogScale& scale = memory.scale;
  const Levels& levels = memory.levels;
  Opinions opinions = consult(memory, steps_, calendar);
  const double spread = spread_.at(hour_of_day(memory.minute));
  const auto [least, most] =
      std::minmax_element(opinions.begin(), opinions.begin() + kSimpleExperts);
  const double stacked =
      levels.fast + stacker_.predict(features_of(opinions, levels.last, levels.fast));
  opinions[kStacked] =
      std::clamp(stacked, *least - kStackerReach * spread, *most + kStackerReach * spread);

  outlook_.middle = weights_.combine(opinions);
  outlook_.spread = spread;
  for (size_t i = 0; i < kQuantileCount; ++i) {
    outlook_.highest[i] = outlook_.middle + quantiles_.offsets()[i] * spread;
  }

  Origin& origin = origins_[memory.minute % kMostSteps];
  origin.minute = static_cast<uint32_t>(memory.minute);
  for (size_t i = 0; i < kExperts; ++i) origin.opinions[i] = scale.pack(opinions[i]);
  for (size_t i = 0; i < 3; ++i) origin.last[i] = scale.pack(levels.last[i]);
  origin.fast = scale.pack(levels.fast);
  origin.middle = scale.pack(outlook_.middle);
  origin.spread = static_cast<float>(spread);
}

std::optional<double> Horizon::look_back(const Memory& memory) {
  const int64_t then = memory.minute - steps_;
  if (then <= 0) return std::nullopt;
  const Origin& origin = origins_[then % kMostSteps];
  if (origin.minute != then) return std::nullopt;
  if (memory.ring.known(steps_) < steps_) return std::nullopt;
  const LogScale& scale = memory.scale;
  const double truth = *memory.ring.highest(scale, steps_ - 1, steps_);
  const double spread = origin.spread;
  const double most = kMostErrors * spread;

  Opinions opinions;
  for (size_t i = 0; i < kExperts; ++i) opinions[i] = scale.unpack(origin.opinions[i]);
  const double fast = scale.unpack(origin.fast);
  const std::array<double, 3> last{scale.unpack(origin.last[0]), scale.unpack(origin.last[1]),
                                   scale.unpack(origin.last[2])};
  stacker_.learn(features_of(opinions, last, fast), truth - fast, most);
  weights_.learn(opinions, truth, most);
  if (weights_.loss(kStacked) > kLostStacker * weights_.median_loss()) stacker_.restart();

  const double error = truth - scale.unpack(origin.middle);
  spread_.learn(error, hour_of_day(then));
  quantiles_.learn(error / spread);
  return error / spread;
}

}  // namespace autoscaler
