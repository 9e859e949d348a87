#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace autoscaler {

// Where in the interval the turn of a target is, from its id alone: a restart changes nothing, and
// targets that were started together are not asked together.
inline std::chrono::nanoseconds phase_of(std::string_view id, std::chrono::nanoseconds interval) {
  uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  hash ^= hash >> 33;  // ids that differ in their last digit only differ in the low bits until here
  hash *= 0xff51afd7ed558ccdu;
  hash ^= hash >> 33;
  return std::chrono::nanoseconds(hash % static_cast<uint64_t>(interval.count()));
}

// The first turn at least half an interval after `last`. From a turn to the next is one interval;
// from the first question, which is asked at once, half of one to one and a half: two samples that
// lie closely together would make a rate out of chance.
inline std::chrono::nanoseconds next_turn(std::chrono::nanoseconds last,
                                          std::chrono::nanoseconds phase,
                                          std::chrono::nanoseconds interval) {
  const std::chrono::nanoseconds least = last + interval / 2;
  const int64_t before = (std::max(least - phase, std::chrono::nanoseconds(0)) + interval -
                          std::chrono::nanoseconds(1)) /
                         interval;
  return phase + before * interval;
}

}  // namespace autoscaler
