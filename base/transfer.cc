#include "base/transfer.h"

#include "base/check.h"
#include "base/fetch_error.h"

#include <sys/socket.h>

#include <cerrno>
#include <mutex>
#include <string_view>
#include <strings.h>

namespace autoscaler {
namespace {

// A body's memory is kept for the next one up to here: most pages fit, and 5,000 kept handles would
// be 1.2 GiB if each ever needed it. Handles in use at a time are a few dozen.
constexpr size_t kKeptBody = 256u << 10;
// Fewer and larger reads: a page of 50 KB in one instead of four.
constexpr long kReceiveBuffer = 64L << 10;
// A rotated CA file is seen by connections opened this long after.
constexpr long kCaCacheSeconds = 60;

size_t take_body(char* data, size_t, size_t bytes, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (transfer.past_cap) return 0;
  std::string& body = transfer.response.body;
  if (body.size() + bytes > transfer.limits.body_bytes) {
    transfer.past_cap = "body";
    return 0;
  }
  body.append(data, bytes);
  if (transfer.bytes_of_all != nullptr) *transfer.bytes_of_all += bytes;
  return bytes;
}

void take_encoding(std::string_view line, FetchResponse& response) {
  constexpr std::string_view kName = "content-encoding:";
  if (line.size() <= kName.size() || strncasecmp(line.data(), kName.data(), kName.size()) != 0) {
    return;
  }
  line.remove_prefix(kName.size());
  const size_t first = line.find_first_not_of(" \t");
  const size_t last = line.find_last_not_of(" \t\r\n");
  if (first == std::string_view::npos || last < first) return;
  response.content_encoding.assign(line.substr(first, last + 1 - first));
}

// Interim answers (100 Continue) and trailers count too, so that neither can be sent for ever.
size_t take_header(char* data, size_t, size_t bytes, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  transfer.header_bytes += bytes;
  if (transfer.header_bytes > transfer.limits.header_bytes) {
    transfer.past_cap = "headers";
    return 0;
  }
  take_encoding({data, bytes}, transfer.response);
  return bytes;
}

// Close-on-exec, so that no child inherits a connection; and the errno that libcurl does not keep.
curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  const int socket = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (socket < 0) static_cast<Transfer*>(user)->socket_error = errno;
  return socket < 0 ? CURL_SOCKET_BAD : socket;
}

}  // namespace

Transfer::Transfer() {
  CHECK(easy != nullptr);
}

Transfer::~Transfer() {
  curl_easy_cleanup(easy);
  curl_slist_free_all(headers);
  curl_slist_free_all(connect_to);
}

void Transfer::renew() {
  if (bytes_of_all != nullptr) *bytes_of_all -= response.body.size();
  response.status = 0;
  response.content_type.clear();
  response.content_encoding.clear();
  if (response.body.capacity() > kKeptBody)
    response.body = std::string();
  else
    response.body.clear();
  header_bytes = 0;
  past_cap.reset();
  error_text.front() = '\0';
  socket_error = 0;
}

void Transfer::reset(const char* protocols) {
  curl_easy_reset(easy);  // keeps nothing but the memory; connections live in the multi handle
  curl_slist_free_all(headers);
  curl_slist_free_all(connect_to);
  headers = nullptr;
  connect_to = nullptr;

  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, protocols);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // also not from the environment
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  // A name that does not resolve must not hold up the others while its thread is waited for.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  // Only a new connection resolves, and then anew. Besides, libcurl 7.88 walks through all that it
  // remembers after each transfer: with 5,000 hosts that was two thirds of the CPU.
  curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, kCaCacheSeconds);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, kReceiveBuffer);
  curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(limits.body_bytes));
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_text.data());
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
}

void Transfer::set_deadline(std::chrono::milliseconds at_most) {
  allowed = at_most;
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(at_most.count()));
}

std::optional<Error> Transfer::failure(CURLcode code) const {
  if (code == CURLE_OK) return std::nullopt;
  FetchFailure failure;
  failure.code = code;
  failure.target = target;
  failure.allowed = allowed;
  failure.past_cap = past_cap;
  failure.limits = limits;
  failure.text = error_text.data();
  failure.answered = header_bytes > 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &failure.os_error);
  if (socket_error != 0) failure.os_error = socket_error;
  curl_off_t sending_after_us = 0;  // set on a kept connection too, unlike the connect time
  curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &sending_after_us);
  failure.connected = sending_after_us > 0;
  return describe_failure(failure);
}

}  // namespace autoscaler
