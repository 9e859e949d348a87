#include "metrics/page_reader.h"

#include "metrics/exposition_chars.h"
#include "metrics/gunzip.h"
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
  if (const Status parsed = parse(*response); !parsed.ok()) {
    Missing why = missing_from(parsed.error());
    why.detail = url + ": " + why.detail;
    return missing(why);
  }
  PageReadings page;
  for (size_t i = 0; i < readers_.size(); ++i) {
    page.readings.push_back(readers_[i] != nullptr
                                ? readers_[i]->finish()
                                : Missing{MissingReason::kSourceError, plans_[i].error().message});
  }
  return page;
}

Status PageReader::parse(const FetchResponse& response) {
  const ExpositionFormat format = exposition_format(response.content_type);
  const std::string& encoding = response.content_encoding;
  if (encoding.empty() || equals_ignoring_case(encoding, "identity")) {
    return parse_exposition(response.body, *this, format);
  }
  if (!equals_ignoring_case(encoding, "gzip") && !equals_ignoring_case(encoding, "x-gzip")) {
    return Error{Code::kInvalid, "expected gzip or no Content-Encoding"};
  }
  const Result<std::string> page = gunzip(response.body, kMaxPageBytes);
  return page.ok() ? parse_exposition(*page, *this, format) : Status(page.error());
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
