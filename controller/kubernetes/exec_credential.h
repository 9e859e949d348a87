#pragma once

#include "controller/kubernetes/access.h"
#include "policies/time.h"

#include <chrono>
#include <optional>
#include <string>

namespace autoscaler {

struct ExecCredential {
  std::string token;            // empty: a certificate alone
  std::string certificate_pem;  // empty: a token alone
  std::string key_pem;
  std::optional<Instant> expires;  // nullopt: at the next 401
};

// Runs the program, without a terminal, for `deadline` at most. Errors name the program and what is
// wrong with its answer, never the answer.
Result<ExecCredential> run_exec_plugin(const ExecCommand& command,
                                       std::chrono::milliseconds deadline);

}  // namespace autoscaler
