// What a scrape costs beside the least that it could cost: the same page of 50 KB, fetched over
// kept connections by libcurl's multi_socket on epoll alone and thrown away. Both fetch the same
// pages of the same hosts at the same pace, that of 5,000 targets at 5 s. CPU of this process (user
// and system), medians of rounds that take turns, so that a busy machine touches all alike. Then
// 5,000 targets at 5 s.

#include "base/check.h"
#include "metrics/http_poller.h"
#include "metrics/scraped_target.h"
#include "tests/bench/page_server.h"

#include <curl/curl.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr int kHosts = 200;
constexpr milliseconds kTurn{200};
constexpr nanoseconds kGap = nanoseconds(kTurn) / kHosts;  // between two fetches: 1 ms
constexpr int kFetches = 2'000;                            // in a round
constexpr int kRounds = 5;
constexpr size_t kPageBytes = 50'000;
constexpr int kAllFamilies = 117;  // of the page

// Like a node exporter: some 120 families of 4 series.
std::string page() {
  std::string text;
  for (int family = 0; text.size() < kPageBytes; ++family) {
    const std::string name = "shop_requests_" + std::to_string(family) + "_total";
    text +=
        "# HELP " + name + " Requests of one kind since the start.\n# TYPE " + name + " counter\n";
    for (int i = 0; i < 4; ++i) {
      text += name + "{method=\"GET\",handler=\"/api/v1/items\",code=\"" + std::to_string(200 + i) +
              "\"} " + std::to_string(123456 + family * 1013 + i * 97) + ".5\n";
    }
  }
  return text;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

// libcurl and epoll, and nothing else.
class Bare {
 public:
  Bare(const PageServer& server, long buffer) {
    multi_ = curl_multi_init();
    epoll_ = epoll_create1(0);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, long{kHosts});
    for (int host = 0; host < kHosts; ++host) {
      CURL* easy = curl_easy_init();
      curl_easy_setopt(easy, CURLOPT_URL, server.url(host).c_str());
      curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &discard);
      curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
      if (buffer > 0) curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, buffer);
      easies_.push_back(easy);
    }
  }
  ~Bare() {
    for (CURL* easy : easies_) curl_easy_cleanup(easy);
    curl_multi_cleanup(multi_);
    close(epoll_);
  }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;

  // Of one host after the other, each in its turn; one that is still on its way is left out of it.
  void fetch(int count) {
    int turn = 0;
    int ended = 0;
    const steady_clock::time_point begin = steady_clock::now();
    while (ended < count) {
      for (; steady_clock::now() >= begin + turn * kGap; ++turn) {
        curl_multi_add_handle(multi_, easies_[static_cast<size_t>(turn % kHosts)]);
      }
      steady_clock::time_point until = begin + turn * kGap;
      if (timer_ && *timer_ < until) until = *timer_;
      ended += run_once(std::chrono::ceil<milliseconds>(until - steady_clock::now()));
    }
  }

 private:
  static size_t discard(char*, size_t, size_t bytes, void*) { return bytes; }
  static int on_socket(CURL*, curl_socket_t socket, int what, void* user, void* known) {
    auto& self = *static_cast<Bare*>(user);
    if (what == CURL_POLL_REMOVE) return epoll_ctl(self.epoll_, EPOLL_CTL_DEL, socket, nullptr), 0;
    epoll_event event{};
    event.data.fd = socket;
    event.events =
        ((what & CURL_POLL_IN) ? EPOLLIN : 0u) | ((what & CURL_POLL_OUT) ? EPOLLOUT : 0u);
    epoll_ctl(self.epoll_, known == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event);
    curl_multi_assign(self.multi_, socket, user);
    return 0;
  }
  static int on_timer(CURLM*, long timeout, void* user) {
    auto& timer = static_cast<Bare*>(user)->timer_;
    timer.reset();
    if (timeout >= 0) timer = steady_clock::now() + milliseconds(timeout);
    return 0;
  }
  int run_once(milliseconds wait) {
    std::array<epoll_event, 256> events;
    int running = 0;
    const int ready =
        epoll_wait(epoll_, events.data(), 256, std::max(0, static_cast<int>(wait.count())));
    if (timer_ && *timer_ <= steady_clock::now()) {
      timer_.reset();
      curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    for (int i = 0; i < ready; ++i) {
      const epoll_event& event = events[static_cast<size_t>(i)];
      const int what = ((event.events & EPOLLIN) ? CURL_CSELECT_IN : 0) |
                       ((event.events & EPOLLOUT) ? CURL_CSELECT_OUT : 0);
      curl_multi_socket_action(multi_, event.data.fd, what, &running);
    }
    int ended = 0;
    int queued = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &queued)) {
      CHECK(message->data.result == CURLE_OK);
      curl_multi_remove_handle(multi_, message->easy_handle);
      ++ended;
    }
    return ended;
  }

  CURLM* multi_;
  int epoll_;
  std::optional<steady_clock::time_point> timer_;
  std::vector<CURL*> easies_;
};

// Ours, with the page taken into the windows of `families` signals; counts what has come.
class Counted final : public PollSink {
 public:
  Counted(std::string url, int families, Duration window, std::atomic<int>& good)
      : target_(
            std::move(url), plans(families, window), seconds(5),
            [] {
              return Instant(std::chrono::floor<Duration>(
                  std::chrono::system_clock::now().time_since_epoch()));
            },
            1),
        good_(good) {}
  bool may_ask() override { return target_.may_ask(); }
  void answered(const Result<FetchResponse>& answer) override {
    target_.answered(answer);
    if (!target_.latest()->page.failure) ++good_;
  }

