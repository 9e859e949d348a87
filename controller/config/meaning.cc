#include "controller/config/sections.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>

namespace autoscaler {

// By its unit and by what people call such signals. One that is about other targets than the
// instances tells nothing of them.
SignalSpec::Meaning meaning_of(const SignalDraft& draft, const std::string& metric) {
  using Meaning = SignalSpec::Meaning;
  std::string called = draft.spec.name + " " + metric;
  std::transform(called.begin(), called.end(), called.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto is_called = [&](std::initializer_list<const char*> words) {
    return std::any_of(words.begin(), words.end(),
                       [&](const char* word) { return called.find(word) != std::string::npos; });
  };
  if (draft.spec.over_targets) return Meaning::kOther;
  switch (draft.unit) {
    case Unit::kNumber: return Meaning::kOther;
    case Unit::kPerSecond:
      return draft.from_balancer || is_called({"request", "rps", "qps"}) ? Meaning::kLoad
                                                                         : Meaning::kOther;
    case Unit::kRatio:
      if (draft.from_balancer || is_called({"error"})) return Meaning::kErrors;
      return is_called({"cpu"}) ? Meaning::kWork : Meaning::kOther;
    case Unit::kSeconds:
    case Unit::kMilliseconds: {
      const bool is_quantile = draft.spec.kind == SignalSpec::Kind::kHistogram;
      return draft.from_balancer || is_quantile || is_called({"latency", "duration", "response"})
                 ? Meaning::kLatency
                 : Meaning::kOther;
    }
  }
  return Meaning::kOther;
}

}  // namespace autoscaler
