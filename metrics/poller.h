#pragma once

#include "base/fetch.h"
#include "policies/time.h"

#include <memory>
#include <string>
#include <vector>

namespace autoscaler {

// What takes the answers of one target. Called on the poller's thread, one call at a time.
class PollSink {
 public:
  virtual ~PollSink() = default;
  // Its turn has come: false leaves it out until the next.
  virtual bool may_ask() = 0;
  virtual void answered(const Result<FetchResponse>& answer) = 0;
};

struct PollTarget {
  std::string id;  // unique and lasting: it decides when in the interval its turn is
  std::string url;
  std::shared_ptr<PollSink> sink;
};

// Asks targets again and again, beside the tick. A new one is asked at once, then in its turn.
class Poller {
 public:
  virtual ~Poller() = default;
  // From now on these, in the place of the ones before. One whose id, URL and sink are as before
  // keeps its turn. A sink that is not among them is called no more, except for an answer on its
  // way.
  virtual void poll(std::vector<PollTarget> targets) = 0;
  // Returns once each target has been answered, or after `at_most`.
  virtual void wait_for_first_answers(Duration at_most) = 0;
};

}  // namespace autoscaler
