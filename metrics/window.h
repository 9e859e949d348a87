#pragma once

#include "metrics/sample_ring.h"
#include "policies/signal.h"

#include <optional>
#include <span>

namespace autoscaler {

// Which samples of the past are looked at: those of `length` up to `offset` before the newest one.
struct WindowSpan {
  Duration length;
  Duration offset{0};
};

// What a window holds besides its value; as in Measured.
struct WindowQuality {
  Instant at;        // of the newest sample in it
  Duration covered;  // from the oldest sample in it to the newest
  double completeness;
  int32_t samples;
  int32_t still = 0;
  bool restarted = false;

  // Of several series that make one value: as old as the oldest of them, as lively as the
  // liveliest.
  void join(const WindowQuality& other);
};
Measured measured(Value value, const WindowQuality& quality);

// The recent values of counters that are read together and restart together: one counter, the
// buckets of a histogram, or errors beside all responses. Keeps only what its span may need, so its
// memory is bounded by the span and the pace of reading.
//
// The rate is the increase from the oldest sample in the window to the newest, over the time
// between them. It is Prometheus' rate() without the extrapolation to the window's edges: five
// requests in 25 s are 0.2 per second, however long the window is (docs/signals.md). Spacing does
// not matter.
//
// A restart shows as a counter that went down. All of them began at 0 again then, so what they
// show is what they counted since:  100, 130, 20, 50  is an increase of 30 + 20 + 30. What was
// counted between the last sample before it and the restart is lost, and all of a turn of the
// counter where it had wrapped round instead: the rate is then too low, and says so (`restarted`).
class CounterWindow {
 public:
  explicit CounterWindow(size_t width) : ring_(width) {}

  // `counts` has `width` finite values. A sample as old as the newest one is the same reading again
  // and is ignored; an older one means that the source's clock was set back: what was kept cannot
  // be compared with it, and is dropped.
  void add(Instant at, std::span<const double> counts, WindowSpan span);

  // Adds each counter's increase per second to `sums`. nullopt, and nothing added, with fewer than
  // two samples in the window.
  std::optional<WindowQuality> add_rates(std::span<double> sums, WindowSpan span) const;

  size_t samples() const { return ring_.size(); }
  void clear() { ring_.clear(); }

 private:
  SampleRing ring_;
};

// The recent values of one number that goes up and down.
class GaugeWindow {
 public:
  void add(Instant at, double value, WindowSpan span);  // as CounterWindow::add

  struct Mean {
    double value;
    WindowQuality quality;
  };
  // The mean of the samples in the window, each weighing the same: Prometheus' avg_over_time().
  // nullopt: there is none.
  std::optional<Mean> mean(WindowSpan span) const;

  void clear() { ring_.clear(); }

 private:
  SampleRing ring_{1};
};

}  // namespace autoscaler
