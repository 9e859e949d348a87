#pragma once

#include "base/result.h"
#include "base/secret.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace autoscaler {

struct Transfer;

// How the server of an https:// URL is known, and how we are known to it. Files are PEM and are
// read again for new connections, the CA file after a minute at most.
struct TlsSettings {
  std::string ca_file;      // empty: the system's
  std::string cert_file;    // of the client; empty: none
  std::string key_file;     // empty: in cert_file
  std::string server_name;  // whom the certificate must name; empty: the URL's host
  bool verify = true;       // false: any certificate of anybody
};

struct BearerToken {
  Secret token;
};
struct BasicPassword {
  std::string user;
  Secret password;
};

// Who asks. Secrets are in no message.
struct IdentitySettings {
  TlsSettings tls;
  std::variant<std::monostate, BearerToken, BasicPassword> auth;
  std::vector<std::string> headers;  // "X-Scope-OrgID: shop"
};

class Identity {
 public:
  explicit Identity(IdentitySettings settings);

  // Reads the secret again. One that was good once stays in use while its file cannot be read.
  void refresh();
  // Why nobody can be asked: there is no secret yet.
  const std::optional<Error>& problem() const { return problem_; }
  // Grows with every change: which options a handle should have. Never 0.
  uint64_t version() const { return version_; }

  // Sets TLS, authorization and headers of a handle that was reset.
  void configure(Transfer& transfer) const;
  bool renames_server() const { return !settings_.tls.server_name.empty(); }
  // Asks for `url` under the name that the certificate must have (which is the Host that the server
  // reads), while the connection goes to `target`, its host:port. Only where renames_server().
  void rename_server(Transfer& transfer, const std::string& url, const std::string& target) const;

 private:
  IdentitySettings settings_;
  std::string secret_;
  std::optional<Error> problem_;
  uint64_t version_ = 1;
};

}  // namespace autoscaler
