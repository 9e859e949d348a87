#include "base/fetch.h"

#include "base/fetch_error.h"

#include <curl/curl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <optional>
#include <unistd.h>

namespace autoscaler {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

// One request on its way, and the easy handle that carries it; reused from batch to batch.
struct Transfer {
  CURL* easy = curl_easy_init();
  curl_slist* headers = nullptr;
  size_t index = 0;  // of the request
  const FetchLimits* limits = nullptr;
  std::string target;  // host:port
  milliseconds allowed{0};
  std::string body;
  size_t header_bytes = 0;
  std::optional<std::string> past_cap;  // which cap cut it off
  std::array<char, CURL_ERROR_SIZE> error_text{};
  int socket_error = 0;  // errno where no socket could be had

  Transfer() { CHECK(easy != nullptr); }
  ~Transfer() {
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
};

size_t take_body(char* data, size_t, size_t bytes, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (transfer.body.size() + bytes > transfer.limits->body_bytes) {
    transfer.past_cap = "body";
    return 0;
  }
  transfer.body.append(data, bytes);
  return bytes;
}

// Interim answers (100 Continue) and trailers count too, so that neither can be sent for ever.
size_t count_headers(char*, size_t, size_t bytes, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  transfer.header_bytes += bytes;
  if (transfer.header_bytes > transfer.limits->header_bytes) {
    transfer.past_cap = "headers";
    return 0;
  }
  return bytes;
}

// Close-on-exec, so that no child inherits a connection; and the errno that libcurl does not keep.
curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  const int socket = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (socket < 0) static_cast<Transfer*>(user)->socket_error = errno;
  return socket < 0 ? CURL_SOCKET_BAD : socket;
}

void configure(Transfer& transfer, const FetchRequest& request) {
  CURL* easy = transfer.easy;
  curl_easy_reset(easy);  // keeps nothing but the memory; connections live in the multi handle
  curl_slist_free_all(transfer.headers);
  transfer.headers = nullptr;
  for (const std::string& header : request.headers) {
    transfer.headers = curl_slist_append(transfer.headers, header.c_str());
  }
  transfer.body.clear();
  transfer.header_bytes = 0;
  transfer.past_cap.reset();
  transfer.error_text.fill('\0');
  transfer.socket_error = 0;

  curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // also not from the environment
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  // A name that does not resolve must not hold up the batch while its thread is waited for.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(transfer.allowed.count()));
  curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE,
                   static_cast<curl_off_t>(transfer.limits->body_bytes));
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error_text.data());
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, count_headers);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
}

FetchFailure failure_of(const Transfer& transfer, CURLcode code) {
  FetchFailure failure;
  failure.code = code;
  failure.target = transfer.target;
  failure.allowed = transfer.allowed;
  failure.past_cap = transfer.past_cap;
  failure.limits = *transfer.limits;
  failure.text = transfer.error_text.data();
  failure.answered = transfer.header_bytes > 0;
  curl_easy_getinfo(transfer.easy, CURLINFO_OS_ERRNO, &failure.os_error);
  if (transfer.socket_error != 0) failure.os_error = transfer.socket_error;
  curl_off_t sending_after_us = 0;  // set on a kept connection too, unlike the connect time
  curl_easy_getinfo(transfer.easy, CURLINFO_PRETRANSFER_TIME_T, &sending_after_us);
  failure.connected = sending_after_us > 0;
  return failure;
}

Result<FetchResponse> outcome(Transfer& transfer, CURLcode code) {
  if (code != CURLE_OK) return describe_failure(failure_of(transfer, code));
  long status = 0;
  curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  return FetchResponse{static_cast<int>(status), std::move(transfer.body)};
}

}  // namespace

struct Fetcher::Impl {
  explicit Impl(FetchLimits given);
  ~Impl();

  std::vector<Result<FetchResponse>> fetch(std::span<const FetchRequest> requests);

 private:
  void start(const FetchRequest& request, std::string target, size_t index, milliseconds slice);
  void wait_and_act();
  void collect(std::vector<std::optional<Result<FetchResponse>>>& results);
  void finish(Transfer& transfer, CURLcode code,
              std::vector<std::optional<Result<FetchResponse>>>& results);
  milliseconds left() const;

  static int on_socket(CURL*, curl_socket_t socket, int what, void* user, void* known);
  static int on_timer(CURLM*, long timeout_ms, void* user);

  const FetchLimits limits_;
  CURLM* multi_ = nullptr;
  int epoll_ = -1;
  SteadyTime batch_end_;
  std::optional<SteadyTime> timer_;  // when libcurl wants to be called next
  std::vector<std::unique_ptr<Transfer>> idle_;
  std::vector<std::unique_ptr<Transfer>> active_;
  long kept_connections_ = 0;
};

