#include "metrics/http_poller.h"

#include "base/check.h"
#include "base/deaf_thread.h"
#include "base/fetch_error.h"
#include "base/transfer_loop.h"
#include "metrics/exposition.h"
#include "metrics/turns.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace autoscaler {
namespace {

using std::chrono::nanoseconds;

// Between two looks at the sockets; so a burst of new targets does not let bodies pile up.
constexpr int kStartsAtOnce = 8;
constexpr size_t kShards = 64;
// How often the files with secrets are looked at.
constexpr nanoseconds kRefresh = std::chrono::seconds(1);

struct Polled {
  PollTarget target;
  nanoseconds phase{0};
  Result<std::string> host_and_port;
  bool on_its_way = false;
  bool answered = false;
  bool gone = false;
};

}  // namespace

struct HttpPoller::Impl {
  Impl(PollSettings given, std::function<nanoseconds()> clock);
  ~Impl();

  // Of any thread.
  void poll(std::vector<PollTarget> targets);
  void wait_for_first_answers(Duration at_most);

 private:
  void run();
  bool take_orders();
  void adopt(std::vector<PollTarget>&& targets);
  void start_due();
  void start(const std::shared_ptr<Polled>& polled);
  void take(std::unique_ptr<Transfer> transfer, CURLcode code);
  void answer(Polled& polled, const Result<FetchResponse>& result);
  void configure(Transfer& transfer);

  const PollSettings settings_;
  const std::function<nanoseconds()> elapsed_;

  // The poller's thread alone.
  std::map<std::string, std::shared_ptr<Polled>> polled_;  // by id
  std::multimap<nanoseconds, std::shared_ptr<Polled>> turns_;
  Identity identity_;
  nanoseconds refreshed_{0};
  size_t bytes_of_all_ = 0;
  TransferLoop loop_;

  std::mutex mutex_;  // guards what follows
  std::optional<std::vector<PollTarget>> ordered_;
  bool stop_ = false;
  size_t unanswered_ = 0;
  std::condition_variable first_answers_;

  std::thread thread_;
};

HttpPoller::Impl::Impl(PollSettings given, std::function<nanoseconds()> clock)
    : settings_(std::move(given)),
      elapsed_(std::move(clock)),
      identity_(settings_.identity),
      loop_([this](std::unique_ptr<Transfer> transfer,
                   CURLcode code) { take(std::move(transfer), code); },
            kShards) {
  CHECK(settings_.interval > Duration(0) && settings_.timeout > Duration(0));
  thread_ = start_deaf_thread([this] { run(); });
  CHECK(thread_.joinable());
}

HttpPoller::Impl::~Impl() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  loop_.wake();
  thread_.join();
}

void HttpPoller::Impl::poll(std::vector<PollTarget> targets) {
  {
    const std::lock_guard lock(mutex_);
    ordered_ = std::move(targets);
  }
  loop_.wake();
}

void HttpPoller::Impl::wait_for_first_answers(Duration at_most) {
  std::unique_lock lock(mutex_);
  first_answers_.wait_for(lock, at_most, [this] { return !ordered_ && unanswered_ == 0; });
}

void HttpPoller::Impl::run() {
  while (take_orders()) {
    start_due();
    std::optional<nanoseconds> wait;
    if (!turns_.empty()) {
      wait = std::max(turns_.begin()->first - elapsed_(), nanoseconds(0));
    }
    loop_.run_once(wait);
    while (bytes_of_all_ > settings_.bytes_of_all) {
      loop_.abort_largest("the answers on their way hold too much together");
    }
  }
}

bool HttpPoller::Impl::take_orders() {
  std::optional<std::vector<PollTarget>> targets;
  {
    const std::lock_guard lock(mutex_);
    if (stop_) return false;
    targets.swap(ordered_);
    if (!targets) return true;
    // Until they have been counted below: nobody may think that there is none to wait for.
    unanswered_ = targets->size();
  }
  adopt(*std::move(targets));
  return true;
}

