#pragma once

#include "metrics/exposition.h"
#include "metrics/signal_reader.h"
#include "policies/signal.h"

#include <string>

namespace autoscaler {

// Why a good page gives no reading of a signal, each in the same words for all kinds of signal.
Missing no_series(const std::string& metric);
Missing too_many_series(const std::string& metric);
Missing repeated_series(const ExpositionSample& sample);
Missing not_finite(const std::string& metric);
Missing negative_counter(const ExpositionSample& sample);
Missing too_few_samples(const SignalPlan& plan);
Missing quantiles_of_summary(const std::string& metric);
Missing bad_histogram(const ExpositionSample& sample, const std::string& why);

}  // namespace autoscaler
