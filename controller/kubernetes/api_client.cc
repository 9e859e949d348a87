#include "controller/kubernetes/api_client.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kTries = 3;
constexpr milliseconds kFirstWait{100};   // before the second try, twice as long before the third
constexpr milliseconds kThrottled{1000};  // a 429 that names no time
constexpr size_t kErrorBytes = 64u << 10;
constexpr const char* kMergePatch = "application/merge-patch+json";
constexpr const char* kApplyPatch = "application/apply-patch+yaml";

milliseconds left_until(steady_clock::time_point until) {
  return std::chrono::ceil<milliseconds>(until - steady_clock::now());
}

bool may_try_again(const ApiRequest& request, ApiReason reason) {
  if (request.method != "GET") return false;
  return reason == ApiReason::kTransport || reason == ApiReason::kTooManyRequests ||
         reason == ApiReason::kServer;
}

// Waits without a condition; false where a stop was requested.
bool wait_until(steady_clock::time_point at, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_until(lock, stop, at, [] { return false; });
  return !stop.stop_requested();
}

std::string asked(const ApiRequest& request) {
  return request.method + " " + request.path.substr(0, request.path.find('?'));
}

}  // namespace

// One of those in flight, from the turn to the answer.
class ApiClient::Lane {
 public:
  explicit Lane(ApiClient& client) : client_(client) {}
  ~Lane() {
    const std::lock_guard lock(client_.mutex_);
    --client_.in_flight_;
    client_.freed_.notify_one();
  }
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

 private:
  ApiClient& client_;
};

ApiClient::ApiClient(ApiAccess access, ApiSettings settings, std::function<Instant()> now)
    : access_(access),
      settings_(std::move(settings)),
      credentials_(std::move(access), std::move(now)),
      bucket_(settings_.per_second, settings_.burst) {}

ApiAnswer ApiClient::get(const std::string& path, const std::stop_token& stop,
                         milliseconds deadline, std::string room) {
  return send({.path = path, .deadline = deadline}, stop, std::move(room));
}

ApiAnswer ApiClient::create(const std::string& path, std::string body, const std::stop_token& stop,
                            const WorkloadId& workload) {
  return send({"POST", path, std::move(body), "application/json", workload}, stop);
}

ApiAnswer ApiClient::replace(const std::string& path, std::string body, const std::stop_token& stop,
                             const WorkloadId& workload, milliseconds deadline) {
  return send({"PUT", path, std::move(body), "application/json", workload, deadline}, stop);
}

ApiAnswer ApiClient::merge_patch(const std::string& path, std::string body,
                                 const std::stop_token& stop, const WorkloadId& workload,
                                 milliseconds deadline) {
  return send({"PATCH", path, std::move(body), kMergePatch, workload, deadline}, stop);
}

ApiAnswer ApiClient::apply(const std::string& path, std::string body, bool force,
                           const std::stop_token& stop, const WorkloadId& workload) {
  const std::string query =
      std::string("?fieldManager=autoscaler&force=") + (force ? "true" : "false");
  return send({"PATCH", path + query, std::move(body), kApplyPatch, workload}, stop);
}

ApiAnswer ApiClient::remove(const std::string& path, const std::stop_token& stop,
                            const WorkloadId& workload) {
  return send({.method = "DELETE", .path = path, .workload = workload}, stop);
}

ApiAnswer ApiClient::send(const ApiRequest& request, const std::stop_token& own, std::string room) {
  const std::stop_token& stop = stop_of(own);
  const milliseconds deadline =
      request.deadline.count() > 0 ? request.deadline : settings_.deadline;
  const auto until = steady_clock::now() + deadline;
  ApiAnswer answer{.body = std::move(room)};
  for (int tries = 1;; ++tries) {
    answer = send_once(request, until, stop, std::move(answer.body));
    if (answer.ok() || tries == kTries || !may_try_again(request, answer.error->reason)) {
      return answer;
    }
    // A 429 has made the turn itself wait; a 503 of an API behind the server must not.
    const auto again =
        steady_clock::now() + std::max(kFirstWait * (1 << (tries - 1)),
                                       answer.error->retry_after.value_or(milliseconds(0)));
    if (again >= until || !wait_until(again, stop)) return answer;
  }
}

ApiAnswer ApiClient::send_once(const ApiRequest& request, Time until, const std::stop_token& stop,
                               std::string room) {
  {
    std::unique_lock lock(mutex_);
    const auto is_free = [this] { return in_flight_ < settings_.in_flight; };
    if (!freed_.wait_until(lock, stop, until, is_free)) {
      return {"", transport_error(
                      request, {Code::kExhausted, "not sent: no place among the calls under way"})};
    }
    ++in_flight_;
  }
  const Lane lane(*this);
  ApiAnswer answer{.body = std::move(room)};
  answer.body.clear();
  bool too_large = false;
  const auto collect = [&](const RestHead& head, std::string_view bytes) {
    // A string that grows to megabytes is there twice while it does.
    if (answer.body.empty()) answer.body.reserve(std::min(head.length, settings_.body_bytes));
    too_large = answer.body.size() + bytes.size() > settings_.body_bytes;
    if (!too_large) answer.body += bytes;
    return !too_large;
  };
  answer.error = exchange(request, until, collect, stop);
  if (too_large) {
    answer.error = transport_error(
        request, {Code::kTooLarge,
                  "the answer is longer than " + std::to_string(settings_.body_bytes) + " bytes"});
  }
  if (answer.error) answer.body.clear();
  return answer;
}

