#pragma once

#include "metrics/query.h"

#include <functional>

namespace autoscaler {

// A source whose every signal is one number for the service, or whatever `answer` makes of it.
class FakeSource final : public MetricSource {
 public:
  using Answer = std::function<Signal(const WorkloadQuery&, size_t signal, Instant now)>;
  explicit FakeSource(Answer answer) : answer_(std::move(answer)) {}

  void read(std::span<const WorkloadQuery> queries, Instant now, std::vector<Signals>& answers,
            std::vector<ReadError>&) override {
    for (size_t i = 0; i < queries.size(); ++i) {
      for (size_t signal = 0; signal < answers[i].size(); ++signal) {
        answers[i][signal] = answer_(queries[i], signal, now);
      }
    }
  }

 private:
  Answer answer_;
};

}  // namespace autoscaler
