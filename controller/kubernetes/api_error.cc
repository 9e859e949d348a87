#include "controller/kubernetes/api_error.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace autoscaler {
namespace {

constexpr size_t kLongestText = 300;

ApiReason reason_of(int status, std::string_view named) {
  if (status == 401) return ApiReason::kUnauthorized;
  if (status == 403) return ApiReason::kForbidden;
  if (status == 404) return ApiReason::kNotFound;
  if (status == 409) {
    return named == "AlreadyExists" ? ApiReason::kAlreadyExists : ApiReason::kConflict;
  }
  if (status == 410) return ApiReason::kExpired;
  if (status == 429) return ApiReason::kTooManyRequests;
  return status >= 500 ? ApiReason::kServer : ApiReason::kRefused;
}

Code code_of(ApiReason reason) {
  switch (reason) {
    case ApiReason::kUnauthorized:
    case ApiReason::kForbidden: return Code::kDenied;
    case ApiReason::kNotFound: return Code::kNotFound;
    case ApiReason::kFenced:
    case ApiReason::kConflict:
    case ApiReason::kAlreadyExists: return Code::kConflict;
    case ApiReason::kRefused: return Code::kInvalid;
    case ApiReason::kTooManyRequests: return Code::kExhausted;  // and nothing has been done
    default: return Code::kUnavailable;
  }
}

// One line of text, whatever was sent.
std::string one_line(std::string_view text) {
  std::string line(text.substr(0, kLongestText));
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
  while (!line.empty() && line.back() == ' ') line.pop_back();
  // Not cut in the middle of a character.
  if (text.size() > kLongestText) {
    while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xC0) == 0x80) {
      line.pop_back();
    }
    if (!line.empty() && static_cast<unsigned char>(line.back()) >= 0xC0) line.pop_back();
    line += "...";
  }
  return line;
}

std::string text_at(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

ApiError api_error(std::string_view asked, int status, std::string_view body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  const bool is_status = json.is_object() && text_at(json, "kind") == "Status";
  const ApiReason reason = reason_of(status, is_status ? text_at(json, "reason") : "");
  std::string text = one_line(is_status ? text_at(json, "message") : std::string(body));
  if (text.empty()) text = "no reason given";
  return {reason,
          {code_of(reason), std::string(asked) + ": " + std::to_string(status) + ": " + text}};
}

}  // namespace autoscaler
