#pragma once

#include "base/result.h"
#include "controller/config/config.h"

#include <functional>
#include <string>
#include <vector>

namespace autoscaler {

class RuntimeSession;

// What stands in the way of running with these balancers, found by asking them.
struct HaproxyCheck {
  std::vector<Error> refusals;  // do not start; each names the line to change
  std::vector<Error> warnings;  // may heal by itself: a HAProxy that does not answer
};

// Asks HAProxy to add a server in a way that it must refuse, and returns its answer. Called for
// several of them at the same time.
using HaproxyTrial = std::function<Result<std::string>(RuntimeSession&, const HaproxyBalancer&)>;
// The word in that command that HAProxy cannot know. Its complaint about it says that everything
// before it was fine.
inline constexpr const char* kTrialKeyword = "autoscaler-trial";

// Reads only, unless there is a trial: then live rules hold (level admin, an algorithm that takes
// servers at run time, server options that HAProxy accepts). Without one they are warned about, as
// far as reading shows them. All sockets are asked at the same time; what is found is in their
// order.
HaproxyCheck check_haproxy(const Config& config, const HaproxyTrial& trial = nullptr);

}  // namespace autoscaler
