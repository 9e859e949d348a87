#pragma once

#include <chrono>

namespace autoscaler {

// Takes SIGTERM and SIGINT away from their default and turns them into the answer of `wait`.
// To be made before any thread. SIGPIPE is ignored: a peer that hangs up is an error of its call.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Returns true as soon as a signal came, false after `span`.
  bool wait(std::chrono::nanoseconds span);

 private:
  int descriptor_;
};

}  // namespace autoscaler
