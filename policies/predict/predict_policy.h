#pragma once

#include "policies/scene.h"

namespace autoscaler {

// What the forecast is worth in instances (policies/predict/price.h), and with `mode: full` what is
// worth keeping: nothing that the measured load needs is taken away. Its own wish ends at 1.25
// times what the peak of the last 7 days needed, and at the user's max. It abstains while its gate
// is closed or its forecast is too old, and is then as good as absent; what it would want is in
// Proposal::forecast.
Proposal propose(const PredictSpec& predict, uint16_t policy, const Scene& scene,
                 const Readings& readings);

// How long the wish for fewer must have lasted where a forecast brakes scaling in, in place of the
// window of `behavior`: some minutes, or two samples where it is for fewer by 3 instances and 12 %
// at least. What is needed again soon is kept by the forecast; these only keep small wishes from
// going back and forth with the noise.
inline constexpr Duration kForecastWindow = std::chrono::minutes(4);
inline constexpr Duration kLargeCutWindow = std::chrono::seconds(30);
inline constexpr double kLargeCutShare = 0.12;
inline constexpr double kLargeCutCount = 3;

// Whether a policy may brake so at all.
bool may_brake_by_forecast(const WorkloadSpec& spec);

// Whether a forecast brakes scaling in now.
bool is_held_by_forecast(const Decision& decision);

// Within Combine: what is worth keeping is wanted, up to the size that stands.
void keep_for_forecast(const Scene& scene, Decision& decision);

}  // namespace autoscaler
