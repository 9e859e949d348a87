#pragma once

#include "policies/evaluate.h"
#include "tests/policies/reference/hpa_model.h"

#include <cstdint>

namespace reference {

// The next of a sequence that a seed begins (splitmix64: Steele, Lea and Flood, 2014). A case is
// drawn from numbers on which the rules turn: ratios at the edge of the tolerance, instants at the
// edge of a window, sizes at the bounds.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  int64_t between(int64_t lowest, int64_t highest);
  bool once_in(int64_t times) { return between(1, times) == 1; }
  template <typename T>
  T one_of(std::initializer_list<T> choices) {
    return *(choices.begin() + between(0, static_cast<int64_t>(choices.size()) - 1));
  }

 private:
  uint64_t state_;
};

Case random_case(Random& random);

// The same case as our program has it.
struct Inputs {
  autoscaler::WorkloadSpec spec;
  autoscaler::Workload workload;
  autoscaler::Signals signals;
  autoscaler::Recent recent;
  autoscaler::Instant now;
};
Inputs inputs_of(const Case& one);

std::string describe(const Case& one);

}  // namespace reference
