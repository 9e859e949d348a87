#include "policies/predict/predictive_size.h"

#include "policies/predict/price.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

constexpr double kUsualGain = 1.0 / 5760;  // of a tick of 15 s: a day
constexpr double kHoldPrice = 0.5;         // of the price: to keep is cheaper than to launch
constexpr double kDeadBand = 0.06;         // smaller reductions are not worth a change

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

// Takes the small and short-lived changes out of scaling in.
int32_t PredictiveSize::steady(int32_t wanted, const Inputs& inputs) {
  if (inputs.minute != recent_minute_) {
    recent_ = {0, inputs.minute == recent_minute_ + 1 ? recent_[0] : 0};
    recent_minute_ = inputs.minute;
  }
  recent_[0] = std::max(recent_[0], wanted);
  if (wanted >= inputs.size) return wanted;
  if (inputs.hold_in || inputs.minute <= burst_until_) return inputs.size;
  const int32_t highest = std::min(inputs.size, std::max(recent_[0], recent_[1]));
  const double least = std::max(1.0, kDeadBand * inputs.size);
  return inputs.size - highest < least ? inputs.size : highest;
}

}  // namespace autoscaler
