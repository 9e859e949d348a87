#include "tests/e2e/load/tally.h"

#include <algorithm>
#include <cmath>

namespace autoscaler::e2e {
namespace {

double milliseconds(Duration d) {
  return seconds(d) * 1e3;
}

std::string field(const std::string& name, uint64_t value) {
  return "\"" + name + "\":" + std::to_string(value) + ",";
}

std::string milliseconds_or_null(std::optional<Duration> d) {
  if (!d) return "null";
  char text[32];
  std::snprintf(text, sizeof(text), "%.2f", milliseconds(*d));
  return text;
}

}  // namespace

std::optional<Duration> percentile(std::vector<Duration>& values, double q) {
  if (values.empty()) return std::nullopt;
  double rank = std::ceil(q * static_cast<double>(values.size()));
  auto index = std::clamp<ptrdiff_t>(static_cast<ptrdiff_t>(rank) - 1, 0,
                                     static_cast<ptrdiff_t>(values.size()) - 1);
  std::nth_element(values.begin(), values.begin() + index, values.end());
  return values[static_cast<size_t>(index)];
}

void Tally::sent(Duration lag) {
  ++sent_;
  lag_ = std::max(lag_, lag);
}

void Tally::add(const RequestResult& result) {
  ++outcomes_[static_cast<size_t>(result.outcome)];
  if (result.status.value_or(0) >= 500) ++server_errors_;
  if (result.retried) ++retried_;
  if (result.outcome == Outcome::kOk) latencies_.push_back(result.latency);
}

std::string Tally::json(const std::string& head) {
  std::string text = "{" + head + field("sent", sent_);
  for (size_t i = 0; i < outcomes_.size(); ++i) text += field(kOutcomeNames[i], outcomes_[i]);
  text += field("5xx", server_errors_) + field("retried", retried_);
  text += "\"lag_ms\":" + milliseconds_or_null(lag_);
  for (int p : {50, 95, 99}) {
    text += ",\"p" + std::to_string(p) +
            "_ms\":" + milliseconds_or_null(percentile(latencies_, p / 100.0));
  }
  return text + "}\n";
}

size_t offered_in(std::span<const Duration> arrivals, int second) {
  auto from = std::lower_bound(arrivals.begin(), arrivals.end(), std::chrono::seconds(second));
  auto to = std::lower_bound(from, arrivals.end(), std::chrono::seconds(second + 1));
  return static_cast<size_t>(to - from);
}

std::string csv_line(const RequestResult& result) {
  char line[128];
  std::string status = result.status ? std::to_string(*result.status) : "";
  std::snprintf(line, sizeof(line), "%.3f,%.3f,%s,%s,%s,%d\n", milliseconds(result.intended),
                milliseconds(result.latency), status.c_str(),
                kOutcomeNames[static_cast<size_t>(result.outcome)], result.fresh ? "fresh" : "kept",
                result.retried ? 1 : 0);
  return line;
}

}  // namespace autoscaler::e2e
