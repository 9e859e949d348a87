#include "policies/forecast/snapshot.h"

#include <cstring>
#include <type_traits>

namespace autoscaler {
namespace {

static_assert(std::is_trivially_copyable_v<Forecaster>);

struct Header {
  uint32_t mark = 0x46435354;  // "TSCF" or, from a machine of the other order, "FCST"
  uint32_t version = kForecastVersion;
  uint32_t length = Forecaster::kSavedBytes;
  uint32_t crc = 0;
};
static_assert(sizeof(Header) == kForecastHeaderBytes);

}  // namespace

// The polynomial of zlib and Ethernet, bit by bit: 12 KB every quarter of an hour.
uint32_t crc32(std::span<const std::byte> bytes) {
  uint32_t crc = ~0u;
  for (const std::byte each : bytes) {
    crc ^= static_cast<uint32_t>(each);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0u);
  }
  return ~crc;
}

void save(const Forecaster& forecaster, ForecastBytes& bytes) {
  std::memcpy(bytes.data() + kForecastHeaderBytes, &forecaster, Forecaster::kSavedBytes);
  Header header;
  header.crc = crc32(std::span(bytes).subspan(kForecastHeaderBytes));
  std::memcpy(bytes.data(), &header, sizeof header);
}

Status restore(std::span<const std::byte> bytes, Forecaster& forecaster) {
  Header header;
  if (bytes.size() < sizeof header) return Error{Code::kInvalid, "forecast: too short"};
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.mark != Header{}.mark || header.version != kForecastVersion ||
      header.length != Forecaster::kSavedBytes) {
    return Error{Code::kInvalid, "forecast: written by another version"};
  }
  if (bytes.size() != kForecastBytes)
    return Error{Code::kInvalid, "forecast: too short or too long"};
  if (crc32(bytes.subspan(kForecastHeaderBytes)) != header.crc) {
    return Error{Code::kInvalid, "forecast: damaged, its checksum does not match"};
  }
  Forecaster restored(forecaster.lead_steps(), forecaster.hold_steps());
  std::memcpy(static_cast<void*>(&restored), bytes.data() + kForecastHeaderBytes,
              Forecaster::kSavedBytes);
  if (restored.lead_steps() != forecaster.lead_steps() ||
      restored.hold_steps() != forecaster.hold_steps()) {
    return Error{Code::kInvalid, "forecast: learned for other horizons"};
  }
  forecaster = restored;
  return Done{};
}

}  // namespace autoscaler
