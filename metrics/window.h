#pragma once

#include "policies/time.h"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace autoscaler {

// The recent values of counters that are read together and restart together: one counter, the
// buckets of a histogram, or errors beside all responses. Keeps only the points at most `window`
// older than the newest, so its memory is bounded by the window and the pace of reading.
//
// The rate is the increase from the oldest point kept to the newest, over the time between them.
// It is Prometheus' rate() without the extrapolation to the window's edges: five requests in 25 s
// are 0.2 per second, however long the window is. Spacing does not matter.
//
// A restart shows as a counter that went down. All of them began at 0 again then, so what they
// show is what they counted since:  100, 130, 20, 50  is an increase of 30 + 20 + 30.
class CounterWindow {
 public:
  explicit CounterWindow(size_t width) : width_(width) {}

  // `counts` has `width` finite values. A point as old as the newest one is the same reading again
  // and is ignored; an older one means that the source's clock was set back: what was kept cannot
  // be compared with it, and is dropped.
  void add(Instant at, std::span<const double> counts, Duration window);

  // Adds each counter's increase per second to `sums` and answers with the time that they cover.
  // nullopt, and nothing added, with fewer than two points.
  std::optional<Duration> add_rates(std::span<double> sums) const;

  size_t points() const { return points_.size(); }
  size_t width() const { return width_; }
  std::optional<Instant> newest() const;

 private:
  struct Point {
    Instant at;
    bool restarted;  // some counter is lower than at the point before
  };

  size_t width_;
  std::vector<Point> points_;   // ascending
  std::vector<double> counts_;  // width_ values for each point
};

}  // namespace autoscaler
