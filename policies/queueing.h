#pragma once

#include <cstdint>
#include <optional>

namespace autoscaler {

// Latency and load of one instance that works off its requests with several workers from one queue:
// M/M/k (Erlang, "Solution of some problems in the theory of probabilities of significance in
// automatic telephone exchanges", 1917; Kleinrock, "Queueing Systems" I, 3.8).
struct Station {
  int32_t workers = 1;         // requests that it works on at once, at least 1
  double service_seconds = 0;  // mean time of work on one request, waiting left out; above 0
  // 95th percentile of the same: 3.0 times the mean where it is exponential, about 2.2 times for
  // the web services this was compared with.
  double service_p95_seconds = 0;
  // What arrivals and service times make of the wait of an M/M/k, (ca^2 + cs^2) / 2 with their
  // coefficients of variation (Kingman, 1961): 1 where both are exponential.
  double variability = 1;
};

// Utilisation is the load as a share of what the workers can do at most, `rate * service_seconds /
// workers`. The queue grows without end from 1 on.
double utilisation_of(const Station& station, double requests_per_second);
double requests_per_second_at(const Station& station, double utilisation);

// Share of the requests that find all workers busy: Erlang's C. 1 from utilisation 1 on.
//   10 erlangs: 17 workers 0.031, 16 workers 0.057
double wait_probability(int32_t workers, double utilisation);

// 95th percentile of waiting and working. The wait of those who wait is exponential with mean
// service / (workers (1 - utilisation)), so that it is past t with probability P exp(-t / mean):
//   p95 = service_p95 + mean wait * ln(P / 0.05), and service_p95 where P is 0.05 at most.
// (Adding the two percentiles is on the safe side: they rarely meet in one request.) Infinite from
// utilisation 1 on. For 5 workers, 50 ms, p95 of the work 110 ms:
//   utilisation 0.50 0.60 0.70 0.80 0.85 0.90 0.93 0.95 0.97
//   p95 in ms    129  149  177  230  281  382  511  683 1083
double p95_seconds(const Station& station, double utilisation);

// The largest utilisation at which p95 meets `slo_seconds`; nullopt: the work alone takes longer.
//   5 workers, 50 ms, 300 ms: 0.862
std::optional<double> utilisation_at_slo(const Station& station, double slo_seconds);

}  // namespace autoscaler
