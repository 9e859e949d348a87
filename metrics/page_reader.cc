#include "metrics/page_reader.h"

#include "metrics/missing.h"

#include <algorithm>

namespace autoscaler {
namespace {

// 0 and `now` bound what a page may claim, so that no arithmetic on times can overflow.
Instant taken_at(const ExpositionSample& sample, Instant now) {
  if (!sample.timestamp_ms) return now;
  return std::clamp(Instant{Duration{*sample.timestamp_ms}}, Instant{}, now);
}

}  // namespace

PageReader::PageReader(std::span<const PlanResult> plans) : plans_(plans) {
  for (const PlanResult& plan : plans_) {
    readers_.push_back(plan.ok() ? make_reader(*plan) : nullptr);
  }
}

PageReadings PageReader::read(const std::string& url, const Result<FetchResponse>& response,
                              Instant now) {
  if (!response.ok()) return missing(missing_from(response.error()));
  if (response->status != 200) {
    return missing(
        {MissingReason::kBadStatus, url + ": status " + std::to_string(response->status)});
  }
  now_ = now;
  for (const auto& reader : readers_) {
    if (reader != nullptr) reader->begin();
  }
  if (const Status parsed = parse_exposition(response->body, *this); !parsed.ok()) {
    return missing({MissingReason::kMalformed, url + ": " + parsed.error().message});
  }
  PageReadings page;
  for (size_t i = 0; i < readers_.size(); ++i) {
    page.readings.push_back(readers_[i] != nullptr
                                ? readers_[i]->finish()
                                : Missing{MissingReason::kSourceError, plans_[i].error().message});
  }
  return page;
}

PageReadings PageReader::missing(const Missing& why) const {
  return {std::vector<Reading>(plans_.size(), why), why};
}

bool PageReader::wants(std::string_view name) {
  wanting_.clear();
  for (size_t i = 0; i < readers_.size(); ++i) {
    if (readers_[i] != nullptr && plans_[i]->metric == name) wanting_.push_back(readers_[i].get());
  }
  return !wanting_.empty();
}

void PageReader::sample(const ExpositionSample& sample) {
  const Instant at = taken_at(sample, now_);
  for (SignalReader* reader : wanting_) reader->take(sample, at);
}

}  // namespace autoscaler
