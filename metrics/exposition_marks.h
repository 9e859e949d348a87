#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace autoscaler {

// Where the quotes, backslashes and newlines of a stretch of the page are. Found 64 bytes at a time
// before anything is parsed: the parser then steps from mark to mark instead of through each byte.
class ExpositionMarks {
 public:
  static constexpr size_t kBlock = 64;
  static constexpr size_t kMaxStretch = 4096;

  // `size`: a multiple of kBlock, kMaxStretch at most.
  void find(const char* stretch, size_t size);

  const char* at(size_t mark) const { return stretch_ + marks_[mark]; }
  size_t count() const { return count_; }
  // Not a byte of the stretch has its high bit set.
  bool ascii() const { return ascii_; }

 private:
  const char* stretch_ = nullptr;
  size_t count_ = 0;
  bool ascii_ = true;
  // A block's marks are written eight at a time, so up to seven behind the last one are not marks.
  std::array<uint16_t, kMaxStretch + 8> marks_;
};

}  // namespace autoscaler
