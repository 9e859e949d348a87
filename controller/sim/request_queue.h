#pragma once

#include "controller/sim/pace.h"

#include <cstddef>
#include <vector>

namespace autoscaler {

// One instance, request by request: who comes first is served first, and times are exponential.
// When a request comes it is known what becomes of it. Times in seconds, from any origin.
class RequestQueue {
 public:
  struct Request {
    double came = 0;
    double starts = 0;  // on a core
    double ends = 0;
    double on_server = 0;
    bool gave_up = false;  // it had waited too long
    bool failed = false;   // it was served, with an error
  };

  // In the order of the times. `chance`: chance.h.
  void admit(double at, const Pace& pace, uint64_t& chance);
  // Calls visit(request) for those that are over, and forgets them.
  template <typename Visit>
  void collect(double now, Visit visit) {
    size_t kept = 0;
    for (const Request& each : requests_) {
      if (each.ends <= now) {
        visit(each);
      } else {
        requests_[kept++] = each;
      }
    }
    requests_.resize(kept);
  }
  size_t waiting(double now) const;
  size_t in_flight() const { return requests_.size(); }
  void clear() { requests_.clear(); }

 private:
  std::vector<Request> requests_;
  std::vector<double> server_free_;  // when each is
  std::vector<double> worker_free_;
};

}  // namespace autoscaler
