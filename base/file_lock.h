#pragma once

#include "base/descriptor.h"
#include "base/result.h"

#include <string>

namespace autoscaler {

// Held by the one process that may use what the file stands for, for as long as it lives: the
// kernel lets go of it however the process ends. The file holds the pid, for the message to the
// second.
class FileLock {
 public:
  // Errors: kConflict (held, the message names the pid and the remedy: "stop it, or set another
  // <setting>"), kDenied, kNotFound (no such directory), kExhausted.
  static Result<FileLock> acquire(const std::string& path, const std::string& setting);

 private:
  explicit FileLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}
  Descriptor descriptor_;
};

}  // namespace autoscaler
