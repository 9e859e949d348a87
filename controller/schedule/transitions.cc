#include "controller/schedule/transitions.h"

namespace autoscaler {
namespace {

// A window that begins again before it ends, so often in a row, never closes.
constexpr int kMostJoined = 10'000;

}  // namespace

std::vector<Transition> next_transitions(const ScheduleTimes& times, const ZoneClock& zone,
                                         Instant now, size_t count) {
  std::vector<Transition> transitions;
  for (Instant after = now; transitions.size() < count;) {
    std::optional<TimeSpan> window = first_window(times, zone, after);
    if (!window) break;
    if (window->opens > now) transitions.push_back({window->opens, true});
    bool closes = false;
    for (int i = 0; i < kMostJoined && !closes; ++i) {
      const auto next = first_window(times, zone, window->closes);
      closes = !next || next->opens > window->closes;
      if (!closes) window->closes = next->closes;
    }
    if (!closes) break;
    transitions.push_back({window->closes, false});
    after = window->closes;
  }
  if (transitions.size() > count) transitions.resize(count);
  return transitions;
}

}  // namespace autoscaler