Fetcher::Impl::Impl(FetchLimits given) : limits_(given) {
  CHECK(limits_.parallel > 0 && limits_.deadline > milliseconds(0));
  static std::once_flag once;
  std::call_once(once, [] { CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
  multi_ = curl_multi_init();
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  CHECK(multi_ != nullptr && epoll_ >= 0);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Impl::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Impl::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

Fetcher::Impl::~Impl() {
  CHECK(active_.empty());
  idle_.clear();
  curl_multi_cleanup(multi_);
  close(epoll_);
}

int Fetcher::Impl::on_socket(CURL*, curl_socket_t socket, int what, void* user, void* known) {
  auto& self = *static_cast<Impl*>(user);
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(self.epoll_, EPOLL_CTL_DEL, socket, nullptr);
    return 0;
  }
  epoll_event event{};
  event.data.fd = socket;
  event.events = ((what & CURL_POLL_IN) ? EPOLLIN : 0u) | ((what & CURL_POLL_OUT) ? EPOLLOUT : 0u);
  epoll_ctl(self.epoll_, known == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event);
  curl_multi_assign(self.multi_, socket, &self);  // any value: "this socket is in epoll"
  return 0;
}

int Fetcher::Impl::on_timer(CURLM*, long timeout_ms, void* user) {
  auto& self = *static_cast<Impl*>(user);
  self.timer_.reset();
  if (timeout_ms >= 0) self.timer_ = std::chrono::steady_clock::now() + milliseconds(timeout_ms);
  return 0;
}

milliseconds Fetcher::Impl::left() const {
  return std::chrono::ceil<milliseconds>(batch_end_ - std::chrono::steady_clock::now());
}

void Fetcher::Impl::start(const FetchRequest& request, std::string target, size_t index,
                          milliseconds slice) {
  if (idle_.empty()) idle_.push_back(std::make_unique<Transfer>());
  std::unique_ptr<Transfer> transfer = std::move(idle_.back());
  idle_.pop_back();
  transfer->index = index;
  transfer->limits = &limits_;
  transfer->target = std::move(target);
  transfer->allowed =
      std::clamp(left(), milliseconds(1), std::min(slice, request.timeout.value_or(slice)));
  configure(*transfer, request);
  CHECK(curl_multi_add_handle(multi_, transfer->easy) == CURLM_OK);
  active_.push_back(std::move(transfer));
}

void Fetcher::Impl::wait_and_act() {
  milliseconds wait = left();
  if (timer_) {
    const auto until_timer =
        std::chrono::ceil<milliseconds>(*timer_ - std::chrono::steady_clock::now());
    wait = std::min(wait, until_timer);
  }
  std::array<epoll_event, 256> events;
  const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                               static_cast<int>(std::max(wait, milliseconds(0)).count()));
  CHECK(ready >= 0 || errno == EINTR);
  int running = 0;
  for (int i = 0; i < ready; ++i) {
    const uint32_t seen = events[static_cast<size_t>(i)].events;
    const int what = ((seen & EPOLLIN) ? CURL_CSELECT_IN : 0) |
                     ((seen & EPOLLOUT) ? CURL_CSELECT_OUT : 0) |
                     ((seen & (EPOLLERR | EPOLLHUP)) ? CURL_CSELECT_ERR : 0);
    curl_multi_socket_action(multi_, events[static_cast<size_t>(i)].data.fd, what, &running);
  }
  if (timer_ && *timer_ <= std::chrono::steady_clock::now()) {
    timer_.reset();
    curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
  }
}

void Fetcher::Impl::finish(Transfer& transfer, CURLcode code,
                           std::vector<std::optional<Result<FetchResponse>>>& results) {
  results[transfer.index].emplace(outcome(transfer, code));
  transfer.body = std::string();  // a kept handle keeps no 16 MiB body
  curl_multi_remove_handle(multi_, transfer.easy);
  const auto at = std::find_if(active_.begin(), active_.end(),
                               [&](const auto& each) { return each.get() == &transfer; });
  idle_.push_back(std::move(*at));
  *at = std::move(active_.back());
  active_.pop_back();
}

void Fetcher::Impl::collect(std::vector<std::optional<Result<FetchResponse>>>& results) {
  int queued = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &queued)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;  // removing the handle below frees the message
    char* owner = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
    finish(*static_cast<Transfer*>(static_cast<void*>(owner)), code, results);
  }
}

std::vector<Result<FetchResponse>> Fetcher::Impl::fetch(std::span<const FetchRequest> requests) {
  batch_end_ = std::chrono::steady_clock::now() + limits_.deadline;
  const auto parallel = static_cast<size_t>(limits_.parallel);
  if (static_cast<long>(requests.size()) > kept_connections_) {
    kept_connections_ = static_cast<long>(requests.size());
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kept_connections_);
  }
  // More requests than slots: each gets a fair part of the deadline, so that 256 dead targets
  // cannot eat the time of the 257th. 600 requests over 256 slots in 900 ms: 300 ms each.
  const size_t waves = std::max<size_t>(1, (requests.size() + parallel - 1) / parallel);
  const milliseconds slice =
      std::max(milliseconds(1), limits_.deadline / static_cast<int64_t>(waves));

  std::vector<std::optional<Result<FetchResponse>>> results(requests.size());
  size_t next = 0;
  while (next < requests.size() || !active_.empty()) {
    while (next < requests.size() && active_.size() < parallel) {
      Result<std::string> target = parse_target(requests[next].url);
      if (target) {
        start(requests[next], std::move(target).value(), next, slice);
      } else {
        results[next].emplace(target.error());
      }
      ++next;
    }
    if (active_.empty()) break;
    wait_and_act();
    collect(results);
    if (left() > milliseconds(0)) continue;
    while (!active_.empty()) finish(*active_.back(), CURLE_OPERATION_TIMEDOUT, results);
    break;
  }

  std::vector<Result<FetchResponse>> answers;
  answers.reserve(results.size());
  for (size_t i = 0; i < results.size(); ++i) {
    answers.push_back(results[i] ? std::move(*results[i])
                                 : Error{Code::kTimeout,
                                         "no time was left to ask " + requests[i].url + " within " +
                                             std::to_string(limits_.deadline.count()) + " ms"});
  }
  return answers;
}

Fetcher::Fetcher(FetchLimits limits) : impl_(std::make_unique<Impl>(limits)) {}
Fetcher::~Fetcher() = default;

std::vector<Result<FetchResponse>> Fetcher::fetch(std::span<const FetchRequest> requests) {
  return impl_->fetch(requests);
}

}  // namespace autoscaler
