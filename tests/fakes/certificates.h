#pragma once

#include "tests/fakes/temp_directory.h"

#include <string>

namespace autoscaler {

// An authority, a server certificate for 127.0.0.1 and prometheus.test, and a client certificate,
// made by the openssl command. And a second authority that signed none of them.
class Certificates {
 public:
  Certificates();
  std::string folder() const { return directory_.path(); }
  std::string ca() const { return directory_ / "ca.pem"; }
  std::string other_ca() const { return directory_ / "other.pem"; }
  std::string server() const { return directory_ / "server.pem"; }
  std::string server_key() const { return directory_ / "server.key"; }
  // For prometheus.test alone, not for 127.0.0.1.
  std::string named_server() const { return directory_ / "named.pem"; }
  std::string named_server_key() const { return directory_ / "named.key"; }
  std::string client() const { return directory_ / "client.pem"; }
  std::string client_key() const { return directory_ / "client.key"; }

 private:
  void make_authority(const std::string& name) const;
  void make_signed(const std::string& name, const std::string& names) const;
  void run(const std::string& arguments) const;

  TempDirectory directory_;
};

}  // namespace autoscaler
