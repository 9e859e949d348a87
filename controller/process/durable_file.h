#pragma once

#include "base/result.h"

#include <string>

namespace autoscaler {

// Creates the folder and those above it.
Status make_directories(const std::string& path);

// Replaces the file in one step: after a crash or power cut it holds the old text or the new one.
// On disk (fsync of file and folder) when it returns. Errors: kExhausted, kDenied, kNotFound.
Status write_durably(const std::string& path, const std::string& text);

// A file that is not there is removed already.
Status remove_durably(const std::string& path);

}  // namespace autoscaler
