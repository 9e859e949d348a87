#pragma once

#include "controller/config/config.h"
#include "controller/sim/service.h"
#include "metrics/query.h"

#include <functional>
#include <optional>
#include <set>

namespace autoscaler {

// The simulated service's metrics. What a signal is follows from its name, as in the journal's
// demand rows: `rps`, `latency`, `errors`, `cpu`; and `memory`, `queue` and `sessions`, which are
// the requests that wait and those in flight; `rps-fast` is a second `rps`. One of another name is
// what it means (SignalSpec::Meaning), or a number that the caller gives. Its query says only
// whether each instance is asked or the service as a whole, and over which window.
class SimulatedSource final : public MetricSource {
 public:
  SimulatedSource(const WorkloadConfig& config, const SimulatedService& service)
      : config_(config), service_(service) {}

  // False: the caller must give it a number.
  static bool knows(const SignalSpec& signal);

  // Looks at every instance, as a scrape does; to be called before each tick.
  void sample(Instant now);
  void read(std::span<const WorkloadQuery> queries, Instant now, std::vector<Signals>& answers,
            std::vector<ReadError>& errors) override;

  std::map<std::string, std::function<double(Instant)>> numbers;  // signals of other names

  Duration delay{0};             // a sample is seen so much later
  double lost = 0;               // share of the samples, by chance
  double cpu_noise = 0;          // standard deviation of a CPU reading, over the reading
  bool is_down = false;          // nothing is sampled, and nobody is answered
  bool is_empty = false;         // it answers, and knows no series
  bool is_frozen = false;        // the instances show what they showed, whatever happens
  std::set<std::string> broken;  // signals that get no answer
  double silent_share = 0;       // of the instances: the first ones by id report nothing

 private:
  struct Seen {
    Counters counters;
    double cores = 1;
    double cpu_request = 1;  // cores
    double memory = 0;
    double waiting = 0;
    double in_flight = 0;
  };
  struct Sample {
    Instant at;
    std::optional<SimulatedService::Totals> totals;  // what the balancer counts; nullopt: lost
    std::map<InstanceId, Seen> instances;            // those that were heard
  };
  // What one instance, or several together, did between two samples: rates per second.
  struct Flow {
    Counters rates;
    double cores = 0;
    double cpu_request = 0;
    double memory = 0;
    double waiting = 0;
    double in_flight = 0;
    double instances = 0;
    void add(const Seen& before, const Seen& after, double seconds);
  };
  struct Span {
    const Sample* before;
    const Sample* after;
    double seconds() const;
  };

  Signal answer(size_t signal, std::span<const Target> targets, Instant now) const;
  std::optional<Span> span_of(Duration window, Instant now) const;
  // Within it from the oldest to the newest sample for which `has`; nullopt: there is none.
  template <typename Has>
  static std::optional<Span> within(Span span, Has has);
  Measured measured(size_t signal, const InstanceId& instance, const Flow& flow, Span span) const;
  Value value_of(size_t signal, const Flow& flow, uint64_t seed) const;

  const WorkloadConfig& config_;
  const SimulatedService& service_;
  std::vector<Sample> samples_;  // oldest first
  uint64_t chance_ = 1;
};

}  // namespace autoscaler
