#pragma once

#include "base/result.h"

#include <cerrno>
#include <cstring>
#include <string>

namespace autoscaler {

// An errno as an Error: "open logs/web-1.log: Permission denied".
inline Error system_error(const std::string& what, int error) {
  const auto code = [error] {
    switch (error) {
      case ENOSPC:
      case EDQUOT:
      case EFBIG:
      case EMFILE:
      case ENFILE:
      case ENOMEM:
      case EAGAIN: return Code::kExhausted;
      case EACCES:
      case EPERM:
      case EROFS: return Code::kDenied;
      case ENOENT:
      case ESRCH:
      case ENOTDIR: return Code::kNotFound;
      default: return Code::kUnavailable;
    }
  }();
  return {code, what + ": " + std::strerror(error)};
}

}  // namespace autoscaler
