#include "base/watched_file.h"

#include "base/descriptor.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace autoscaler {
bool WatchedFile::is_as_before(const Stamp& now) const {
  return before_ && before_->device == now.device && before_->inode == now.inode &&
         before_->size == now.size && before_->written.tv_sec == now.written.tv_sec &&
         before_->written.tv_nsec == now.written.tv_nsec;
}

Result<std::optional<std::string>> WatchedFile::changed() {
  const auto failed = [this](Code code, const std::string& why) {
    before_.reset();
    return Error{code, path_ + " " + why};
  };
  // Neither waits for a pipe's other end nor takes a terminal.
  const Descriptor file(open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (file.get() < 0 || fstat(file.get(), &status) != 0) {
    return failed(errno == ENOENT ? Code::kNotFound : Code::kDenied,
                  std::string("cannot be read: ") + std::strerror(errno));
  }
  if (!S_ISREG(status.st_mode)) return failed(Code::kDenied, "is no regular file");
  const Stamp now{status.st_dev, status.st_ino, status.st_size, status.st_mtim};
  if (is_as_before(now)) return std::optional<std::string>();

  // One more than there is, to see the end; and more where it has grown since.
  std::string text(std::min(static_cast<size_t>(status.st_size), largest_) + 1, '\0');
  size_t length = 0;
  while (length <= largest_) {
    if (length == text.size()) text.resize(std::min(2 * length, largest_ + 1));
    const ssize_t got = read(file.get(), text.data() + length, text.size() - length);
    if (got < 0) return failed(Code::kDenied, std::string("cannot be read: ") + strerror(errno));
    if (got == 0) break;
    length += static_cast<size_t>(got);
  }
  if (length > largest_) {
    return failed(Code::kTooLarge, "is larger than " + std::to_string(largest_) + " bytes");
  }
  text.resize(length);
  before_ = now;
  return std::optional(std::move(text));
}

}  // namespace autoscaler
