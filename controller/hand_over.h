#pragma once

#include "controller/fleet.h"
#include "controller/journal/journal.h"

#include <optional>
#include <vector>

namespace autoscaler {

// What of a workload only its leader knows and nobody can observe: left for whoever leads next,
// with the change that made it so. Some 100 bytes as JSON; a workload that never changed has
// nothing.
struct HandOver {
  struct Cooldown {
    std::optional<Instant> last_out;
    std::optional<Instant> last_in;
    int32_t added = 0;  // step: in the cooldown that last_out began
    bool operator==(const Cooldown&) const = default;
  };
  Cooldown workload;               // `added` is 0
  std::vector<Cooldown> policies;  // parallel to WorkloadSpec::policies
  std::vector<ScaleEvent> events;  // that rate limits count
  std::vector<Instant> turns;      // that the flap budget counts
  Orders orders;                   // of operators
  std::optional<Instant> ordered;  // when they last ordered anything, or took it back

  bool operator==(const HandOver&) const = default;
};
// Whether it says something that `before` does not: events and turns that are past their time leave
// the memory without being news.
bool is_news(const HandOver& left, const HandOver& before);
HandOver hand_over_of(const WorkloadSpec& spec, const WorkloadMemory& memory);

// What it has learned, of which the loss is no more than a delay: left every five minutes.
struct Experience {
  std::vector<Duration> ready_times;  // oldest first
  std::vector<LearnedRow> learned;    // Learning::left
};

}  // namespace autoscaler
