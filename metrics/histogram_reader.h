#pragma once

#include "metrics/signal_reader.h"
#include "metrics/window.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autoscaler {

// Bucket rates of a classic histogram, summed over its label sets.
//
// The windows hold the cumulative counts as the page shows them: each of those is a counter, which
// goes down only at a restart, even where a client reads its buckets one after the other while
// they count. The buckets of their difference are made from that at the end, and a cumulative rate
// that is lower than the one before it by such a race is raised to it.
class HistogramReader : public SignalReader {
 public:
  explicit HistogramReader(const SignalPlan& plan) : plan_(plan) {}

  void begin() override;
  void take(const ExpositionSample& sample, Instant at) override;
  void forget() override;
  Reading finish() override;

 private:
  struct Bucket {
    double bound;
    double count;
  };
  // The buckets that differ in `le` alone.
  struct LabelSet {
    std::vector<double> bounds;
    CounterWindow window{0};
    std::vector<Bucket> page;
    Instant at;
  };

  std::optional<Missing> put(const ExpositionSample& sample, Instant at);
  std::optional<Missing> count_page(LabelSet& set, std::string_view labels);
  std::optional<Missing> check_buckets(const std::vector<Bucket>& buckets,
                                       std::string_view labels) const;

  const SignalPlan& plan_;
  std::map<std::string, LabelSet, std::less<>> sets_;
  size_t buckets_on_page_ = 0;
  std::optional<Missing> fault_;
  std::string key_;  // of the line at hand, kept for its memory
};

}  // namespace autoscaler
