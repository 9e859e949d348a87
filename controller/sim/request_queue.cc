#include "controller/sim/request_queue.h"

#include "controller/sim/chance.h"

#include <algorithm>

namespace autoscaler {

void RequestQueue::admit(double at, const Pace& pace, uint64_t& chance) {
  server_free_.resize(static_cast<size_t>(pace.servers));
  worker_free_.resize(static_cast<size_t>(pace.workers));
  double& worker = *std::min_element(worker_free_.begin(), worker_free_.end());
  double& server = *std::min_element(server_free_.begin(), server_free_.end());
  Request request{.came = at, .starts = std::max({at, worker, server})};
  if (request.starts - at > pace.timeout) {
    request.starts = request.ends = at + pace.timeout;
    request.gave_up = true;
  } else {
    request.on_server = draw_exponential(pace.on_server, chance);
    request.failed = draw(chance) < pace.errors;
    server = request.starts + request.on_server;
    request.ends = server + draw_exponential(pace.elsewhere, chance);
    worker = request.ends;
  }
  requests_.push_back(request);
}

size_t RequestQueue::waiting(double now) const {
  const auto waits = [now](const Request& each) { return each.starts > now; };
  return static_cast<size_t>(std::count_if(requests_.begin(), requests_.end(), waits));
}

}  // namespace autoscaler