 private:
  static std::shared_ptr<const ScrapedTarget::Plans> plans(int families, Duration window) {
    auto plans = std::make_shared<ScrapedTarget::Plans>();
    for (int i = 0; i < families; ++i) {
      const std::string name = "shop_requests_" + std::to_string(i) + "_total";
      plans->push_back(make_plan({RateOf{{name, {}}, 1}, window}));
    }
    return plans;
  }
  ScrapedTarget target_;
  std::atomic<int>& good_;
};

class Discarded final : public PollSink {
 public:
  explicit Discarded(std::atomic<int>& good) : good_(good) {}
  bool may_ask() override { return true; }
  void answered(const Result<FetchResponse>& answer) override {
    if (answer) ++good_;
  }

 private:
  std::atomic<int>& good_;
};

// Without families to read, the page is thrown away.
std::vector<PollTarget> targets(const PageServer& server, int hosts, int families, Duration window,
                                std::atomic<int>& good) {
  std::vector<PollTarget> all;
  for (int host = 0; host < hosts; ++host) {
    std::shared_ptr<PollSink> sink = std::make_shared<Discarded>(good);
    if (families > 0) {
      sink = std::make_shared<Counted>(server.url(host), families, window, good);
    }
    all.push_back({"host-" + std::to_string(host), server.url(host), std::move(sink)});
  }
  return all;
}

nanoseconds monotonic() {
  return steady_clock::now().time_since_epoch();
}

// The windows hold as many points as those of 30 s at 5 s.
class Ours {
 public:
  Ours(const PageServer& server, int families)
      : poller_(PollSettings{.interval = kTurn}, &monotonic) {
    poller_.poll(targets(server, kHosts, families, 6 * kTurn, good_));
    poller_.wait_for_first_answers(seconds(20));
  }
  void fetch(int count) {
    const int end = good_ + count;
    while (good_ < end) std::this_thread::sleep_for(milliseconds(5));
  }
  int good() const { return good_; }

 private:
  std::atomic<int> good_ = 0;
  HttpPoller poller_;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void compare(const PageServer& server) {
  Bare bare(server, 0);
  Bare bare_wide(server, 64L << 10);
  struct Row {
    const char* name;
    std::vector<double> micros;
  };
  Row rows[] = {{"bare, as libcurl comes", {}},
                {"bare, 64 KB buffer", {}},
                {"ours, thrown away", {}},
                {"ours, 5 families", {}},
                {"ours, all 117 families", {}}};
  bare.fetch(kFetches);
  bare_wide.fetch(kFetches);
  for (int round = 0; round < kRounds; ++round) {
    const auto add = [&](Row& row, double before, int fetched) {
      row.micros.push_back((cpu_seconds() - before) / fetched * 1e6);
    };
    double before = cpu_seconds();
    bare.fetch(kFetches);
    add(rows[0], before, kFetches);
    before = cpu_seconds();
    bare_wide.fetch(kFetches);
    add(rows[1], before, kFetches);
    constexpr int kFamilies[] = {0, 5, kAllFamilies};
    for (size_t i = 0; i < 3; ++i) {
      Ours ours(server, kFamilies[i]);
      ours.fetch(kFetches / 2);
      before = cpu_seconds();
      const int good = ours.good();
      ours.fetch(kFetches);
      add(rows[2 + i], before, ours.good() - good);
    }
  }
  const double reference = std::min(median(rows[0].micros), median(rows[1].micros));
  std::printf("%-26s %14s %18s\n", "page of 50 KB", "CPU us/scrape", "of the lesser bare");
  for (const Row& row : rows) {
    std::printf("%-26s %14.1f %18.2f\n", row.name, median(row.micros),
                median(row.micros) / reference);
  }
}

void many(const PageServer& server) {
  constexpr int kMany = 5'000;
  std::atomic<int> good = 0;
  HttpPoller poller(PollSettings{}, &monotonic);
  poller.poll(targets(server, kMany, 5, seconds(30), good));
  poller.wait_for_first_answers(seconds(60));
  std::this_thread::sleep_for(seconds(8));  // all are in their turns
  std::vector<double> cores;
  const int begin = good;
  for (int round = 0; round < 3; ++round) {
    const double before = cpu_seconds();
    const auto start = steady_clock::now();
    std::this_thread::sleep_for(seconds(5));
    cores.push_back((cpu_seconds() - before) /
                    std::chrono::duration<double>(steady_clock::now() - start).count());
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf(
      "%d targets at 5 s, 5 families: %.1f %% of a core, %d of %d answers good, "
      "%ld MiB resident at most\n",
      kMany, 100 * median(cores), good - begin, 3 * kMany, usage.ru_maxrss / 1024);
}

// `only`: compare, many, or anything else for both.
int run(const std::string& only) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const PageServer server(page());
  curl_global_init(CURL_GLOBAL_DEFAULT);
  if (only != "many") compare(server);
  if (only != "compare") many(server);
  return 0;
}

}  // namespace
}  // namespace autoscaler

int main(int argc, char** argv) {
  return autoscaler::run(argc > 1 ? argv[1] : "");
}
