#include "controller/process/durable_file.h"

#include "controller/process/system_error.h"

#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

namespace autoscaler {
namespace {

Status sync_folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return system_error("open " + folder, errno);
  const int error = fsync(fd) == 0 ? 0 : errno;
  close(fd);
  if (error != 0) return system_error("sync " + folder, error);
  return Done{};
}

int write_all(int fd, const std::string& text) {
  for (size_t done = 0; done < text.size();) {
    const ssize_t wrote = write(fd, text.data() + done, text.size() - done);
    if (wrote < 0) return errno;
    done += static_cast<size_t>(wrote);
  }
  return fsync(fd) == 0 ? 0 : errno;
}

constexpr off_t kSpareBytes = 4096;  // instance files have some 250

std::string spare_path(const std::string& folder, int number) {
  return folder + "/spare-" + std::to_string(number);
}

// Turns a spare file into `path`. ENOSPC: there is none left, or the text is longer than one.
int write_to_spare(const std::string& path, const std::string& text) {
  if (text.size() > kSpareBytes) return ENOSPC;
  const std::string folder = std::filesystem::path(path).parent_path().string();
  for (int number = 0; number < kSpareFiles; ++number) {
    const std::string spare = spare_path(folder, number);
    const int fd = open(spare.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) continue;
    int error = write_all(fd, text);
    if (error == 0 && ftruncate(fd, static_cast<off_t>(text.size())) != 0) error = errno;
    if (error == 0 && fsync(fd) != 0) error = errno;
    close(fd);
    if (error == 0 && rename(spare.c_str(), path.c_str()) != 0) error = errno;
    return error;
  }
  return ENOSPC;
}

int write_to_draft(const std::string& path, const std::string& text) {
  const std::string draft = path + ".new";
  const int fd = open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return errno;
  int error = write_all(fd, text);
  if (close(fd) != 0 && error == 0) error = errno;
  if (error == 0 && rename(draft.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) unlink(draft.c_str());
  return error;
}

}  // namespace

void keep_spare_files(const std::string& folder) {
  for (int number = 0; number < kSpareFiles; ++number) {
    const std::string spare = spare_path(folder, number);
    const int fd = open(spare.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0 && errno == EEXIST) continue;
    const bool made = fd >= 0 && posix_fallocate(fd, 0, kSpareBytes) == 0 && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    if (made) continue;
    unlink(spare.c_str());  // no space: those that are there must do
    return;
  }
}

Status make_directories(const std::string& path) {
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (failed) return system_error("create " + path, failed.value());
  return Done{};
}

Status write_durably(const std::string& path, const std::string& text) {
  int error = write_to_draft(path, text);
  if (error == ENOSPC || error == EDQUOT) error = write_to_spare(path, text);
  if (error != 0) return system_error("write " + path, error);
  return sync_folder_of(path);
}

Status remove_durably(const std::string& path) {
  if (unlink(path.c_str()) == 0) return sync_folder_of(path);
  if (errno == ENOENT) return Done{};
  return system_error("remove " + path, errno);
}

}  // namespace autoscaler
