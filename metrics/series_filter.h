#pragma once

#include "base/result.h"
#include "metrics/exposition.h"
#include "metrics/query.h"

#include <memory>
#include <string>
#include <vector>

namespace re2 {
class RE2;
}

namespace autoscaler {

// Label matchers, compiled once and shared by all instances that are asked. A label that a series
// does not have counts as empty, as in Prometheus.
class SeriesFilter {
 public:
  // Errors: kInvalid, with the label, the pattern and what is wrong with it.
  static Result<SeriesFilter> compile(const std::vector<LabelMatcher>& matchers);

  bool matches(const ExpositionSample& sample) const;

 private:
  struct Compiled {
    std::string label;
    std::shared_ptr<const re2::RE2> pattern;
  };
  std::vector<Compiled> compiled_;
};

}  // namespace autoscaler
