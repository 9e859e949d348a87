#include "base/check.h"
#include "controller/kubernetes/list_stream.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

// The first byte says in how many bytes at a time the rest is fed. Whatever that is: no read
// outside it (the copy has no byte after its end), no item past the cap, items with brackets around
// them, and the same items and the same end as when all is fed at once.
namespace {

struct Seen {
  std::vector<std::string> items;
  std::string metadata;
  bool whole = false;
  bool operator==(const Seen&) const = default;
};

constexpr size_t kMost = 200;

Seen feed(std::string_view list, size_t piece) {
  using namespace autoscaler;
  Seen seen;
  ListStream stream(
      [&](std::string_view item) -> Status {
        CHECK(item.size() >= 2 && item.size() <= kMost);
        CHECK(item.front() == '{' || item.front() == '[');
        seen.items.emplace_back(item);
        return Done{};
      },
      kMost);
  bool fed = true;
  for (size_t i = 0; i < list.size() && fed; i += piece) {
    fed = stream.feed(list.substr(i, piece)).ok();
  }
  seen.whole = fed && stream.end().ok();
  seen.metadata = stream.metadata();
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t piece = 1 + data[0] % 16;
  const std::unique_ptr<char[]> exact(new char[size - 1]);
  if (size > 1) std::memcpy(exact.get(), data + 1, size - 1);
  const std::string_view list(exact.get(), size - 1);
  const Seen at_once = feed(list, std::max<size_t>(1, list.size()));
  const Seen in_pieces = feed(list, piece);
  CHECK(at_once == in_pieces);
  return 0;
}
