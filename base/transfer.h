#pragma once

#include "base/fetch.h"

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace autoscaler {

// One HTTP exchange on its way, and the easy handle that carries it. Used again and again: a handle
// that was configured keeps its options, so that a fetch sets only what differs.
struct Transfer {
  CURL* easy = curl_easy_init();
  curl_slist* headers = nullptr;
  curl_slist* connect_to = nullptr;
  std::shared_ptr<void> owner;  // whose exchange it is
  size_t slot = 0;              // in the list of active ones of the loop that carries it
  size_t shard = 0;             // of that loop
  uint64_t profile = 0;         // which options the handle has; 0: none
  FetchLimits limits;
  std::string target;  // host:port
  std::chrono::milliseconds allowed{0};
  FetchResponse response;
  size_t header_bytes = 0;
  std::optional<std::string> past_cap;  // which cap cut it off
  size_t* bytes_of_all = nullptr;       // what the bodies on their way hold together
  std::array<char, CURL_ERROR_SIZE> error_text{};
  int socket_error = 0;  // errno where no socket could be had

  Transfer();
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // Forgets the last exchange and keeps the options; the body's memory too, where it is small.
  void renew();
  // Every option to its start: no redirects, no proxy, HTTP/1.1, the caps, `protocols` alone.
  void reset(const char* protocols);
  void set_deadline(std::chrono::milliseconds at_most);
  // The answer, or why there is none. The response is read in place.
  std::optional<Error> failure(CURLcode code) const;
};

}  // namespace autoscaler
