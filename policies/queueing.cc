#include "policies/queueing.h"

#include "base/check.h"

#include <cmath>
#include <limits>

namespace autoscaler {
namespace {

constexpr double kTail = 0.05;  // of the 95th percentile

}  // namespace

double utilisation_of(const Station& station, double requests_per_second) {
  return requests_per_second * station.service_seconds / station.workers;
}

double requests_per_second_at(const Station& station, double utilisation) {
  return utilisation * station.workers / station.service_seconds;
}

double wait_probability(int32_t workers, double utilisation) {
  CHECK(workers >= 1);
  if (!(utilisation > 0)) return 0;
  if (utilisation >= 1) return 1;
  // Erlang's B of one worker more at a time: no factorials, and every step stays within 0 and 1.
  const double erlangs = utilisation * workers;
  double blocked = 1;
  for (int32_t i = 1; i <= workers; ++i) blocked = erlangs * blocked / (i + erlangs * blocked);
  return blocked / (1 - utilisation * (1 - blocked));
}

double p95_seconds(const Station& station, double utilisation) {
  if (utilisation >= 1) return std::numeric_limits<double>::infinity();
  const double waits = wait_probability(station.workers, utilisation);
  if (waits <= kTail) return station.service_p95_seconds;
  const double mean_wait = station.service_seconds / (station.workers * (1 - utilisation));
  return station.service_p95_seconds + station.variability * mean_wait * std::log(waits / kTail);
}

std::optional<double> utilisation_at_slo(const Station& station, double slo_seconds) {
  if (!(station.service_p95_seconds <= slo_seconds)) return std::nullopt;
  double meets = 0;
  double misses = 1;
  // p95 never falls as utilisation grows. 50 halvings leave less than 1e-15.
  for (int i = 0; i < 50; ++i) {
    const double middle = meets + (misses - meets) / 2;
    (p95_seconds(station, middle) <= slo_seconds ? meets : misses) = middle;
  }
  return meets;
}

}  // namespace autoscaler
