#include "controller/kubernetes/credentials.h"

#include "controller/kubernetes/exec_credential.h"

#include <utility>

namespace autoscaler {
namespace {

constexpr std::chrono::seconds kPluginDeadline{30};
// A token is not sent in its last seconds, so that it does not end on the way.
constexpr std::chrono::seconds kBeforeExpiry{10};

}  // namespace

Credentials::Credentials(ApiAccess access, std::function<Instant()> now)
    : access_(std::move(access)), now_(std::move(now)) {
  pass_.tls = access_.tls;
  pass_.held = access_.held;
  if (const auto* fixed = std::get_if<FixedToken>(&access_.identity)) {
    pass_.authorization = "Bearer " + fixed->token;
  }
}

Result<Pass> Credentials::pass() {
  const std::lock_guard lock(mutex_);
  if (const auto* file = std::get_if<SecretFile>(&access_.identity)) {
    const Result<std::string> token = read_secret(*file);
    if (!token && pass_.authorization.empty()) {
      return Error{Code::kDenied, "there is no token: " + token.error().message};
    }
    if (token) pass_.authorization = "Bearer " + *token;
  } else if (const auto* exec = std::get_if<ExecCommand>(&access_.identity)) {
    const bool ends = expires_ && now_() >= *expires_ - kBeforeExpiry;
    if (!usable_ || ends) {
      const Status renewed = renew(*exec);
      const bool over = expires_ && now_() >= *expires_;
      if (!renewed && (!usable_ || over)) return renewed.error();
    }
  }
  return pass_;
}

void Credentials::refused() {
  const std::lock_guard lock(mutex_);
  usable_ = false;
}

Status Credentials::renew(const ExecCommand& command) {
  Result<ExecCredential> made = run_exec_plugin(command, kPluginDeadline);
  if (!made) return made.error();
  if (!made->certificate_pem.empty()) {
    const auto certificate = MemoryFile::with(made->certificate_pem);
    const auto key = MemoryFile::with(made->key_pem);
    if (!certificate) return certificate.error();
    if (!key) return key.error();
    pass_.tls.certificate = (*certificate)->path();
    pass_.tls.key = (*key)->path();
    pass_.held = access_.held;
    pass_.held.push_back(*certificate);
    pass_.held.push_back(*key);
  }
  pass_.authorization = made->token.empty() ? "" : "Bearer " + made->token;
  expires_ = made->expires;
  usable_ = true;
  return Done{};
}

}  // namespace autoscaler
