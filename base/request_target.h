#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace autoscaler {

// "/a%20b?x=1&y" is the path "/a b" with the query {x: "1"}, {y: ""}.
struct RequestTarget {
  std::string path;  // decoded, starts with '/'
  std::vector<std::pair<std::string, std::string>> query;
};

// Takes origin form ("/path?query") and absolute form ("http://host/path?query"), as an HTTP/1.1
// server must. Nothing for a broken percent escape, a NUL, or a target that is no path.
std::optional<RequestTarget> parse_request_target(std::string_view target);

}  // namespace autoscaler
