#pragma once

#include "base/result.h"
#include "base/watched_file.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autoscaler {

// The URLs of a list of targets in the form of Prometheus' file_sd, as JSON, sorted and each once:
//   [{"targets": ["10.0.0.7:9100"], "labels": {"__scheme__": "https"}}]
// is https://10.0.0.7:9100/metrics. The labels __scheme__ and __metrics_path__ are used, others
// have no meaning here. Errors: kInvalid, with what was found where.
Result<std::vector<std::string>> parse_target_file(std::string_view text);

// Such a file, as it last was in order.
class TargetFile {
 public:
  explicit TargetFile(std::string path);

  // Looks whether it has changed.
  void refresh();
  const std::vector<std::string>& urls() const { return urls_; }
  // What is wrong with the file as it stands; the list before holds meanwhile.
  const std::optional<Error>& problem() const { return problem_; }

 private:
  WatchedFile file_;
  std::vector<std::string> urls_;
  std::optional<Error> problem_;
};

}  // namespace autoscaler
