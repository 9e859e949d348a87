#pragma once

#include "tests/fakes/temp_directory.h"

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace autoscaler {

// A real Prometheus on a free loopback port that holds the samples that a test gives it, or scrapes
// one target; killed at the end.
class PrometheusProcess {
 public:
  // `openmetrics`: samples with timestamps, up to # EOF. `web_config`: for TLS, as in
  // --web.config.file; empty: plain HTTP. Returns once it is ready.
  explicit PrometheusProcess(const std::string& openmetrics, const std::string& web_config = "");
  // Holds nothing at first and scrapes http://`target`/metrics twice a second.
  struct Scraping {
    std::string target;  // host:port
  };
  explicit PrometheusProcess(const Scraping& scraping);
  ~PrometheusProcess();
  PrometheusProcess(const PrometheusProcess&) = delete;
  PrometheusProcess& operator=(const PrometheusProcess&) = delete;

  uint16_t port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  void start();
  void stop();    // SIGKILL
  void pause();   // SIGSTOP: connections are accepted by the kernel, and nothing is answered
  void resume();  // SIGCONT

 private:
  void launch();
  bool is_ready() const;

  TempDirectory directory_;
  uint16_t port_ = 0;
  bool tls_;
  pid_t pid_ = 0;
};

}  // namespace autoscaler
