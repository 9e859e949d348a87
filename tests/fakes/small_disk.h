#pragma once

#include <sys/mount.h>

#include <sched.h>
#include <string>

namespace autoscaler {

// Mounts a file system of its own at `path`, for this process alone and gone with it: "size=512k".
// False without the right to mount.
inline bool mount_small_disk(const std::string& path, const char* options) {
  return unshare(CLONE_NEWNS) == 0 &&
         mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount("tmpfs", path.c_str(), "tmpfs", 0, options) == 0;
}

}  // namespace autoscaler
