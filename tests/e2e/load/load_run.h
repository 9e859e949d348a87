#pragma once

#include "tests/e2e/child.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace autoscaler::e2e {

// The real load generator against a URL.
class LoadRun {
 public:
  LoadRun(const std::string& url, std::vector<std::string> flags)
      : child_(command(url, std::move(flags))) {}

  Child& process() { return child_; }

  // Waits for the end of the run.
  nlohmann::json summary() {
    std::optional<std::string> last;
    while (auto line = child_.line()) last = line;
    EXPECT_EQ(child_.wait(), 0);
    auto summary = nlohmann::json::parse(last.value_or("{}"));
    EXPECT_TRUE(summary.contains("summary")) << summary;
    return summary;
  }

 private:
  static std::vector<std::string> command(const std::string& url, std::vector<std::string> flags) {
    flags.insert(flags.begin(), {LOAD_GENERATOR, "--url", url});
    return flags;
  }

  Child child_;
};

}  // namespace autoscaler::e2e
