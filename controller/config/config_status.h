#pragma once

#include "policies/time.h"

#include <string>
#include <vector>

namespace autoscaler {

// How the config file stands to the config that runs.
struct ConfigStatus {
  std::string file;
  Instant taken_up;  // the config that runs was
  Instant read;      // the file last had another content, or could last not be read, then
  std::vector<std::string> problems;  // why the file as it stands is not what runs; empty: it is
};

}  // namespace autoscaler
