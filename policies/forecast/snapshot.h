#pragma once

#include "base/result.h"
#include "policies/forecast/forecaster.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace autoscaler {

// What a forecaster has learned, as bytes for a file: a mark, the version of the layout, the length
// and a CRC-32 before it. Bytes of another machine's order are another mark.
inline constexpr size_t kForecastHeaderBytes = 16;
inline constexpr uint32_t kForecastVersion = 6;
inline constexpr size_t kForecastBytes = kForecastHeaderBytes + Forecaster::kSavedBytes;
using ForecastBytes = std::array<std::byte, kForecastBytes>;

void save(const Forecaster& forecaster, ForecastBytes& bytes);

// kInvalid: another version or length, damaged, or learned for other horizons. What was learned is
// lost then, and is learned anew.
Status restore(std::span<const std::byte> bytes, Forecaster& forecaster);

uint32_t crc32(std::span<const std::byte> bytes);

}  // namespace autoscaler
