#pragma once

#include "base/result.h"

#include <sys/types.h>

#include <cstddef>
#include <ctime>
#include <optional>
#include <string>

namespace autoscaler {

// A small file that others replace: a token that rotates, a list of targets. Links are followed, so
// that a directory which Kubernetes swaps by a link counts as a change of the files in it.
class WatchedFile {
 public:
  WatchedFile(std::string path, size_t largest) : path_(std::move(path)), largest_(largest) {}

  // Its text if it is not the one of the last answer; nullopt where nothing has changed. A file
  // that cannot be read is tried again by the next call. Errors: kNotFound, kDenied, kTooLarge.
  Result<std::optional<std::string>> changed();
  const std::string& path() const { return path_; }

 private:
  struct Stamp {
    dev_t device;
    ino_t inode;
    off_t size;
    timespec written;
  };
  bool is_as_before(const Stamp& now) const;

  std::string path_;
  size_t largest_;
  std::optional<Stamp> before_;
};

}  // namespace autoscaler
