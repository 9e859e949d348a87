#include "base/check.h"
#include "metrics/haproxy_stat.h"
#include "metrics/utf8.h"

#include <cstdint>
#include <cstring>
#include <memory>

// Whatever the answer: no read outside it (the copy below has no byte after its end), and numbers
// that could be counts.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace autoscaler;
  const std::unique_ptr<char[]> exact(new char[size]);
  if (size > 0) std::memcpy(exact.get(), data, size);
  const auto backends = parse_haproxy_stat({exact.get(), size});
  if (!backends.ok()) {
    CHECK(backends.error().code == Code::kInvalid);
    return 0;
  }
  for (const HaproxyBackendStat& backend : *backends) {
    for (const auto& number : {backend.requests, backend.queued, backend.sessions,
                               backend.response_time_ms, backend.responses_5xx}) {
      CHECK(!number || *number >= 0);
    }
    CHECK(!backend.responses || *backend.responses >= backend.responses_5xx.value_or(0));
  }
  return 0;
}
