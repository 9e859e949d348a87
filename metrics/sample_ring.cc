#include "metrics/sample_ring.h"

#include "base/check.h"

#include <algorithm>

namespace autoscaler {

size_t SampleRing::cell(size_t index) const {
  const size_t capacity = cells_.size() / row_;
  return (first_ + index) % capacity * row_;
}

Instant SampleRing::at(size_t index) const {
  CHECK(index < size_);
  return Instant{Duration{static_cast<int64_t>(cells_[cell(index)])}};
}

std::span<const double> SampleRing::values(size_t index) const {
  CHECK(index < size_);
  return {cells_.data() + cell(index) + 1, row_ - 1};
}

void SampleRing::grow() {
  constexpr size_t kFirstRows = 4;
  const size_t capacity = cells_.size() / row_;
  std::vector<double> larger(std::max(kFirstRows, capacity + capacity / 2) * row_);
  for (size_t i = 0; i < size_; ++i) {
    std::copy_n(cells_.begin() + static_cast<ptrdiff_t>(cell(i)), row_,
                larger.begin() + static_cast<ptrdiff_t>(i * row_));
  }
  cells_ = std::move(larger);
  first_ = 0;
}

void SampleRing::push(Instant at, std::span<const double> values) {
  CHECK(values.size() == width());
  if (size_ * row_ == cells_.size()) grow();
  const size_t to = cell(size_);
  cells_[to] = static_cast<double>(at.time_since_epoch().count());
  std::copy(values.begin(), values.end(), cells_.begin() + static_cast<ptrdiff_t>(to) + 1);
  ++size_;
}

void SampleRing::drop_front(size_t samples) {
  CHECK(samples <= size_);
  if (samples == 0) return;
  first_ = static_cast<uint32_t>((first_ + samples) % (cells_.size() / row_));
  size_ -= static_cast<uint32_t>(samples);
}

}  // namespace autoscaler
