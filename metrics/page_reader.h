#pragma once

#include "base/fetch.h"
#include "metrics/exposition.h"
#include "metrics/signal_reader.h"
#include "metrics/target_clock.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace autoscaler {

using PlanResult = Result<SignalPlan>;

// What one scrape of one instance gave.
struct PageReadings {
  std::vector<Reading> readings;   // parallel to the plans
  std::optional<Missing> failure;  // why there is no good page, if so; all readings say it too
};

// Of a page that comes compressed, once it is inflated: as much as of one that does not.
inline constexpr size_t kMaxPageBytes = 16u << 20;

// All signals of one instance: what its pages give, scrape after scrape. A plan that is an error
// gives kSourceError.
class PageReader : private ExpositionVisitor {
 public:
  // The plans outlive the reader.
  explicit PageReader(std::span<const PlanResult> plans);

  PageReadings read(const std::string& url, const Result<FetchResponse>& response, Instant now);
  PageReadings missing(const Missing& why) const;

 private:
  Status parse(const FetchResponse& response);
  Reading finish(size_t index, const std::string& url);
  bool wants(std::string_view name) override;
  void sample(const ExpositionSample& sample) override;

  std::span<const PlanResult> plans_;
  struct Reader {
    std::unique_ptr<SignalReader> signal;  // null: a bad plan
    TargetClock clock;
    std::optional<Instant> newest;  // sample on this page
  };
  std::vector<Reader> readers_;   // parallel to plans_
  std::vector<Reader*> wanting_;  // lines of the name last asked about
  Instant now_;
};

}  // namespace autoscaler