std::optional<ApiError> ApiClient::stream(const std::string& path, milliseconds deadline,
                                          const std::function<bool(std::string_view)>& sink,
                                          const std::stop_token& stop, const char* accept) {
  const auto pass_on = [&](const RestHead&, std::string_view bytes) { return sink(bytes); };
  return exchange({.path = path, .accept = accept}, steady_clock::now() + deadline, pass_on,
                  stop_of(stop));
}

// The one place where something is sent. `sink` has bodies of successes alone.
std::optional<ApiError> ApiClient::exchange(const ApiRequest& request, Time until,
                                            const BodySink& sink, const std::stop_token& stop) {
  for (bool again = false;; again = true) {
    Time end = until;
    if (auto error = fenced(request, end)) return error;  // before it waits and takes a turn
    if (auto error = wait_for_turn(until, stop)) return transport_error(request, *error);
    const Result<Pass> pass = credentials_.pass();
    if (!pass) return ApiError{ApiReason::kUnauthorized, pass.error()};
    RestRequest rest{request.method, request.path, {}, request.body, request.content_type};
    // A name of our own: to those of browsers and curl the server prints prettily, twice as much.
    rest.headers = {{"User-Agent", settings_.user_agent}, {"Accept", request.accept}};
    if (!pass->authorization.empty()) {
      rest.headers.emplace_back("Authorization", pass->authorization);
    }
    std::string refusal;
    const auto sort_out = [&](const RestHead& head, std::string_view bytes) {
      if (head.status / 100 == 2) return sink(head, bytes);
      refusal += bytes.substr(0, kErrorBytes - std::min(kErrorBytes, refusal.size()));
      return refusal.size() < kErrorBytes;
    };
    end = until;  // the lease may have been renewed while it waited
    if (auto error = fenced(request, end)) return error;
    const auto head = client_for(*pass)->stream(rest, left_until(end), sort_out, stop);
    if (!head) return transport_error(request, head.error());
    if (head->status / 100 == 2) return std::nullopt;
    ApiError error = api_error(asked(request), head->status, refusal);
    error.retry_after = head->retry_after;
    if (error.retry_after)
      error.retry_after = std::min(*error.retry_after, settings_.longest_pause);
    if (error.reason == ApiReason::kTooManyRequests) pause(error);
    if (error.reason != ApiReason::kUnauthorized || again) return error;
    credentials_.refused();
  }
}

// Shortens `until` to the time for which it may be written.
std::optional<ApiError> ApiClient::fenced(const ApiRequest& request, Time& until) const {
  if (request.method == "GET" || !settings_.may_write_for) return std::nullopt;
  const Time now = steady_clock::now();
  const auto left = settings_.may_write_for(request.workload);
  if (left > std::chrono::nanoseconds(0)) {
    if (left < until - now) until = now + left;
    return std::nullopt;
  }
  return ApiError{ApiReason::kFenced,
                  {Code::kConflict, asked(request) + ": not sent: another controller leads"}};
}

std::optional<Error> ApiClient::wait_for_turn(Time until, const std::stop_token& stop) {
  if (stop.stop_requested()) return Error{Code::kExhausted, "not sent: stopped"};
  std::optional<TokenBucket::Time> at;
  bool is_held = false;
  {
    const std::lock_guard lock(mutex_);
    at = bucket_.take(steady_clock::now().time_since_epoch(), until.time_since_epoch());
    is_held = bucket_.is_held(until.time_since_epoch());
  }
  if (!at && is_held) {
    return Error{Code::kExhausted,
                 "not sent: the API server has too many requests, and has asked for a pause that "
                 "is longer than the deadline"};
  }
  if (!at) {
    return Error{Code::kExhausted, "not sent: within the deadline there is no turn for it at " +
                                       std::to_string(std::lround(settings_.per_second)) +
                                       " requests a second (controller.kubernetes.qps)"};
  }
  const Time turn{std::chrono::duration_cast<Time::duration>(*at)};
  if (turn > steady_clock::now() && !wait_until(turn, stop)) {
    return Error{Code::kExhausted, "not sent: stopped"};
  }
  return std::nullopt;
}

// For all requests: the server has said that it has too many, whoever sends them.
void ApiClient::pause(const ApiError& error) {
  const milliseconds least = std::min(kThrottled, settings_.longest_pause);
  const std::lock_guard lock(mutex_);
  bucket_.hold(steady_clock::now().time_since_epoch() + error.retry_after.value_or(least));
}

// A new certificate makes new connections.
std::shared_ptr<RestClient> ApiClient::client_for(const Pass& pass) {
  const std::lock_guard lock(mutex_);
  if (client_ == nullptr || client_tls_ != pass.tls) {
    client_ = std::make_shared<RestClient>(access_.url, pass.tls, settings_.body_bytes);
    client_tls_ = pass.tls;
  }
  return client_;
}

ApiError ApiClient::transport_error(const ApiRequest& request, const Error& error) const {
  return {ApiReason::kTransport, {error.code, asked(request) + ": " + error.message}};
}

std::string query_value(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= '0' && byte <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      encoded += c;
    } else {
      encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return encoded;
}

}  // namespace autoscaler
