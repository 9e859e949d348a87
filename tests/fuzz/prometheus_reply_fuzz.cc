#include "base/check.h"
#include "metrics/prometheus_reading.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>

namespace autoscaler {
namespace {

constexpr Instant kAsked{std::chrono::hours(481'189)};

void check_reading(const PrometheusRead& read, const PrometheusReply& reply, bool accept_partial) {
  const Reading reading = reading_of(read, reply, kAsked, accept_partial);
  const auto* measured = std::get_if<Measured>(&reading);
  if (measured == nullptr) return;
  CHECK(measured->at <= kAsked);
  CHECK(reply.warnings.empty() || accept_partial);
  CHECK(!reply.series.empty() || read.when_empty);
  CHECK(reply.series.size() <= 1 || read.over_series);
  CHECK(reply.type == PrometheusReply::Type::kScalar ||
        reply.type == PrometheusReply::Type::kVector);
  for (const PrometheusSeries& series : reply.series) {
    CHECK(series.points.size() == 1 && std::isfinite(series.points[0].value));
  }
}

}  // namespace
}  // namespace autoscaler

// Whatever the answer: no read outside it (the copy below has no byte after its end), no more than
// the limits allow, and a number only where the rules give one.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace autoscaler;
  const std::unique_ptr<char[]> exact(new char[size]);
  if (size > 0) std::memcpy(exact.get(), data, size);
  const ReplyLimits limits{.series = 5, .points = 20};
  const auto reply = parse_prometheus_reply({exact.get(), size}, limits);
  if (!reply.ok()) {
    const Code code = reply.error().code;
    CHECK(code == Code::kInvalid || code == Code::kTooLarge || code == Code::kConflict);
    CHECK(!reply.error().message.empty());
    return 0;
  }
  CHECK(reply->series.size() <= limits.series);
  size_t points = 0;
  for (const PrometheusSeries& series : reply->series) {
    points += series.points.size();
    CHECK(series.labels.size() <= 202);
    for (size_t i = 1; i < series.points.size(); ++i) {
      CHECK(series.points[i - 1].at < series.points[i].at);
    }
  }
  CHECK(points <= limits.points + 1);
  check_reading({}, *reply, false);
  check_reading({.when_empty = 0}, *reply, true);
  check_reading({.over_series = OverSeries::kMedian}, *reply, false);
  const auto range = points_of({.over_series = OverSeries::kSum}, *reply, true);
  if (!range.ok()) return 0;
  CHECK(reply->type == PrometheusReply::Type::kMatrix);
  for (size_t i = 0; i < range->size(); ++i) {
    CHECK(std::isfinite((*range)[i].value));
    CHECK(i == 0 || (*range)[i - 1].at < (*range)[i].at);
  }
  return 0;
}
