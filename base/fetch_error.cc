#include "base/fetch_error.h"

#include <cerrno>
#include <cstring>
#include <memory>

namespace autoscaler {
namespace {

Error connect_error(const FetchFailure& failure) {
  const auto os_error = static_cast<int>(failure.os_error);
  const std::string connect = "connect to " + failure.target;
  switch (os_error) {
    case ECONNREFUSED: return {Code::kUnavailable, connect + " refused"};
    case EMFILE:
    case ENFILE:
    case EADDRNOTAVAIL:
    case ENOBUFS: return {Code::kExhausted, connect + ": " + std::strerror(os_error)};
    case 0: return {Code::kUnavailable, connect + " failed: " + failure.text};
    default: return {Code::kUnavailable, connect + " failed: " + std::strerror(os_error)};
  }
}

Error timeout_error(const FetchFailure& failure) {
  const std::string within = " within " + std::to_string(failure.allowed.count()) + " ms";
  if (!failure.connected) return {Code::kTimeout, "no connection to " + failure.target + within};
  if (!failure.answered) return {Code::kTimeout, "no answer from " + failure.target + within};
  return {Code::kTimeout, "answer of " + failure.target + " not complete" + within};
}

Error too_large_error(const FetchFailure& failure, bool body) {
  if (failure.past_cap && *failure.past_cap != "body" && *failure.past_cap != "headers") {
    return {Code::kTooLarge, "body of " + failure.target + " given up: " + *failure.past_cap};
  }
  const size_t cap = body ? failure.limits.body_bytes : failure.limits.header_bytes;
  return {Code::kTooLarge, std::string(body ? "body" : "headers") + " of " + failure.target +
                               " larger than " + std::to_string(cap) + " bytes"};
}

// What libcurl and OpenSSL say of a handshake that failed names the reason: the certificate is not
// for that name, is out of date, or nobody known has signed it.
Error tls_error(const FetchFailure& failure) {
  return {Code::kDenied,
          "TLS with " + failure.target + ": " +
              (failure.text.empty() ? curl_easy_strerror(failure.code) : failure.text)};
}

Error bad_http(const FetchFailure& failure) {
  return {Code::kInvalid,
          "no valid HTTP from " + failure.target + ": " +
              (failure.text.empty() ? curl_easy_strerror(failure.code) : failure.text)};
}

}  // namespace

Error describe_failure(const FetchFailure& failure) {
  switch (failure.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return {Code::kUnavailable, "name of " + failure.target + " does not resolve"};
    case CURLE_COULDNT_CONNECT: return connect_error(failure);
    case CURLE_OPERATION_TIMEDOUT: return timeout_error(failure);
    case CURLE_GOT_NOTHING:
      return {Code::kUnavailable, failure.target + " closed the connection without an answer"};
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      // libcurl reports a chunk it cannot read under the same code as a broken socket.
      if (!failure.text.starts_with("Recv failure") && !failure.text.starts_with("Send failure")) {
        return bad_http(failure);
      }
      return {Code::kUnavailable, failure.target + " broke the connection: " + failure.text};
    case CURLE_PARTIAL_FILE:
      return {Code::kUnavailable, failure.target + " closed the connection inside the body"};
    case CURLE_FILESIZE_EXCEEDED: return too_large_error(failure, true);
    case CURLE_WRITE_ERROR: return too_large_error(failure, failure.past_cap == "body");
    // libcurl's own limit on one header line that never ends (100 KiB).
    case CURLE_OUT_OF_MEMORY: return too_large_error(failure, false);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_ISSUER_ERROR: return tls_error(failure);
    default: return bad_http(failure);
  }
}

Result<std::string> parse_target(const std::string& url, bool https_too) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), curl_url_cleanup);
  CHECK(parsed != nullptr);
  const auto invalid = [&](const std::string& why) {
    return Error{Code::kInvalid, "URL '" + url + "': " + why};
  };
  if (const CURLUcode code = curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0)) {
    return invalid(curl_url_strerror(code));
  }
  const auto part = [&](CURLUPart which) {
    char* text = nullptr;
    std::string copy;
    if (curl_url_get(parsed.get(), which, &text, CURLU_DEFAULT_PORT) == CURLUE_OK) copy = text;
    curl_free(text);
    return copy;
  };
  const std::string scheme = part(CURLUPART_SCHEME);
  if (scheme != "http" && !(https_too && scheme == "https")) {
    return invalid(https_too ? "only http:// and https:// are fetched" : "only http:// is fetched");
  }
  return part(CURLUPART_HOST) + ":" + part(CURLUPART_PORT);
}

}  // namespace autoscaler
