#pragma once

#include "metrics/signal_reader.h"
#include "metrics/window.h"

#include <map>
#include <optional>
#include <string>

namespace autoscaler {

// Rates of counters (RateOf, RatioOf), summed over the matching series.
//
// Each series has its own window, found by its labels as they are written. A series counts from its
// second sample on; one that is no longer on a good page is forgotten at once. So a service that
// writes the same series with its labels in another order each time is never counted twice: it
// never gets to a second sample.
//
// A ratio's numerator is 0 where no series matches it: the page was good and shows the family, so
// nothing was counted there.
class CounterReader : public SignalReader {
 public:
  explicit CounterReader(const SignalPlan& plan) : plan_(plan) {}

  void begin() override;
  void take(const ExpositionSample& sample, Instant at) override;
  void forget() override;
  Reading finish() override;

 private:
  struct Series {
    CounterWindow window{1};
    bool in_part = false;  // of the numerator
    bool on_page = false;
    double value = 0;  // on this page, with `at`
    Instant at;
  };

  const SignalPlan& plan_;
  std::map<std::string, Series, std::less<>> series_;
  size_t on_page_ = 0;  // series; with what is new on it, twice kMaxSeries are held at most
  std::optional<Missing> fault_;
};

}  // namespace autoscaler
