#pragma once

#include "tests/base/raw_client.h"
#include "tests/e2e/child.h"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

namespace autoscaler::e2e {

// The real sample service on a free port.
class SampleService {
 public:
  explicit SampleService(std::vector<std::string> flags) {
    flags.insert(flags.begin(), {SAMPLE_SERVICE, "--port", "0"});
    child_ = std::make_unique<Child>(std::move(flags));
    std::string said = child_->line().value_or("");
    EXPECT_THAT(said, testing::StartsWith("listening on 127.0.0.1:"));
    port_ = static_cast<uint16_t>(std::stoi(said.substr(said.rfind(':') + 1)));
  }

  Child& process() { return *child_; }
  uint16_t port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/work"; }
  std::string get(const std::string& path) const {
    return RawClient(port_).get(path, "Connection: close\r\n");
  }
  double metric(const std::string& series) const {
    std::string page = get("/metrics");
    size_t at = page.find("\n" + series + " ");
    EXPECT_NE(at, page.npos) << page;
    return std::stod(page.substr(at + series.size() + 2));
  }

 private:
  std::unique_ptr<Child> child_;
  uint16_t port_ = 0;
};

}  // namespace autoscaler::e2e
