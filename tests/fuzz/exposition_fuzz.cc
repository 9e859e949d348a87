#include "metrics/exposition.h"
#include "tests/metrics/exposition_reference.h"

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

namespace autoscaler {
namespace {

void check(const std::string& page, ExpositionFormat format) {
  // Without a byte after its end, so that a read too far is seen.
  const std::unique_ptr<char[]> exact(new char[page.size()]);
  if (!page.empty()) std::memcpy(exact.get(), page.data(), page.size());
  const std::string_view view(exact.get(), page.size());
  check_against_reference(view, format, [](std::string_view) { return true; });
  check_against_reference(view, format, [](std::string_view name) { return name.size() < 2; });
}

}  // namespace
}  // namespace autoscaler

// Whatever the page, in either format: no read outside it, and the parser says what the reference
// says. Once as it is, and once with enough behind it that all of it is read the fast way.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace autoscaler;
  const std::string page(data, data + size);
  check(page, ExpositionFormat::kPrometheusText);
  check(page + std::string(150, '\n'), ExpositionFormat::kPrometheusText);
  check(page, ExpositionFormat::kOpenMetrics);
  check(page + "# HELP z " + std::string(150, 'z') + "\n# EOF\n", ExpositionFormat::kOpenMetrics);
  return 0;
}
