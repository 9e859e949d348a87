#pragma once

#include "base/result.h"
#include "metrics/exposition.h"
#include "metrics/query.h"
#include "metrics/series_filter.h"
#include "metrics/window.h"

#include <memory>
#include <string>

namespace autoscaler {

// One signal of a workload, ready to be read: its matchers are compiled once for all instances.
struct SignalPlan {
  ScrapeRead read;
  std::string metric;  // the name of the lines it is made of: a histogram's ends in _bucket
  SeriesFilter of;
  SeriesFilter part;  // RatioOf: the numerator's further labels
};
// The window that its values are taken over.
WindowSpan span_of(const ScrapeRead& read);
// Errors: kInvalid, a matcher that is no regular expression.
Result<SignalPlan> make_plan(const ScrapeRead& read);

// Takes one signal out of the pages of one instance, page after page, and remembers what rates
// need. A page is gathered first and counted only at its end: one that turns out to be broken
// leaves no trace.
class SignalReader {
 public:
  virtual ~SignalReader() = default;

  // A new page; what the last one gathered and did not finish is dropped.
  virtual void begin() = 0;
  // A line of the page named plan.metric. `at` is when its value was taken.
  virtual void take(const ExpositionSample& sample, Instant at) = 0;
  // Samples of earlier pages cannot be compared with this one: forget them.
  virtual void forget() = 0;
  // The page was good to its end: count it.
  virtual Reading finish() = 0;
};

// The plan outlives the reader.
std::unique_ptr<SignalReader> make_reader(const SignalPlan& plan);

// Of one signal of one instance. 10,000 counters with the 7 points of a 30 s window at 5 s take
// some 3 MB; no service labels one metric that finely on purpose.
inline constexpr size_t kMaxSeries = 10'000;

}  // namespace autoscaler
