#pragma once

#include "base/result.h"

#include <string>

namespace autoscaler {

// Creates the folder and those above it.
Status make_directories(const std::string& path);

// A file system that is full must not keep an instance from being started: its file then takes the
// place of one of these, empty and already on disk, in the same folder. Makes as many as are
// missing, as far as it can.
inline constexpr int kSpareFiles = 64;
void keep_spare_files(const std::string& folder);

// Replaces the file in one step: after a crash or power cut it holds the old text or the new one.
// On disk (fsync of file and folder) when it returns. Without space it takes a spare file, if the
// folder has one. Errors: kExhausted, kDenied, kNotFound.
Status write_durably(const std::string& path, const std::string& text);

// A file that is not there is removed already.
Status remove_durably(const std::string& path);

}  // namespace autoscaler
