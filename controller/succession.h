#pragma once

#include "base/result.h"
#include "controller/hand_over.h"

#include <cstdint>
#include <span>
#include <vector>

namespace autoscaler {

// What leaders leave for those who lead after them, outside of the controller: beside what the next
// one observes itself. The loop's thread alone calls it.
class Succession {
 public:
  virtual ~Succession() = default;

  struct Heir {
    const WorkloadConfig* workload;
    bool leads;     // we do, now
    uint64_t term;  // how often that has changed: Leadership::transitions
  };
  struct Left {
    size_t heir;  // index into those that were asked for
    HandOver hand_over;
    Experience experience;
  };
  // What was left of those of which it was not asked yet, or not since we lead in this term; asks
  // nobody for the others. Blocks for the time-out of one request at most. Errors: it is not known
  // now, and may be soon.
  // What is there and cannot be read is reported by the adapter, and counts as nothing.
  virtual Result<std::vector<Left>> left(std::span<const Heir> heirs) = 0;

  // Whether `left` would ask nobody for it: an error of `left` is none of its.
  virtual bool is_known(const Heir&) const { return false; }

  // Sent beside the tick where it is another one than was left last, and only while we lead.
  virtual void leave(const WorkloadConfig& workload, HandOver left) = 0;
  virtual void leave(const WorkloadConfig& workload, Experience left) = 0;
  // What could not be written since it was last asked, one for each try.
  virtual std::vector<Code> failures() { return {}; }
  // What was left since is not to wait for the end of a tick: an operator has been told that it is
  // so.
  virtual void send() = 0;
};

}  // namespace autoscaler
