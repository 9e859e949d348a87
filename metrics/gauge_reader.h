#pragma once

#include "metrics/signal_reader.h"
#include "metrics/window.h"

#include <optional>
#include <set>
#include <string>

namespace autoscaler {

// A gauge: the sum of its matching series over a capacity, as it stands on the page or as the mean
// over a window.
//
// The quantiles of a summary are gauges that mean nothing once they are summed: they are refused
// unless the labels asked for name one of them.
class GaugeReader : public SignalReader {
 public:
  explicit GaugeReader(const SignalPlan& plan);

  void begin() override;
  void take(const ExpositionSample& sample, Instant at) override;
  void forget() override { window_.clear(); }
  Reading finish() override;

 private:
  const SignalPlan& plan_;
  const bool may_be_quantile_;
  std::set<std::string, std::less<>> seen_;
  std::optional<Missing> fault_;
  double sum_ = 0;
  Instant newest_;
  Instant oldest_;
  GaugeWindow window_;
};

}  // namespace autoscaler
