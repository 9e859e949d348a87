#pragma once

#include "policies/time.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace autoscaler {

// Samples of some numbers that are read together, oldest first, in one block of memory: the time
// and `width` numbers each. It grows to the most that was ever held at once and by half at a time,
// so a window of the usual pace has few empty rows.
class SampleRing {
 public:
  explicit SampleRing(size_t width) : row_(static_cast<uint32_t>(width + 1)) {}

  size_t size() const { return size_; }
  size_t width() const { return row_ - 1; }
  Instant at(size_t index) const;
  std::span<const double> values(size_t index) const;
  Instant newest() const { return at(size_ - 1); }  // not of an empty ring

  void push(Instant at, std::span<const double> values);
  void drop_front(size_t samples);
  void clear() { drop_front(size_); }

 private:
  size_t cell(size_t index) const;
  void grow();

  uint32_t row_;  // cells of a sample
  uint32_t first_ = 0;
  uint32_t size_ = 0;
  // The time is kept in milliseconds, which a double holds exactly for 285,000 years.
  std::vector<double> cells_;
};

}  // namespace autoscaler
