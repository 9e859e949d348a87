#include "metrics/window.h"

#include "base/check.h"

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <functional>
#include <utility>

namespace autoscaler {
namespace {

// Indices of the oldest and the newest sample in the window; nullopt: there is none.
struct Part {
  size_t first;
  size_t last;
};

std::optional<Part> part_of(const SampleRing& ring, WindowSpan span) {
  if (ring.size() == 0) return std::nullopt;
  const Instant end = ring.newest() - span.offset;
  size_t last = ring.size() - 1;
  while (ring.at(last) > end) {
    if (last == 0) return std::nullopt;
    --last;
  }
  size_t first = last;
  while (first > 0 && ring.at(last) - ring.at(first - 1) <= span.length) --first;
  return Part{first, last};
}

void add_to(SampleRing& ring, Instant at, std::span<const double> values, WindowSpan span) {
  if (ring.size() > 0 && at == ring.newest()) return;
  if (ring.size() > 0 && at < ring.newest()) ring.clear();
  // With an offset, the newest sample before it may be older than it by a step: that one ends the
  // window, and what is within its length counts from there.
  size_t needed = ring.size();
  Instant end = at;
  while (needed > 0 && end > at - span.offset) end = ring.at(--needed);
  while (needed > 0 && end - ring.at(needed - 1) <= span.length) --needed;
  ring.drop_front(needed);
  ring.push(at, values);
}

// Each sample stands for the time to the next one: a window is complete when what its samples stand
// for reaches over its length. One sample stands for nothing.
double completeness_of(Duration covered, size_t samples, Duration length) {
  if (length <= Duration{0}) return 1;  // the newest sample is all that was asked for
  if (samples < 2) return 0;
  const double steps = static_cast<double>(samples) / static_cast<double>(samples - 1);
  const double share = static_cast<double>(covered.count()) / static_cast<double>(length.count());
  return std::min(1.0, share * steps);
}

WindowQuality quality_of(const SampleRing& ring, Part part, WindowSpan span) {
  const size_t samples = part.last - part.first + 1;
  const Duration covered = ring.at(part.last) - ring.at(part.first);
  return {ring.at(part.last), covered, completeness_of(covered, samples, span.length),
          static_cast<int32_t>(samples)};
}

}  // namespace

void WindowQuality::join(const WindowQuality& other) {
  at = std::min(at, other.at);
  covered = std::max(covered, other.covered);
  completeness = std::max(completeness, other.completeness);
  samples = std::max(samples, other.samples);
  still = std::min(still, other.still);
  restarted = restarted || other.restarted;
}

Measured measured(Value value, const WindowQuality& quality) {
  return {std::move(value),     quality.at,    quality.covered,
          quality.completeness, quality.still, quality.restarted};
}

void CounterWindow::add(Instant at, std::span<const double> counts, WindowSpan span) {
  add_to(ring_, at, counts, span);
}

std::optional<WindowQuality> CounterWindow::add_rates(std::span<double> sums,
                                                      WindowSpan span) const {
  CHECK(sums.size() == ring_.width());
  const std::optional<Part> part = part_of(ring_, span);
  if (!part || part->first == part->last) return std::nullopt;
  WindowQuality quality = quality_of(ring_, *part, span);
  boost::container::small_vector<double, 32> increases(sums.size(), 0.0);
  for (size_t i = part->first + 1; i <= part->last; ++i) {
    const std::span<const double> before = ring_.values(i - 1);
    const std::span<const double> after = ring_.values(i);
    const bool restarted = !std::ranges::equal(after, before, std::greater_equal<>());
    const bool moved = !std::ranges::equal(after, before);
    quality.restarted = quality.restarted || restarted;
    quality.still = moved ? 0 : quality.still + 1;
    for (size_t k = 0; k < sums.size(); ++k) {
      increases[k] += restarted ? after[k] : after[k] - before[k];
    }
  }
  const double seconds = std::chrono::duration<double>(quality.covered).count();
  for (size_t k = 0; k < sums.size(); ++k) sums[k] += increases[k] / seconds;
  return quality;
}

void GaugeWindow::add(Instant at, double value, WindowSpan span) {
  add_to(ring_, at, {&value, 1}, span);
}

std::optional<GaugeWindow::Mean> GaugeWindow::mean(WindowSpan span) const {
  const std::optional<Part> part = part_of(ring_, span);
  if (!part) return std::nullopt;
  const WindowQuality quality = quality_of(ring_, *part, span);
  double sum = 0;
  for (size_t i = part->first; i <= part->last; ++i) sum += ring_.values(i).front();
  return Mean{sum / quality.samples, quality};
}

}  // namespace autoscaler
