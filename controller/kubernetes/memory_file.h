#pragma once

#include "base/descriptor.h"
#include "base/result.h"

#include <sys/mman.h>

#include <memory>
#include <string>
#include <string_view>
#include <unistd.h>

namespace autoscaler {

// A file that only this process can see, for libraries that take nothing else: keys and
// certificates that stand in a kubeconfig never touch a disk.
class MemoryFile {
 public:
  static Result<std::shared_ptr<const MemoryFile>> with(std::string_view content) {
    Descriptor file(memfd_create("autoscaler", MFD_CLOEXEC));
    if (file.get() < 0) return Error{Code::kExhausted, "no memory file is to be had"};
    while (!content.empty()) {
      const ssize_t written = write(file.get(), content.data(), content.size());
      if (written <= 0) return Error{Code::kExhausted, "a memory file cannot be written"};
      content.remove_prefix(static_cast<size_t>(written));
    }
    return std::shared_ptr<const MemoryFile>(new MemoryFile(std::move(file)));
  }
  std::string path() const { return "/proc/self/fd/" + std::to_string(file_.get()); }

 private:
  explicit MemoryFile(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

}  // namespace autoscaler
