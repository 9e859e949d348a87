#include "base/transfer_loop.h"

#include "base/check.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <unistd.h>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

// Of handles without a transfer, kept after a burst with their buffers (16 MiB in all at most).
constexpr size_t kIdleHandles = 64;
// Beside the shard and socket that other events carry.
constexpr uint64_t kWake = ~uint64_t{0};

}  // namespace

TransferLoop::TransferLoop(Ended ended, size_t shards) : ended_(std::move(ended)) {
  static std::once_flag once;
  std::call_once(once, [] { CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
  CHECK(shards > 0);
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  CHECK(epoll_ >= 0 && wake_ >= 0);
  epoll_event event{};
  event.data.u64 = kWake;
  event.events = EPOLLIN;
  CHECK(epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) == 0);
  while (shards_.size() < shards) add_shard();
}

void TransferLoop::add_shard() {
  auto shard = std::make_unique<Shard>();
  shard->loop = this;
  shard->index = static_cast<uint32_t>(shards_.size());
  shard->multi = curl_multi_init();
  CHECK(shard->multi != nullptr);
  curl_multi_setopt(shard->multi, CURLMOPT_SOCKETFUNCTION, &TransferLoop::on_socket);
  curl_multi_setopt(shard->multi, CURLMOPT_SOCKETDATA, shard.get());
  curl_multi_setopt(shard->multi, CURLMOPT_TIMERFUNCTION, &TransferLoop::on_timer);
  curl_multi_setopt(shard->multi, CURLMOPT_TIMERDATA, shard.get());
  shards_.push_back(std::move(shard));
}

TransferLoop::~TransferLoop() {
  for (const auto& transfer : active_) {
    curl_multi_remove_handle(shards_[transfer->shard]->multi, transfer->easy);
  }
  active_.clear();
  idle_.clear();
  for (const auto& shard : shards_) curl_multi_cleanup(shard->multi);
  close(wake_);
  close(epoll_);
}

void TransferLoop::keep_connections(size_t at_least) {
  if (at_least <= kept_connections_) return;
  kept_connections_ = at_least;
  for (const auto& shard : shards_) {
    curl_multi_setopt(shard->multi, CURLMOPT_MAXCONNECTS, static_cast<long>(at_least));
  }
}

std::unique_ptr<Transfer> TransferLoop::take_idle() {
  if (idle_.empty()) return std::make_unique<Transfer>();
  std::unique_ptr<Transfer> transfer = std::move(idle_.back());
  idle_.pop_back();
  return transfer;
}

void TransferLoop::put_idle(std::unique_ptr<Transfer> transfer) {
  if (idle_.size() < kIdleHandles) idle_.push_back(std::move(transfer));
}

void TransferLoop::start(std::unique_ptr<Transfer> transfer) {
  transfer->shard = std::hash<std::string>()(transfer->target) % shards_.size();
  CHECK(curl_multi_add_handle(shards_[transfer->shard]->multi, transfer->easy) == CURLM_OK);
  transfer->slot = active_.size();
  active_.push_back(std::move(transfer));
}

int TransferLoop::on_socket(CURL*, curl_socket_t socket, int what, void* user, void* known) {
  const auto& shard = *static_cast<Shard*>(user);
  const int epoll = shard.loop->epoll_;
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(epoll, EPOLL_CTL_DEL, socket, nullptr);
    return 0;
  }
  epoll_event event{};
  event.data.u64 = (uint64_t{shard.index} << 32) | static_cast<uint32_t>(socket);
  event.events = ((what & CURL_POLL_IN) ? EPOLLIN : 0u) | ((what & CURL_POLL_OUT) ? EPOLLOUT : 0u);
  epoll_ctl(epoll, known == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event);
  curl_multi_assign(shard.multi, socket, user);  // any value: "this socket is in epoll"
  return 0;
}

int TransferLoop::on_timer(CURLM*, long timeout_ms, void* user) {
  auto& shard = *static_cast<Shard*>(user);
  shard.timer.reset();
  if (timeout_ms >= 0) shard.timer = steady_clock::now() + milliseconds(timeout_ms);
  return 0;
}

