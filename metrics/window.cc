#include "metrics/window.h"

#include "base/check.h"

#include <algorithm>
#include <functional>

namespace autoscaler {

void CounterWindow::add(Instant at, std::span<const double> counts, Duration window) {
  CHECK(counts.size() == width_);
  if (!points_.empty() && at == points_.back().at) return;
  if (!points_.empty() && at < points_.back().at) {
    points_.clear();
    counts_.clear();
  }
  const bool restarted =
      !points_.empty() &&
      !std::equal(counts.begin(), counts.end(), counts_.end() - width_, std::greater_equal<>());
  points_.push_back({at, restarted});
  counts_.insert(counts_.end(), counts.begin(), counts.end());
  const auto kept = std::find_if(points_.begin(), points_.end(),
                                 [&](const Point& point) { return at - point.at <= window; });
  counts_.erase(counts_.begin(), counts_.begin() + (kept - points_.begin()) * width_);
  points_.erase(points_.begin(), kept);
}

std::optional<Duration> CounterWindow::add_rates(std::span<double> sums) const {
  CHECK(sums.size() == width_);
  if (points_.size() < 2) return std::nullopt;
  const Duration covered = points_.back().at - points_.front().at;
  const double seconds = std::chrono::duration<double>(covered).count();
  for (size_t k = 0; k < width_; ++k) {
    double increase = 0;
    for (size_t i = 1; i < points_.size(); ++i) {
      const double before = counts_[(i - 1) * width_ + k];
      const double after = counts_[i * width_ + k];
      increase += points_[i].restarted ? after : after - before;
    }
    sums[k] += increase / seconds;
  }
  return covered;
}

std::optional<Instant> CounterWindow::newest() const {
  if (points_.empty()) return std::nullopt;
  return points_.back().at;
}

}  // namespace autoscaler
