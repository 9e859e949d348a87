#pragma once

#include "controller/kubernetes/access.h"
#include "tests/fakes/certificates.h"
#include "tests/fakes/temp_directory.h"

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace autoscaler {

// An API server that a test starts, kills and hangs: the fake one, or a real one where
// KUBEBUILDER_ASSETS names a folder with kube-apiserver and etcd is on the PATH. What it holds
// outlives a kill. Both are asked over TLS. The tokens admin-token, reader-token and writer-token
// are users of these names; admin may do everything, the others what a test's RBAC objects say. So
// may who has a client certificate, by its common name.
class ApiServerProcess {
 public:
  enum class Kind { kFake, kReal };
  static bool has_real();

  explicit ApiServerProcess(Kind kind);
  ~ApiServerProcess();
  ApiServerProcess(const ApiServerProcess&) = delete;
  ApiServerProcess& operator=(const ApiServerProcess&) = delete;

  Kind kind() const { return kind_; }
  std::string url() const;
  ApiAccess access(const std::string& token) const;
  const Certificates& certificates() const { return certificates_; }

  void start();
  void stop();    // SIGKILL
  void pause();   // SIGSTOP: connections are accepted by the kernel, and nothing is answered
  void resume();  // SIGCONT

  // What was asked so far, in order: a JSON list of {method, path, body, user, status, agent}.
  std::string audit() const;

  // Of the fake alone: POST to /_control/`what`, and its answer; GET where the body is empty.
  std::string control(const std::string& what, const std::string& json = "") const;

 private:
  std::vector<std::string> command() const;
  std::vector<std::string> real_command() const;
  bool is_ready() const;
  void start_etcd();

  const Kind kind_;
  Certificates certificates_;
  TempDirectory directory_;
  uint16_t port_ = 0;
  uint16_t etcd_port_ = 0;
  pid_t pid_ = 0;
  pid_t etcd_ = 0;
};

}  // namespace autoscaler
