#include "base/check.h"
#include "metrics/json_reply.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>

// The first line is a pointer, the rest a document. Whatever they are: no read outside them (the
// copy below has no byte after its end), a finite number or a reason, and one of three reasons.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace autoscaler;
  const std::unique_ptr<char[]> exact(new char[size]);
  if (size > 0) std::memcpy(exact.get(), data, size);
  const std::string_view text(exact.get(), size);
  const size_t line = std::min(text.find('\n'), size);
  const std::string_view pointer = text.substr(0, line);
  const std::string_view document = text.substr(std::min(line + 1, size));

  for (const std::string_view asked : {pointer, std::string_view()}) {
    const auto found = number_at(document, asked);
    if (const auto* number = std::get_if<double>(&found)) {
      CHECK(std::isfinite(*number));
      CHECK(is_json_pointer(asked));
      continue;
    }
    const MissingReason reason = std::get<Missing>(found).reason;
    CHECK(reason == MissingReason::kMalformed || reason == MissingReason::kNoSeries ||
          reason == MissingReason::kNotFinite);
  }
  return 0;
}
