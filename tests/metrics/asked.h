#pragma once

#include "metrics/prometheus_source.h"
#include "tests/metrics/scraped.h"

#include <string>
#include <utility>
#include <vector>

namespace autoscaler {

// Waits for every answer: machines are slow under sanitizers.
inline constexpr Patience kPatient{std::chrono::seconds(30), std::chrono::seconds(30)};

// One workload "shop" whose signals are queries, read at the times that a test names.
class Asked {
 public:
  Asked(PrometheusServer server, std::vector<PrometheusRead> reads, Patience patience = kPatient)
      : source({std::move(server)}, patience, 1) {
    for (PrometheusRead& read : reads) {
      read.server = "prometheus";
      signals.push_back({std::move(read)});
    }
  }

  // The readings as they are shown elsewhere, divided by blanks.
  std::string read(Instant now) {
    const WorkloadQuery query{&workload_, signals, {}};
    answers.assign(1, Signals(signals.size()));
    errors.clear();
    source.read({&query, 1}, now, answers, errors);
    std::string text;
    for (const Signal& signal : answers[0]) {
      text += (text.empty() ? "" : " ") + shown(std::get<Reading>(signal.readings));
    }
    return text;
  }
  Reading reading(size_t i = 0) const { return std::get<Reading>(answers.at(0).at(i).readings); }
  BreakerState breaker() const { return source.health().at(0).state; }

  PrometheusSource source;
  std::vector<SignalQuery> signals;
  std::vector<Signals> answers;
  std::vector<ReadError> errors;

 private:
  std::string workload_ = "shop";
};

}  // namespace autoscaler
