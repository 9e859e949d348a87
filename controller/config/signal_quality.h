#pragma once

#include "controller/config/sections.h"

namespace autoscaler {

// The keys of a signal that say how far it is trusted, as written.
struct WrittenQuality {
  std::optional<Duration> max_age;
  std::optional<double> coverage_out, coverage_in;
  std::optional<int32_t> samples;
  std::optional<int32_t> observations;
  std::optional<Duration> believe_zero_after;
  std::optional<std::string> aggregate;
};

// `pace` is the longest interval between two readings, of which the defaults are made.
void describe_quality(WrittenQuality& to, SignalDraft& draft, const std::optional<Bounds>& bounds,
                      Duration pace, Fields& fields);

// After all keys were read and the query was built.
void build_quality(const Cursor& cursor, const WrittenQuality& written, const ReadContext& context,
                   SignalDraft& to);

}  // namespace autoscaler
