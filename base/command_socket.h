#pragma once

#include "base/result.h"

#include <chrono>
#include <string>
#include <string_view>

namespace autoscaler {

// Sends one command to a line-oriented control socket and reads the answer to its end: a new
// connection for each call, as HAProxy's Runtime API wants.
// `address` is a path ("/run/haproxy.sock"), or host:port.
// Errors: kUnavailable (refused, no such socket, reset), kTimeout, kTooLarge, kDenied.
Result<std::string> send_command(const std::string& address, std::string_view command,
                                 std::chrono::milliseconds deadline,
                                 size_t max_answer_bytes = 16u << 20);

}  // namespace autoscaler
