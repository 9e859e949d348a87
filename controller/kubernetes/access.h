#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "base/tls_files.h"
#include "controller/kubernetes/memory_file.h"

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace autoscaler {

// A program that prints an ExecCredential of client.authentication.k8s.io/v1.
struct ExecCommand {
  std::vector<std::string> argv;
  std::vector<std::pair<std::string, std::string>> environment;  // beside ours
  std::string install_hint;                                      // for whom it is not there
};
struct FixedToken {
  std::string token;
};

// Where an API server is and who we are to it. A client certificate is in `tls`.
struct ApiAccess {
  std::string url;  // https://10.96.0.1:443
  TlsFiles tls;
  std::string name_space = "default";
  std::variant<std::monostate, FixedToken, SecretFile, ExecCommand> identity;
  std::vector<std::shared_ptr<const MemoryFile>> held;  // files that `tls` names
};

}  // namespace autoscaler
