#pragma once

#include "base/result.h"

#include <optional>
#include <string>

namespace autoscaler {

// Held by the one controller that writes a journal, for as long as its process lives: the kernel
// lets go of it however the process ends. The file holds the pid, for the message to the second.
class FileLock {
 public:
  // Errors: kConflict (held, the message names the pid), kDenied, kNotFound (no such directory),
  // kExhausted.
  static Result<FileLock> acquire(const std::string& path);
  ~FileLock();
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  std::optional<int> descriptor_;  // nullopt: moved from
};

}  // namespace autoscaler
