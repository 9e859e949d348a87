#pragma once

#include "base/rest_client.h"
#include "controller/kubernetes/api_error.h"
#include "controller/kubernetes/credentials.h"
#include "controller/kubernetes/token_bucket.h"
#include "policies/workload.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace autoscaler {

struct ApiSettings {
  double per_second = 50;  // requests, in the long run
  int burst = 100;
  int in_flight = 8;  // more only make each take longer
  std::chrono::milliseconds deadline{10'000};
  size_t body_bytes = 4u << 20;  // of an answer that is no stream
  std::string user_agent = "autoscaler";
  // Asked just before anything but a GET is sent, of any thread, with the workload that it is for:
  // for how long from now on it may be written. 0: it is not sent. Empty: for ever.
  std::function<std::chrono::nanoseconds(const WorkloadId& workload)> may_write_for = {};
  // So much of a Retry-After counts, which may say an hour.
  std::chrono::milliseconds longest_pause{30'000};
  // Ends the calls that are given no stop of their own, and lets none be sent from then on.
  std::stop_token stop = {};
};

// What was answered: the object, or why there is none. kExhausted: it was not sent at all;
// kTimeout, kUnavailable: of a write nobody knows what became.
struct ApiAnswer {
  std::string body;
  std::optional<ApiError> error;
  bool ok() const { return !error; }
};

// What an answer may be: the object, or of each object its metadata alone, from a server that can.
inline constexpr const char* kAcceptJson = "application/json";
inline constexpr const char* kAcceptMetadata =
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
inline constexpr const char* kAcceptMetadataList =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

struct ApiRequest {
  std::string method = "GET";
  std::string path;
  std::string body = {};
  std::string content_type = {};
  WorkloadId workload = {};
  std::chrono::milliseconds deadline{0};  // 0: the settings'
  const char* accept = kAcceptJson;
};

// Calls to one API server. Blocks; thread-safe.
//
// A request waits for its turn (the rate, the number in flight, the pause that a 429 asked for) and
// then for the answer, both within one deadline. Reads that fail in transport, with 429 or a 5xx
// are tried up to twice again within it, after a Retry-After where there was one. Writes never are,
// but for a 401, which has done nothing: after one, reads and writes are sent once more with what
// the token file has or the plugin gives.
//
// Writes are fenced by `may_write_for`, each for the workload that it is for: a process that was
// stopped between the decision and the write, and is woken when another one leads, sends nothing.
// One that is under way, its connection perhaps not yet made, is cut off when that time is over.
// What a stop between this question and the send lets through carries a resourceVersion, which the
// other's first write makes a conflict.
class ApiClient {
 public:
  // `now`: the wall clock, for tokens that expire.
  ApiClient(ApiAccess access, ApiSettings settings, std::function<Instant()> now);

  const std::string& name_space() const { return access_.name_space; }
  const std::string& url() const { return access_.url; }
  std::chrono::milliseconds deadline() const { return settings_.deadline; }

  // `deadline` 0: the settings'. `room`: its memory is that of the answer, as far as it goes.
  ApiAnswer get(const std::string& path, const std::stop_token& stop = {},
                std::chrono::milliseconds deadline = {}, std::string room = {});
  // POST: kAlreadyExists where there is one.
  ApiAnswer create(const std::string& path, std::string body, const std::stop_token& stop = {},
                   const WorkloadId& workload = {});
  // PUT: a body with metadata.resourceVersion replaces that version and no other (kConflict).
  ApiAnswer replace(const std::string& path, std::string body, const std::stop_token& stop = {},
                    const WorkloadId& workload = {}, std::chrono::milliseconds deadline = {});
  // The same holds for a merge patch that has metadata.resourceVersion.
  ApiAnswer merge_patch(const std::string& path, std::string body, const std::stop_token& stop = {},
                        const WorkloadId& workload = {}, std::chrono::milliseconds deadline = {});
  // Server-side apply under our name; takes fields over from others where `force`.
  ApiAnswer apply(const std::string& path, std::string body, bool force,
                  const std::stop_token& stop = {}, const WorkloadId& workload = {});
  ApiAnswer remove(const std::string& path, const std::stop_token& stop = {},
                   const WorkloadId& workload = {});

  // A list or a watch: the body of a 200 goes to `sink` as it comes, first of all, perhaps nothing,
  // when the server has agreed; false from it ends the call.
  // Not tried again: some of it may have been taken. Does not count as in flight.
  std::optional<ApiError> stream(const std::string& path, std::chrono::milliseconds deadline,
                                 const std::function<bool(std::string_view)>& sink,
                                 const std::stop_token& stop, const char* accept = kAcceptJson);

 private:
  class Lane;
  const std::stop_token& stop_of(const std::stop_token& own) const {
    return own.stop_possible() ? own : settings_.stop;
  }
  using Time = std::chrono::steady_clock::time_point;

  ApiAnswer send(const ApiRequest& request, const std::stop_token& own, std::string room = {});
  ApiAnswer send_once(const ApiRequest& request, Time until, const std::stop_token& stop,
                      std::string room);
  std::optional<ApiError> exchange(const ApiRequest& request, Time until, const BodySink& sink,
                                   const std::stop_token& stop);
  std::optional<ApiError> fenced(const ApiRequest& request, Time& until) const;
  std::optional<Error> wait_for_turn(Time until, const std::stop_token& stop);
  void pause(const ApiError& error);
  std::shared_ptr<RestClient> client_for(const Pass& pass);
  ApiError transport_error(const ApiRequest& request, const Error& error) const;

  const ApiAccess access_;
  const ApiSettings settings_;
  Credentials credentials_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable_any freed_;
  TokenBucket bucket_;
  int in_flight_ = 0;
  std::shared_ptr<RestClient> client_;
  TlsFiles client_tls_;
};

// %-encodes what a query value may not hold: selectors, continue tokens.
std::string query_value(std::string_view text);

}  // namespace autoscaler
