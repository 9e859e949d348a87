#pragma once

#include "base/fetch.h"

#include <curl/curl.h>

#include <chrono>
#include <optional>
#include <string>

namespace autoscaler {

// What is known of a transfer that failed.
struct FetchFailure {
  CURLcode code = CURLE_OK;
  std::string target;  // host:port
  std::chrono::milliseconds allowed{0};
  FetchLimits limits;
  std::optional<std::string> past_cap;  // "body", "headers", or what else was too large in all
  std::string text;                     // libcurl's own words, may be empty
  long os_error = 0;                    // errno of the connect, 0: none
  bool connected = false;
  bool answered = false;  // at least one header line arrived
};

// The same failure as a sentence and a Code: "connect to 127.0.0.1:9001 refused".
Error describe_failure(const FetchFailure& failure);

// host:port of a URL, the port filled in where it is left out. Errors: kInvalid, with what is wrong
// or, for another scheme, with what is fetched.
Result<std::string> parse_target(const std::string& url, bool https_too = false);

}  // namespace autoscaler
