#include "policies/predict/predictive_size.h"

#include "policies/predict/price.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

constexpr double kUsualGain = 1.0 / 5760;  // of a tick of 15 s: a day
constexpr double kHoldPrice = 0.5;         // of the price: to keep is cheaper than to launch
// A reduction is large from 3 instances and 15 % on, and waits for 3 minutes; a smaller one for 30.
// On public traces that halves the turns, from 4 an hour to 2, for 2 % more instance-hours.
constexpr double kLargeShare = 0.15;
constexpr double kLargeCount = 3;
constexpr int64_t kLargeMinutes = 3;

int32_t grown(int32_t size, double headroom) {
  return static_cast<int32_t>(std::ceil(size * headroom - 1e-9));
}

}  // namespace

int32_t PredictiveSize::decide(const Inputs& inputs) {
  const ReactiveSize reactive = reactive_size(inputs.now, inputs.rate_per_instance);
  if (reactive.burst) burst_until_ = inputs.minute + 1;
  const double needed = std::max(1.0, inputs.now.mean_rate / inputs.rate_per_instance);
  usual_size_ += (usual_size_ == 0 ? 1 : kUsualGain) * (needed - usual_size_);

  int32_t wanted = reactive.size;
  int32_t keep = wanted;
  if (inputs.lead && inputs.hold) {
    const int32_t launch =
        instances_worth(inputs.lead->highest, inputs.rate_per_instance, usual_size_, inputs.price);
    const int32_t hold = instances_worth(inputs.hold->highest, inputs.rate_per_instance,
                                         usual_size_, kHoldPrice * inputs.price);
    wanted = std::max(wanted, grown(launch, inputs.headroom));
    keep = std::max(wanted, grown(hold, inputs.headroom));
  } else {
    keep = std::max(keep, inputs.size);  // without a forecast nothing shrinks
  }
  return steady(std::max(wanted, std::min(keep, inputs.size)), inputs);
}

// Minutes before the epoch have theirs too.
size_t PredictiveSize::slot_of(int64_t minute) {
  return static_cast<size_t>((minute % kMostMinutes + kMostMinutes) % kMostMinutes);
}

int32_t PredictiveSize::highest_of(int64_t minutes) const {
  int32_t highest = 0;
  for (int64_t i = 0; i < minutes; ++i) {
    highest = std::max(highest, recent_[slot_of(recent_minute_ - i)]);
  }
  return highest;
}

// Takes the small and short-lived changes out of scaling in.
int32_t PredictiveSize::steady(int32_t wanted, const Inputs& inputs) {
  // Minutes that were left out asked for nothing.
  for (int64_t i = std::max(recent_minute_ + 1, inputs.minute - kMostMinutes + 1);
       i <= inputs.minute; ++i) {
    recent_[slot_of(i)] = 0;
  }
  recent_minute_ = inputs.minute;
  int32_t& recent = recent_[slot_of(inputs.minute)];
  recent = std::max(recent, wanted);
  if (wanted >= inputs.size) return wanted;
  if (inputs.hold_in || inputs.minute <= burst_until_) return inputs.size;
  const int32_t lately = highest_of(kLargeMinutes);
  if (inputs.size - lately >= std::max(kLargeCount, kLargeShare * inputs.size)) return lately;
  return std::min(inputs.size, highest_of(kMostMinutes));
}

}  // namespace autoscaler
