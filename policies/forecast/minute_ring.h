#pragma once

#include "policies/forecast/log_scale.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace autoscaler {

// The last day, minute by minute.
class MinuteRing {
 public:
  static constexpr int64_t kMinutes = 1536;  // a day, and an hour and a half

  // Minutes are pushed without a hole; nullopt for those of which nothing is known.
  void push(const LogScale& scale, std::optional<double> log) {
    newest_ = (newest_ + 1) % kMinutes;
    minutes_[newest_] = log ? scale.pack(*log) : uint16_t{0};
  }
  // `ago` minutes before the newest.
  std::optional<double> at(const LogScale& scale, int64_t ago) const {
    const uint16_t packed = packed_at(ago);
    return packed == 0 ? std::nullopt : std::optional(scale.unpack(packed));
  }
  // The highest of `minutes` minutes, the oldest of them `ago` before the newest.
  std::optional<double> highest(const LogScale& scale, int64_t ago, int64_t minutes) const {
    uint16_t most = 0;
    for (int64_t i = 0; i < minutes; ++i) most = std::max(most, packed_at(ago - i));
    return most == 0 ? std::nullopt : std::optional(scale.unpack(most));
  }
  // How many of the last `minutes` are known.
  int64_t known(int64_t minutes) const {
    int64_t count = 0;
    for (int64_t ago = 0; ago < minutes; ++ago) count += packed_at(ago) == 0 ? 0 : 1;
    return count;
  }
  template <typename Map>
  void remap(const Map& map) {
    for (uint16_t& minute : minutes_) minute = minute == 0 ? minute : map(minute);
  }

 private:
  uint16_t packed_at(int64_t ago) const {
    return minutes_[(newest_ - ago + 2 * kMinutes) % kMinutes];
  }

  uint16_t minutes_[kMinutes] = {};  // packed; 0: unknown
  int64_t newest_ = kMinutes - 1;
};

}  // namespace autoscaler
