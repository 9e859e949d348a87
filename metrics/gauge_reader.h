#pragma once

#include "metrics/signal_reader.h"

#include <optional>
#include <set>
#include <string>

namespace autoscaler {

// A gauge as it stands on the page: the sum of its matching series over a capacity.
class GaugeReader : public SignalReader {
 public:
  explicit GaugeReader(const SignalPlan& plan) : plan_(plan) {}

  void begin() override;
  void take(const ExpositionSample& sample, Instant at) override;
  Reading finish() override;

 private:
  const SignalPlan& plan_;
  std::set<std::string, std::less<>> seen_;
  std::optional<Missing> fault_;
  double sum_ = 0;
  Instant newest_;
};

}  // namespace autoscaler
