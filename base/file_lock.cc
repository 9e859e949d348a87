#include "base/file_lock.h"

#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace autoscaler {
namespace {

Error cannot_lock(const std::string& path, const std::string& setting, int error) {
  Code code = Code::kDenied;
  std::string remedy = "set another " + setting;
  if (error == ENOENT || error == ENOTDIR) {
    code = Code::kNotFound;
    remedy = "create its folder, or " + remedy;
  }
  if (error == EACCES) remedy = "let this user write there, or " + remedy;
  if (error == ENOSPC || error == EDQUOT || error == EMFILE || error == ENFILE) {
    code = Code::kExhausted;
  }
  return {code, "cannot lock " + path + ": " + std::strerror(error) + ": " + remedy};
}

std::string holder(int descriptor) {
  char text[32] = {};
  const ssize_t size = pread(descriptor, text, sizeof(text), 0);
  const std::string_view line(text, size > 0 ? static_cast<size_t>(size) : 0);
  const std::string_view pid = line.substr(0, line.find('\n'));
  return pid.empty() ? "" : " (pid " + std::string(pid) + ")";
}

}  // namespace

Result<FileLock> FileLock::acquire(const std::string& path, const std::string& setting) {
  // CLOEXEC: an instance we start must not hold the lock after we are gone.
  Descriptor descriptor(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (descriptor.get() < 0) return cannot_lock(path, setting, errno);
  if (flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return cannot_lock(path, setting, errno);
    return Error{Code::kConflict, path + " is held by another controller" +
                                      holder(descriptor.get()) + ": stop it, or set another " +
                                      setting};
  }
  // The pid is only for the message above: a disk too full to hold it changes nothing.
  const std::string pid = std::to_string(getpid()) + "\n";
  if (ftruncate(descriptor.get(), 0) == 0) {
    [[maybe_unused]] const ssize_t written = pwrite(descriptor.get(), pid.data(), pid.size(), 0);
  }
  return FileLock(std::move(descriptor));
}

}  // namespace autoscaler
