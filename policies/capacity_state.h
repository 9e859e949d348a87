#pragma once

#include "policies/time.h"

#include <array>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace autoscaler {

inline constexpr int kLoadBins = 24;       // of a sixth of an octave (12 %) each: four octaves
inline constexpr int kSamplesPerBin = 16;  // the newest; older ones are overwritten
inline constexpr int64_t kNeverMs = std::numeric_limits<int64_t>::min();

// What was seen at one load.
struct LoadBin {
  std::array<float, kSamplesPerBin> p95{};  // the first `count` of them, in no order
  float load = 0;                           // mean of the loads, of about as many samples
  float highest = 0;                        // of the loads
  uint16_t count = 0;
  uint16_t next = 0;  // is overwritten next
  uint32_t reserved = 0;
  int64_t newest_ms = kNeverMs;
};

// All that is remembered of one load signal: of fixed size, copied as bytes into the journal.
// `kCapacityVersion` counts up with every change of its meaning or layout.
struct CapacityState {
  std::array<LoadBin, kLoadBins> bins;
  int64_t last_sample_ms = kNeverMs;
  int64_t steady_since_ms = kNeverMs;  // since when as many instances have been in service
  int64_t deployed_ms = kNeverMs;      // when instances of two commands were last seen
  uint64_t revision = 0;               // of the command; 0: none was seen yet
  int32_t first_bin = 0;               // which bin of all bins[0] is (bin_of)
  int32_t in_service = 0;
  int32_t off_curve = 0;    // samples in a row that contradict the curve
  float saturation = 0;     // load at which the CPU would be full, moving average; 0: unknown
  float before_deploy = 0;  // the capacity that a change of the command took away; 0: none
  uint32_t reserved = 0;    // no hole: equal states have equal bytes
};
inline constexpr uint32_t kCapacityVersion = 1;
static_assert(std::is_trivially_copyable_v<CapacityState>);
static_assert(sizeof(LoadBin) == 88 && sizeof(CapacityState) == 24 * 88 + 56);

}  // namespace autoscaler
