#pragma once

#include "controller/backtest/world.h"

#include <functional>
#include <utility>
#include <vector>

namespace autoscaler::testing {

// A contender that wants what it is told to, and remembers what it saw.
class Script : public Contender {
 public:
  explicit Script(std::function<int32_t(const Sight&)> wants) : wants_(std::move(wants)) {}
  int32_t wants(const Sight& sight) override {
    seen.push_back(sight);
    return wants_(sight);
  }
  std::vector<Sight> seen;

 private:
  std::function<int32_t(const Sight&)> wants_;
};

}  // namespace autoscaler::testing
