#pragma once

#include "base/result.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace autoscaler {

// Why an API server refused, as far as somebody has to act on it.
enum class ApiReason {
  kTransport,        // there was no answer, or none that could be read
  kUnauthorized,     // 401: the token is unknown or over
  kForbidden,        // 403: RBAC
  kNotFound,         // 404: no such object, or no such kind
  kConflict,         // 409: the resourceVersion is not the newest one
  kAlreadyExists,    // 409 to a create
  kExpired,          // 410: the resourceVersion or continue token is too old
  kTooManyRequests,  // 429
  kRefused,          // any other 4xx: the request itself is wrong
  kServer,           // 5xx
  kFenced,           // not sent: this controller does not lead
};

struct ApiError {
  ApiReason reason;
  Error error;
  std::optional<std::chrono::milliseconds> retry_after = std::nullopt;
};

// An answer that is no success, as one. Its text is that of the Status object, or the body where it
// is none (an unknown API group, a proxy, a throttled request), cut to 300 bytes. `asked`: what was
// asked for, "GET /api/v1/pods".
ApiError api_error(std::string_view asked, int status, std::string_view body);

}  // namespace autoscaler
