#pragma once

#include <string>
#include <string_view>

namespace autoscaler {

// "127.0.0.1:80", and "[::1]:80" for an IPv6 address.
inline std::string join_address(std::string_view host, std::string_view port) {
  const bool is_ipv6 = host.find(':') != std::string_view::npos;
  std::string joined = is_ipv6 ? "[" + std::string(host) + "]" : std::string(host);
  return joined.append(":").append(port);
}

}  // namespace autoscaler