int TransferLoop::wait_in_ms(std::optional<nanoseconds> at_most) const {
  std::optional<steady_clock::time_point> first;
  for (const auto& shard : shards_) {
    if (shard->timer && (!first || *shard->timer < *first)) first = shard->timer;
  }
  std::optional<nanoseconds> wait = at_most;
  if (first) {
    const nanoseconds until = *first - steady_clock::now();
    wait = wait ? std::min(*wait, until) : until;
  }
  if (!wait) return -1;
  constexpr milliseconds kLongest = std::chrono::hours(1);
  const auto rounded = std::chrono::ceil<milliseconds>(*wait);
  return static_cast<int>(std::clamp(rounded, milliseconds(0), kLongest).count());
}

void TransferLoop::run_once(std::optional<nanoseconds> at_most) {
  std::array<epoll_event, 256> events;
  const int ready =
      epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_in_ms(at_most));
  CHECK(ready >= 0 || errno == EINTR);
  int running = 0;
  for (int i = 0; i < ready; ++i) {
    const epoll_event& event = events[static_cast<size_t>(i)];
    if (event.data.u64 == kWake) {
      uint64_t count = 0;
      if (read(wake_, &count, sizeof count) < 0) CHECK(errno == EAGAIN);
      continue;
    }
    const int what = ((event.events & EPOLLIN) ? CURL_CSELECT_IN : 0) |
                     ((event.events & EPOLLOUT) ? CURL_CSELECT_OUT : 0) |
                     ((event.events & (EPOLLERR | EPOLLHUP)) ? CURL_CSELECT_ERR : 0);
    const Shard& shard = *shards_[event.data.u64 >> 32];
    const auto socket = static_cast<curl_socket_t>(event.data.u64 & 0xffffffffu);
    curl_multi_socket_action(shard.multi, socket, what, &running);
    collect(shard);
  }
  fire_timers();
}

void TransferLoop::fire_timers() {
  const steady_clock::time_point now = steady_clock::now();
  for (const auto& shard : shards_) {
    if (!shard->timer || *shard->timer > now) continue;
    shard->timer.reset();
    int running = 0;
    curl_multi_socket_action(shard->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect(*shard);
  }
}

void TransferLoop::collect(const Shard& shard) {
  int queued = 0;
  while (const CURLMsg* message = curl_multi_info_read(shard.multi, &queued)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;  // removing the handle below frees the message
    char* owner = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
    end(*static_cast<Transfer*>(static_cast<void*>(owner)), code);
  }
}

void TransferLoop::end(Transfer& transfer, CURLcode code) {
  if (code == CURLE_OK) {
    long status = 0;
    const char* type = nullptr;
    curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(transfer.easy, CURLINFO_CONTENT_TYPE, &type);
    transfer.response.status = static_cast<int>(status);
    if (type != nullptr) transfer.response.content_type = type;
  }
  curl_multi_remove_handle(shards_[transfer.shard]->multi, transfer.easy);
  const size_t slot = transfer.slot;
  std::unique_ptr<Transfer> owned = std::move(active_[slot]);
  CHECK(owned.get() == &transfer);
  if (slot + 1 < active_.size()) {
    active_[slot] = std::move(active_.back());
    active_[slot]->slot = slot;
  }
  active_.pop_back();
  ended_(std::move(owned), code);
}

void TransferLoop::abort_all(CURLcode code) {
  while (!active_.empty()) end(*active_.back(), code);
}

void TransferLoop::abort_largest(const char* past_cap) {
  const auto largest =
      std::max_element(active_.begin(), active_.end(), [](const auto& a, const auto& b) {
        return a->response.body.size() < b->response.body.size();
      });
  if (largest == active_.end()) return;
  (*largest)->past_cap = past_cap;
  end(**largest, CURLE_WRITE_ERROR);
}

void TransferLoop::wake() {
  const uint64_t one = 1;
  if (write(wake_, &one, sizeof one) < 0) CHECK(errno == EAGAIN);
}

}  // namespace autoscaler
