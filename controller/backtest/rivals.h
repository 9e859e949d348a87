#pragma once

#include "controller/backtest/world.h"

#include <memory>
#include <string>
#include <vector>

namespace autoscaler {

// What the fixed world compares with. Each is as good as its idea allows: sizes are exact, and
// floors are there a lead earlier than they are needed.

// As many as the highest load will need, always: a plan made in hindsight.
std::unique_ptr<Contender> make_static_peak(const Demand& demand);

// The HPA with CPU utilisation as its metric, `compatibility: hpa` without `behavior`, default
// flags, a sync every 15 s: the project's own evaluate, with pods. `target_percent` of the request,
// which is what an instance can use at most.
std::unique_ptr<Contender> make_hpa(int64_t target_percent, const Demand& demand);

// The HPA above a floor: by the hour of the day (UTC) the highest load of the warm-up, at the same
// target, as KEDA's cron scaler would be set by hand.
std::unique_ptr<Contender> make_cron_hpa(int64_t target_percent, const Demand& demand,
                                         int64_t lead_s);

// The HPA as target tracking above a floor from a forecast, as AWS predictive scaling works: hourly
// means of up to 14 days, looked at again every 6 hours, launched 5 minutes before the hour. The
// forecast of an hour is the mean of the same hour yesterday, and of the same hour of the week in
// the last two weeks where there is one.
std::unique_ptr<Contender> make_aws_like(int64_t target_percent, const Demand& demand);

}  // namespace autoscaler
