#pragma once

#include <compare>
#include <optional>
#include <string>

namespace autoscaler {

// Files in PEM. Replaced files are noticed, and used from the next connection on.
struct TlsFiles {
  std::optional<std::string> ca;           // nullopt: the system's
  std::optional<std::string> certificate;  // ours, for mTLS, with the chain
  std::optional<std::string> key;          // goes with `certificate`
  std::optional<std::string> server_name;  // what the server's certificate must say, also sent as
                                           // SNI and Host; nullopt: the host in the URL
  auto operator<=>(const TlsFiles&) const = default;
};

}  // namespace autoscaler
