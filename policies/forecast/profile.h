#pragma once

#include "policies/forecast/log_scale.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace autoscaler {

// How the load runs through a cycle, in slots of some minutes: a moving average over the cycles of
// each slot's mean, linear between the middles of the slots.
template <int Slots, int SlotMinutes>
class Profile {
 public:
  static constexpr int kMinutes = Slots * SlotMinutes;

  // The next minute's load. `gain`: how much a new cycle counts; `most`: what it can change.
  void learn(const LogScale& scale, int64_t minute_of_cycle, double log, double gain, double most) {
    const auto slot = static_cast<int32_t>(minute_of_cycle / SlotMinutes);
    if (slot != open_slot_) close(scale, gain, most);
    open_slot_ = slot;
    open_sum_ += log;
    ++open_count_;
  }

  // nullopt: this part of the cycle has not been seen.
  std::optional<double> at(const LogScale& scale, int64_t minute_of_cycle) const {
    // In halves of a minute from the middle of the first slot.
    const int64_t halves = 2 * minute_of_cycle + 1 - SlotMinutes;
    const int64_t wrapped = halves < 0 ? halves + int64_t{2} * kMinutes : halves;
    const auto slot = static_cast<size_t>(wrapped / (int64_t{2} * SlotMinutes));
    const uint16_t from = slots_[slot];
    const uint16_t to = slots_[(slot + 1) % Slots];
    if (from == 0 || to == 0) return std::nullopt;
    const double part =
        static_cast<double>(wrapped % (int64_t{2} * SlotMinutes)) / (2 * SlotMinutes);
    return scale.unpack(from) + (to - from) * part / LogScale::kSteps;
  }

  // The highest value in `minutes` minutes, the first of them at `minute_of_cycle`. It lies at an
  // end or in the middle of a slot.
  std::optional<double> highest(const LogScale& scale, int64_t minute_of_cycle,
                                int64_t minutes) const {
    const int64_t last = minute_of_cycle + minutes - 1;
    std::optional<double> most = at(scale, minute_of_cycle % kMinutes);
    if (!most) return most;
    const auto raise = [&](int64_t minute) {
      const auto value = at(scale, minute % kMinutes);
      if (value) most = std::max(*most, *value);
    };
    raise(last);
    const int64_t middle = SlotMinutes / 2;
    int64_t knot = minute_of_cycle / SlotMinutes * SlotMinutes + middle;
    for (; knot <= last; knot += SlotMinutes) {
      if (knot > minute_of_cycle) raise(knot);
    }
    return most;
  }

  template <typename Map>
  void remap(const Map& map) {
    for (uint16_t& slot : slots_) slot = slot == 0 ? slot : map(slot);
    open_sum_ = 0;
    open_count_ = 0;
  }

 private:
  void close(const LogScale& scale, double gain, double most) {
    if (open_count_ > 0) {
      uint16_t& slot = slots_[static_cast<size_t>(open_slot_)];
      const double mean = open_sum_ / open_count_;
      if (slot == 0) {
        slot = scale.pack(mean);
      } else {
        const double old = scale.unpack(slot);
        slot = scale.pack(old + gain * std::clamp(mean - old, -most, most));
      }
    }
    open_sum_ = 0;
    open_count_ = 0;
  }

  uint16_t slots_[Slots] = {};  // packed; 0: never seen
  int32_t open_slot_ = -1;      // the slot that is being averaged
  int32_t open_count_ = 0;
  double open_sum_ = 0;
};

using DailyProfile = Profile<288, 5>;
using WeeklyProfile = Profile<1008, 10>;
using DayKindProfile = Profile<144, 10>;

}  // namespace autoscaler
