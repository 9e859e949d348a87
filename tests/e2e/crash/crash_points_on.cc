#include "controller/crash_point.h"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

namespace autoscaler {

// Kills this process as SIGKILL does, nothing flushed, at the point named by AUTOSCALER_CRASH_AT;
// a file of the same name in AUTOSCALER_CRASH_PROOF says that it was reached.
void crash_point(std::string_view subject, std::string_view moment) {
  static const char* const at = std::getenv("AUTOSCALER_CRASH_AT");
  if (at == nullptr) return;
  const std::string_view name(at);
  if (name.size() != subject.size() + 1 + moment.size() || !name.starts_with(subject) ||
      !name.ends_with(moment)) {
    return;
  }
  const std::string proof = std::string(std::getenv("AUTOSCALER_CRASH_PROOF")) + "/" + at;
  close(open(proof.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
  raise(SIGKILL);
}

}  // namespace autoscaler