void HttpPoller::Impl::adopt(std::vector<PollTarget>&& targets) {
  const nanoseconds now = elapsed_();
  std::map<std::string, std::shared_ptr<Polled>> next;
  for (PollTarget& target : targets) {
    const auto known = polled_.find(target.id);
    if (known != polled_.end() && known->second->target.url == target.url &&
        known->second->target.sink == target.sink) {
      next.insert(polled_.extract(known));
      continue;
    }
    auto polled = std::make_shared<Polled>(Polled{
        .target = target,
        .phase = phase_of(target.id, settings_.interval),
        .host_and_port = parse_target(target.url, true),
    });
    turns_.emplace(now, polled);
    next.insert_or_assign(target.id, std::move(polled));
  }
  for (const auto& [id, polled] : polled_) polled->gone = true;
  polled_ = std::move(next);
  loop_.keep_connections(polled_.size());

  const std::lock_guard lock(mutex_);
  unanswered_ = 0;
  for (const auto& [id, polled] : polled_) unanswered_ += polled->answered ? 0 : 1;
  if (unanswered_ == 0) first_answers_.notify_all();
}

void HttpPoller::Impl::start_due() {
  const nanoseconds now = elapsed_();
  if (now - refreshed_ >= kRefresh) {
    identity_.refresh();
    refreshed_ = now;
  }
  for (int started = 0; started < kStartsAtOnce && !turns_.empty(); ++started) {
    const auto turn = turns_.begin();
    if (turn->first > now) return;
    const std::shared_ptr<Polled> polled = std::move(turn->second);
    turns_.erase(turn);
    if (polled->gone) continue;
    turns_.emplace(next_turn(now, polled->phase, settings_.interval), polled);
    if (!polled->on_its_way && polled->target.sink->may_ask()) start(polled);
  }
}

void HttpPoller::Impl::start(const std::shared_ptr<Polled>& polled) {
  if (!polled->host_and_port) return answer(*polled, polled->host_and_port.error());
  if (identity_.problem()) return answer(*polled, *identity_.problem());
  std::unique_ptr<Transfer> transfer = loop_.take_idle();
  if (transfer->profile != identity_.version()) configure(*transfer);
  transfer->target = *polled->host_and_port;
  if (identity_.renames_server()) {
    identity_.rename_server(*transfer, polled->target.url, transfer->target);
  } else {
    curl_easy_setopt(transfer->easy, CURLOPT_URL, polled->target.url.c_str());
  }
  transfer->owner = polled;
  polled->on_its_way = true;
  loop_.start(std::move(transfer));
}

void HttpPoller::Impl::configure(Transfer& transfer) {
  transfer.limits.body_bytes = settings_.body_bytes;
  transfer.limits.header_bytes = settings_.header_bytes;
  transfer.bytes_of_all = &bytes_of_all_;
  transfer.reset("http,https");
  transfer.headers = curl_slist_append(nullptr, kAcceptExposition);
  // A header of ours and not curl's option, which would inflate without a cap.
  transfer.headers = curl_slist_append(transfer.headers, "Accept-Encoding: gzip");
  identity_.configure(transfer);
  transfer.set_deadline(settings_.timeout);
  transfer.profile = identity_.version();
}

void HttpPoller::Impl::take(std::unique_ptr<Transfer> transfer, CURLcode code) {
  const auto polled = std::static_pointer_cast<Polled>(std::exchange(transfer->owner, nullptr));
  polled->on_its_way = false;
  if (std::optional<Error> error = transfer->failure(code)) {
    answer(*polled, *std::move(error));
  } else {
    Result<FetchResponse> response = std::move(transfer->response);
    answer(*polled, response);
    transfer->response = std::move(response).value();  // its memory serves the next one
  }
  transfer->renew();
  loop_.put_idle(std::move(transfer));
}

void HttpPoller::Impl::answer(Polled& polled, const Result<FetchResponse>& result) {
  if (!polled.gone) polled.target.sink->answered(result);
  if (std::exchange(polled.answered, true) || polled.gone) return;
  const std::lock_guard lock(mutex_);
  if (unanswered_ > 0 && --unanswered_ == 0) first_answers_.notify_all();
}

HttpPoller::HttpPoller(PollSettings settings, std::function<nanoseconds()> elapsed)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(elapsed))) {}
HttpPoller::~HttpPoller() = default;

void HttpPoller::poll(std::vector<PollTarget> targets) {
  impl_->poll(std::move(targets));
}
void HttpPoller::wait_for_first_answers(Duration at_most) {
  impl_->wait_for_first_answers(at_most);
}

}  // namespace autoscaler
