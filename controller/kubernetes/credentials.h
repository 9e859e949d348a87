#pragma once

#include "controller/kubernetes/access.h"
#include "policies/time.h"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace autoscaler {

// What one request is sent with.
struct Pass {
  std::string authorization;  // the header's value; empty: none
  TlsFiles tls;
  std::vector<std::shared_ptr<const MemoryFile>> held;  // files that `tls` names
};

// Who we are, now: token files are read for each request, plugins run when what they gave expires.
// Thread-safe.
class Credentials {
 public:
  // `now`: the wall clock, for expiries.
  Credentials(ApiAccess access, std::function<Instant()> now);

  // A token that was good once stays in use while its file cannot be read, or the plugin fails.
  Result<Pass> pass();
  // The server answered 401: the next pass is made anew.
  void refused();

 private:
  Status renew(const ExecCommand& command);

  const ApiAccess access_;
  const std::function<Instant()> now_;
  std::mutex mutex_;  // guards what follows; a plugin runs under it, so that it runs once
  Pass pass_;
  bool usable_ = false;
  std::optional<Instant> expires_;
};

}  // namespace autoscaler
