#pragma once

#include "policies/time.h"

#include <optional>

namespace autoscaler {

// Whether a target's clock runs as ours does, by the timestamps that it writes beside its samples.
//
// A sample that is new on a page was taken after the page before it had come. So between two
// samples as much time passes by their own account as by ours, to within the gap between two pages
// at either end. What differs by more (and by a second, for what a page takes on its way) is a
// clock that was set: rates over that time would be anything.
class TargetClock {
 public:
  // The newest sample of a page that arrived `now` was taken `at`. Each page once.
  bool was_set(Instant at, Instant now);

 private:
  struct Seen {
    Instant at;
    Instant first_seen;
    std::optional<Duration> gap;  // to the page before that; nullopt: there was none
  };
  std::optional<Seen> seen_;
  Instant last_page_;
};

}  // namespace autoscaler
