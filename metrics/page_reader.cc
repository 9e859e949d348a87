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
    readers_.push_back({plan.ok() ? make_reader(*plan) : nullptr, {}, {}});
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
  for (Reader& reader : readers_) {
    reader.newest.reset();
    if (reader.signal) reader.signal->begin();
  }
  if (const Status parsed = parse(*response); !parsed.ok()) {
    Missing why = missing_from(parsed.error());
    why.detail = url + ": " + why.detail;
    return missing(why);
  }
  PageReadings page;
  for (size_t i = 0; i < readers_.size(); ++i) page.readings.push_back(finish(i, url));
  return page;
}

Reading PageReader::finish(size_t index, const std::string& url) {
  Reader& reader = readers_[index];
  if (!reader.signal) return Missing{MissingReason::kSourceError, plans_[index].error().message};
  if (!reader.newest || !reader.clock.was_set(*reader.newest, now_)) {
    return reader.signal->finish();
  }
  reader.signal->forget();
  const Reading first = reader.signal->finish();
  if (const auto* missing = std::get_if<Missing>(&first);
      missing && missing->reason != MissingReason::kTooFewSamples) {
    return first;
  }
  return Missing{MissingReason::kClockJump,
                 url + ": the timestamps of " + plans_[index]->metric + " jumped"};
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
    if (readers_[i].signal && plans_[i]->metric == name) wanting_.push_back(&readers_[i]);
  }
  return !wanting_.empty();
}

void PageReader::sample(const ExpositionSample& sample) {
  const Instant at = taken_at(sample, now_);
  for (Reader* reader : wanting_) {
    reader->signal->take(sample, at);
    reader->newest = std::max(reader->newest.value_or(at), at);
  }
}

}  // namespace autoscaler
