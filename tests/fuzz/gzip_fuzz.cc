#include "base/check.h"
#include "metrics/gunzip.h"
#include "tests/metrics/gzipped.h"

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

// Whatever the bytes: no read outside them (the copy below has no byte after its end), never more
// than the cap, and what is compressed comes back.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace autoscaler;
  const std::unique_ptr<char[]> exact(new char[size]);
  if (size > 0) std::memcpy(exact.get(), data, size);
  const std::string_view input(exact.get(), size);

  constexpr size_t kCap = 10'000;
  const auto text = gunzip(input, kCap);
  if (text.ok()) CHECK(text->size() <= kCap);
  const auto wide = gunzip(input, 100 * kCap);
  if (text.ok()) CHECK(wide.ok() && *wide == *text);
  if (!text.ok() && text.error().code == Code::kInvalid) CHECK(!wide.ok());

  const auto back = gunzip(gzipped(std::string(input)), size);
  CHECK(back.ok() && *back == input);
  if (size > 0) CHECK(!gunzip(gzipped(std::string(input)), size - 1).ok());
  return 0;
}
