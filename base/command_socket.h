#pragma once

#include "base/result.h"

#include <chrono>
#include <string>
#include <string_view>

namespace autoscaler {

// Sends one command to a line-oriented control socket and reads the answer to its end: a new
// connection for each call, as HAProxy's Runtime API wants.
// `address` is a path with a '/' ("/run/haproxy.sock"), or an IP address (or localhost) and a port.
// `deadline` is for all of it, from connecting to the last byte.
// Errors: kUnavailable (refused, no such socket, reset, closed without an answer), kTimeout,
// kTooLarge, kDenied (no right to open the socket), kInvalid (the address makes no sense).
Result<std::string> send_command(const std::string& address, std::string_view command,
                                 std::chrono::milliseconds deadline,
                                 size_t max_answer_bytes = 16u << 20);

}  // namespace autoscaler
