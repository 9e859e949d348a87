#include "base/deflate.h"

#include "base/check.h"

#include <zlib.h>

namespace autoscaler {
namespace {

const Bytef* bytes_of(std::string_view text) {
  return reinterpret_cast<const Bytef*>(text.data());
}

}  // namespace

std::string deflated(std::string_view bytes) {
  uLongf size = compressBound(bytes.size());
  std::string packed(size, '\0');
  CHECK(compress2(reinterpret_cast<Bytef*>(packed.data()), &size, bytes_of(bytes), bytes.size(),
                  Z_BEST_COMPRESSION) == Z_OK);
  packed.resize(size);
  packed.shrink_to_fit();
  return packed;
}

std::optional<std::string> inflated(std::string_view bytes, size_t most) {
  uLongf size = most;
  std::string whole(size, '\0');
  if (uncompress(reinterpret_cast<Bytef*>(whole.data()), &size, bytes_of(bytes), bytes.size()) !=
      Z_OK) {
    return std::nullopt;
  }
  whole.resize(size);
  return whole;
}

}  // namespace autoscaler
