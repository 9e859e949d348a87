#pragma once

#include "base/result.h"
#include "policies/time.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace autoscaler {

struct PrometheusPoint {
  Instant at;
  double value;  // may be NaN or infinite
};

struct PrometheusSeries {
  std::string labels;                   // for a person: {job="shop", pod="a"}, cut at 200 bytes
  std::vector<PrometheusPoint> points;  // ascending in time
};

// A good answer of the HTTP API. A scalar is one series without labels; of a vector each series has
// one point. A string has none.
struct PrometheusReply {
  enum class Type { kScalar, kVector, kMatrix, kString } type = Type::kVector;
  std::vector<PrometheusSeries> series;
  // Why something may be missing in it: each warning but PromQL's own remarks on the query, and
  // `isPartial` as VictoriaMetrics says it.
  std::vector<std::string> warnings;
};

struct ReplyLimits {
  size_t series = 1000;
  size_t points = 200'000;  // of all series together
};

// Pure, in one pass without a tree. Errors: kInvalid (no such answer: the text says where or what),
// kTooLarge (past a limit), kConflict (`status: error`, with the server's own words).
Result<PrometheusReply> parse_prometheus_reply(std::string_view json, const ReplyLimits& limits);

}  // namespace autoscaler
