#pragma once

#include "base/result.h"

#include <optional>
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
  ~FileLock();
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  std::optional<int> descriptor_;  // nullopt: moved from
};

}  // namespace autoscaler
