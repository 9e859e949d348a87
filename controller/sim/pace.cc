#include "controller/sim/pace.h"

#include "policies/queueing.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

double in_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

int32_t whole(double number) {
  return std::max(1, static_cast<int32_t>(std::lround(number)));
}

struct Moments {
  double mean = 0;
  double variance = 0;
};

Moments exponential(double mean) {
  return {mean, mean * mean};
}

// Of the wait before `servers` that take `each` seconds: for a share of the requests exponential,
// for the others none.
Moments wait(int32_t servers, double each, double rate) {
  const double utilization = std::min(rate * each / servers, kHighestUtilization);
  const double erlangs = utilization * servers;
  if (erlangs + 5 * std::sqrt(erlangs) < servers) return {};  // five deviations below: nobody waits
  const double share = wait_probability(servers, utilization);
  const double mean = each / (servers * (1 - utilization));
  return {share * mean, (2 * share - share * share) * mean * mean};
}

}  // namespace

double Pace::capacity() const {
  return std::min(by_servers(), by_workers());
}

// 3.6 cores are four that do nine tenths of their work.
Pace pace_of(const Release& release, double warmth, double errors, double extra_wait) {
  Pace pace;
  pace.servers = whole(release.cores);
  pace.on_server = in_seconds(release.cpu_time) / warmth * (1 - errors * (1 - release.error_cost)) *
                   pace.servers / release.cores;
  pace.elsewhere = in_seconds(release.wait_time) + extra_wait;
  pace.workers = whole(release.workers);
  pace.timeout = in_seconds(release.timeout);
  pace.errors = errors;
  return pace;
}

double Response::p95() const {
  return least + rest * std::log(20.0);
}

double Response::later_than(double seconds) const {
  return seconds <= least ? 1 : std::exp(-(seconds - least) / rest);
}

Response response_at(const Pace& pace, double requests_per_second) {
  Moments sum;
  for (const Moments& part :
       {exponential(pace.on_server), exponential(pace.elsewhere),
        wait(pace.servers, pace.on_server, requests_per_second),
        wait(pace.workers, pace.on_server + pace.elsewhere, requests_per_second)}) {
    sum.mean += part.mean;
    sum.variance += part.variance;
  }
  const double rest = std::min(std::sqrt(sum.variance), sum.mean);
  return {sum.mean - rest, rest};
}

}  // namespace autoscaler
