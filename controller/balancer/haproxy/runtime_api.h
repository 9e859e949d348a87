#pragma once

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What HAProxy's Runtime API answers, read without any I/O. Learnt from HAProxy 2.6.12; docs/
// haproxy.md says what was seen.
namespace autoscaler {

// One line of `show servers state`.
struct ServerState {
  std::string backend;
  std::string name;
  std::string address;  // 127.0.0.1:9001, [::1]:9001
  bool maintenance = false;
  bool draining = false;
  bool running = false;  // takes traffic, were it not for the two above
  bool checked = false;  // its last health check passed, since it last left maintenance
};
Result<std::vector<ServerState>> parse_servers_state(std::string_view answer);

// One line of `show stat`, of a backend or of a server in it.
struct StatRow {
  std::string backend;
  std::optional<std::string> server;     // nullopt: the backend itself
  int64_t sessions = 0;                  // streams on it now; idle connections are not counted
  std::optional<std::string> algorithm;  // of a backend; nullopt below level operator
};
Result<std::vector<StatRow>> parse_stat(std::string_view answer);

struct HaproxyVersion {
  int major = 0;
  int minor = 0;
  std::string text;  // "2.6.12-1+deb12u4"
};
// Of `show info`.
Result<HaproxyVersion> parse_version(std::string_view answer);

// Whether a command that changes something did. Errors: kDenied (level), kNotFound (no such server
// or backend), kConflict (it exists already; connections attached; not in maintenance), kInvalid.
Status parse_change(std::string_view answer);

// The answer to `add server` where the backend's algorithm is fixed when HAProxy starts.
bool refuses_dynamic_servers(std::string_view answer);

// The answer without the blanks and line ends around it.
std::string_view trim_answer(std::string_view answer);

// As HAProxy shows an address: [::1]:9001, and 127.0.0.1 for localhost. kInvalid for a host name:
// HAProxy does not look up those of servers added at run time.
Result<std::string> server_address(const std::string& address);

}  // namespace autoscaler
